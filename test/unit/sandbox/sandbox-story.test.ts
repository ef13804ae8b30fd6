import { describe, expect, test } from 'vitest';
import { applyLenderEvent } from '../../../src/applications/lifecycle/apply-lender-event.ts';
import { parseLenderEvent } from '../../../src/applications/lifecycle/lender-event.ts';
import type { Application } from '../../../src/applications/model.ts';
import { isoOf } from '../../../src/base/clock.ts';
import { applicationSteps } from '../../../src/sandbox/sandbox-behaviour.ts';
import { loanSteps } from '../../../src/sandbox/sandbox-loan-steps.ts';
import { type Scenario, scenarioOfPhone } from '../../../src/sandbox/sandbox-scenario.ts';
import type { Step } from '../../../src/sandbox/sandbox-step.ts';
import { sampleApplication, sampleLoan } from '../../support/sample-application.ts';
import { sampleLender } from '../../support/sample-lender.ts';

const START = Date.parse('2026-03-02T04:05:06.000Z');
const SHAPES: Record<string, unknown>[] = [
  { repayment: 'equal_instalments' },
  { repayment: 'equal_principal' },
  { repayment: 'interest_only' },
  { repayment: 'bullet', term: { options: [1, 3], unit: 'month' } },
  { repayment: 'bullet', term: { options: [14, 30], unit: 'day' } },
  { fees: [{ kind: 'service', payee: 'lender', percent: '0.2', when: 'each' }] },
  { fees: [{ kind: 'service', payee: 'lender', fixed: 1_000, when: 'upfront' }] },
];

function productOf(shape: Record<string, unknown>) {
  const [plain] = sampleLender().products;
  const [product] = sampleLender({ products: [{ ...plain, ...shape }] }).products;
  if (!product) throw new Error('no product');
  return product;
}

/** Plays a story through the gateway's own lifecycle. */
function play(scenario: Scenario, shape: Record<string, unknown>, alone: boolean): Application {
  const product = productOf(shape);
  const [term = 1] = product.term.options.slice(-1);
  const asked = { amount: 500_000n, term, termUnit: product.term.unit, purpose: 'consumption' };
  let application = sampleApplication('A', { status: 'submitted', lender_ref: 'REF' });
  const common = { scenario, product, asked, funderId: 'harbour' };
  const apply = (steps: readonly Step[]) => {
    for (const step of steps) {
      const parsed = parseLenderEvent({ ...step.event, occurred_at: isoOf(step.dueMs) });
      if (!parsed.ok) throw new Error(`${step.event.type}: ${parsed.detail}`);
      const facts = { nowMs: step.dueMs, lenderId: application.lender_id, product };
      const decision = applyLenderEvent(application, parsed.event, facts);
      expect({ type: step.event.type, ...decision }).toMatchObject({ type: step.event.type, result: 'applied' });
      if (decision.result !== 'rejected') application = decision.application;
    }
  };
  const drawsByItself = alone;
  apply(applicationSteps({ ...common, applicationId: application.id, drawsByItself, acceptedMs: START }));
  if (application.status !== 'credit_granted' || alone) return application;
  const loan = sampleLoan(application.id, 'L', { term, term_unit: product.term.unit });
  application = { ...application, loans: [loan] };
  const requestedMs = START + 86_400_000;
  apply(loanSteps({ ...common, key: loan.id, object: { loan_id: loan.id }, requestedMs }));
  return application;
}

const STORIES = [
  ['0000', 'credit_granted', 'settled'],
  ['0001', 'credit_declined', undefined],
  ['0002', 'credit_granted', 'settled'],
  ['0003', 'in_review', undefined],
  ['0004', 'credit_granted', 'payout_failed'],
  ['0005', 'credit_granted', 'overdue'],
  ['0006', 'credit_granted', 'cancelled'],
  ['0007', 'credit_granted', 'settled'],
  ['0010', 'credit_granted', 'settled'],
] as const;

describe('every story of the sandbox lender is one that the gateway accepts to its end', () => {
  for (const shape of SHAPES) {
    test.each(STORIES)(`%s ends as application %s, loan %s, with ${JSON.stringify(shape)}`, (suffix, status, loan) => {
      for (const alone of [false, true]) {
        const application = play(scenarioOfPhone(suffix), shape, alone);
        expect([application.status, application.loans[0]?.status]).toEqual([status, loan]);
      }
    });
  }
});
