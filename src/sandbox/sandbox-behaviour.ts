import { createHash } from 'node:crypto';
import { DAY_MS, HOUR_MS, isoOf, MINUTE_MS, SECOND_MS } from '../base/clock.ts';
import type { Product } from '../registry/schema/product.ts';
import { loanSteps } from './sandbox-loan-steps.ts';
import type { Scenario } from './sandbox-scenario.ts';
import { type Step, StepList } from './sandbox-step.ts';
import { type Asked, moneyIn, roundToStep, statedApr } from './sandbox-terms.ts';

/** One application at the sandbox lender. */
export interface SandboxApplication {
  readonly scenario: Scenario;
  readonly applicationId: string;
  readonly product: Product;
  readonly asked: Asked;
  readonly funderId: string | null;
  /** Draws down in the lender's own app, without the partner. */
  readonly drawsByItself: boolean;
  /** When it arrived, ms of the sandbox clock. */
  readonly acceptedMs: number;
}

const DECIDED_AFTER_MS = SECOND_MS;
const INPUT_AFTER_MS = HOUR_MS;
const INPUT_EXPIRES_DAYS = 7;
const DRAWDOWN_AFTER_MS = MINUTE_MS;
const DECLINED_FOR_DAYS = 30;
const CREDIT_DAYS = 365;

/** The event after which an application that waits for input goes on. */
export const INPUT_COMPLETED = 'action.completed';

/** The sandbox lender's reference of something that it was told under our id. */
export function lenderRefOf(kind: 'A' | 'L', id: string): string {
  return `SBX-${kind}-${createHash('sha256').update(id).digest('hex').slice(0, 16).toUpperCase()}`;
}

/** Everything that the lender will report about an application, and about the loan that its applicant takes alone. */
export function applicationSteps(application: SandboxApplication): Step[] {
  const { scenario, applicationId, acceptedMs } = application;
  const list = new StepList(applicationId, { application_id: applicationId });
  list.add(acceptedMs, 'application.verifying');
  let decidedMs = acceptedMs + DECIDED_AFTER_MS;
  if (scenario === 'stays_in_review') {
    list.add(decidedMs, 'application.in_review');
    return list.steps;
  }
  if (scenario === 'declined') {
    const retryAt = isoOf(decidedMs + DECLINED_FOR_DAYS * DAY_MS);
    list.add(decidedMs, 'credit.declined', { reason: 'credit_policy', retry_at: retryAt });
    return list.steps;
  }
  if (scenario === 'needs_input') decidedMs = addInput(list, decidedMs);
  addGrant(list, application, decidedMs);
  if (application.drawsByItself) {
    const requestedMs = decidedMs + DRAWDOWN_AFTER_MS;
    addOwnRequest(list, application, requestedMs);
    list.steps.push(...ownLoanSteps(application, requestedMs));
  }
  return list.steps;
}

/** @returns when the lender decides, if the input is not given sooner */
function addInput(list: StepList, askedMs: number): number {
  const askedId = list.add(askedMs, 'action.required', {
    type: 'supplement',
    scene: 'apply',
    fields: ['email'],
    message: 'An e-mail address is needed.',
    expires_at: isoOf(askedMs + INPUT_EXPIRES_DAYS * DAY_MS),
  });
  // A lender names the action by its own event that asked for it.
  list.add(askedMs + INPUT_AFTER_MS, INPUT_COMPLETED, { action_id: askedId });
  return askedMs + INPUT_AFTER_MS + DECIDED_AFTER_MS;
}

function addGrant(list: StepList, application: SandboxApplication, grantedMs: number): void {
  const { product, funderId } = application;
  const asked = grantedTerms(application);
  const money = moneyIn(product.currency);
  list.add(grantedMs, 'credit.granted', {
    amount: money(asked.amount),
    min: money(BigInt(product.amount.min)),
    step: money(BigInt(product.amount.step)),
    terms: product.term.options,
    apr: statedApr(product, asked, grantedMs),
    expires_at: isoOf(grantedMs + CREDIT_DAYS * DAY_MS),
    ...(funderId === null ? {} : { funder_id: funderId }),
  });
}

function addOwnRequest(list: StepList, application: SandboxApplication, requestedMs: number): void {
  const asked = grantedTerms(application);
  list.add(requestedMs, 'loan.requested', {
    lender_ref: lenderRefOf('L', application.applicationId),
    amount: moneyIn(application.product.currency)(asked.amount),
    term: asked.term,
    term_unit: asked.termUnit,
    purpose: asked.purpose ?? 'consumption',
    requested_at: isoOf(requestedMs),
  });
}

function ownLoanSteps(application: SandboxApplication, requestedMs: number): Step[] {
  const { applicationId, product, scenario, funderId } = application;
  return loanSteps({
    scenario,
    product,
    asked: grantedTerms(application),
    key: `${applicationId}:own`,
    object: { lender_ref: lenderRefOf('L', applicationId) },
    funderId,
    requestedMs,
  });
}

/** What is granted: the requested amount on the product's steps, for a term that it offers. */
function grantedTerms({ product, asked }: SandboxApplication): Asked {
  const offered = product.term.unit === asked.termUnit && product.term.options.includes(asked.term);
  const [first = asked.term] = product.term.options;
  return {
    amount: roundToStep(product, asked.amount),
    term: offered ? asked.term : first,
    termUnit: product.term.unit,
    purpose: asked.purpose,
  };
}
