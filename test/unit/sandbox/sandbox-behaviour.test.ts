import { describe, expect, test } from 'vitest';
import { parseLenderEvent } from '../../../src/applications/lifecycle/lender-event.ts';
import { isoOf } from '../../../src/base/clock.ts';
import { applicationSteps, type SandboxApplication } from '../../../src/sandbox/sandbox-behaviour.ts';
import { loanSteps } from '../../../src/sandbox/sandbox-loan-steps.ts';
import { drawsByItself, scenarioOfPhone } from '../../../src/sandbox/sandbox-scenario.ts';
import type { Step } from '../../../src/sandbox/sandbox-step.ts';
import { roundToStep } from '../../../src/sandbox/sandbox-terms.ts';
import { sampleProduct } from '../../support/sample-lender.ts';

const product = sampleProduct();
const START = Date.parse('2026-03-02T04:05:06.000Z');
const asked = { amount: 500_000n, term: 3, termUnit: 'month' as const, purpose: 'consumption' };

function applied(phone: string, change: Partial<SandboxApplication> = {}): Step[] {
  const scenario = scenarioOfPhone(phone);
  const base = { scenario, applicationId: 'app_1', product, asked, funderId: 'harbour', drawsByItself: false };
  return applicationSteps({ ...base, acceptedMs: START, ...change });
}

function drawn(phone: string): Step[] {
  const scenario = scenarioOfPhone(phone);
  const object = { loan_id: 'loan_1' };
  return loanSteps({ scenario, product, asked, key: 'loan_1', object, funderId: 'harbour', requestedMs: START });
}

const story = (steps: readonly Step[]) =>
  steps.map((step) => `${new Date(step.dueMs).toISOString().slice(0, 19)} ${step.event.type}`);
const ofType = (steps: readonly Step[], type: string) => steps.filter((step) => step.event.type === type);
const amountOf = (value: unknown) => (value as { amount: number }).amount;

describe('what the last four digits stand for', () => {
  test('0000 is verified at once and granted a second later', () => {
    expect(story(applied('13800130000'))).toEqual([
      '2026-03-02T04:05:06 application.verifying',
      '2026-03-02T04:05:07 credit.granted',
    ]);
  });

  test('0000 repays at ten o’clock in the product’s time zone on each due day and settles', () => {
    expect(story(drawn('13800130000'))).toEqual([
      '2026-03-02T04:05:06 loan.paying_out',
      '2026-03-02T04:05:07 loan.disbursed',
      '2026-04-02T02:00:00 installment.paid',
      '2026-05-02T02:00:00 installment.paid',
      '2026-06-02T02:00:00 installment.paid',
      '2026-06-02T02:00:01 loan.settled',
    ]);
  });

  test('0001 is declined for thirty days', () => {
    const [, declined] = applied('13800130001');
    expect(declined?.event).toMatchObject({ type: 'credit.declined', data: { retry_at: '2026-04-01T04:05:07.000Z' } });
  });

  test('0002 needs input, completes it by itself after an hour, and is granted', () => {
    expect(story(applied('13800130002'))).toEqual([
      '2026-03-02T04:05:06 application.verifying',
      '2026-03-02T04:05:07 action.required',
      '2026-03-02T05:05:07 action.completed',
      '2026-03-02T05:05:08 credit.granted',
    ]);
  });

  test('0003 stays in review', () => {
    expect(story(applied('13800130003')).at(-1)).toBe('2026-03-02T04:05:07 application.in_review');
  });

  test('0004 is granted, but the payout fails', () => {
    expect(ofType(applied('13800130004'), 'credit.granted')).toHaveLength(1);
    expect(story(drawn('13800130004')).at(-1)).toBe('2026-03-02T04:05:07 loan.payout_failed');
  });

  test('0005 pays nothing and is reported overdue on the day after', () => {
    expect(story(drawn('13800130005')).slice(2)).toEqual(['2026-04-02T16:30:00 loan.overdue']);
  });

  test('0006 gives the money back on the next day', () => {
    const last = drawn('13800130006').at(-1);
    expect(last?.event).toMatchObject({ type: 'loan.cancelled', data: { reason: 'cooling_off' } });
    expect(story(drawn('13800130006')).at(-1)).toBe('2026-03-03T04:05:07 loan.cancelled');
  });

  test('0007 pays the rest on the day after the second instalment', () => {
    expect(story(drawn('13800130007')).slice(2)).toEqual([
      '2026-04-02T02:00:00 installment.paid',
      '2026-05-02T02:00:00 installment.paid',
      '2026-05-03T02:00:00 loan.schedule_updated',
      '2026-05-03T02:00:01 installment.paid',
      '2026-05-03T02:00:02 loan.settled',
    ]);
    expect(drawn('13800130007').at(-1)?.event.data).toMatchObject({ early: true });
  });

  test('0010 and everybody who came by a link draw down at the lender a minute after the grant', () => {
    expect(drawsByItself(scenarioOfPhone('13800130010'), { kind: 'platform', via: 'api' })).toBe(true);
    expect(drawsByItself('repays_on_time', { kind: 'referral', via: 'api' })).toBe(true);
    expect(drawsByItself('repays_on_time', { kind: 'platform', via: 'click' })).toBe(true);
    expect(drawsByItself('repays_on_time', { kind: 'platform', via: 'api' })).toBe(false);
    const steps = applied('13800130010', { drawsByItself: true });
    expect(story(steps).slice(2, 5)).toEqual([
      '2026-03-02T04:06:07 loan.requested',
      '2026-03-02T04:06:07 loan.paying_out',
      '2026-03-02T04:06:08 loan.disbursed',
    ]);
    const [requested] = ofType(steps, 'loan.requested');
    const [disbursed] = ofType(steps, 'loan.disbursed');
    expect(requested?.event.application_id).toBe('app_1');
    expect(disbursed?.event.lender_ref).toBe(requested?.event.data.lender_ref);
  });

  test('any other number behaves like 0000', () => {
    for (const phone of ['13800138888', '13800130099', '', undefined, { md5: 'x' }]) {
      expect(scenarioOfPhone(phone)).toBe('repays_on_time');
    }
  });
});

const SUFFIXES = ['0000', '0001', '0002', '0003', '0004', '0005', '0006', '0007', '0010'];

describe('whatever the story', () => {
  test.each(SUFFIXES)('%s sends events that the lender door understands', (suffix) => {
    for (const step of [...applied(`1380013${suffix}`, { drawsByItself: true }), ...drawn(`1380013${suffix}`)]) {
      expect(parseLenderEvent({ ...step.event, occurred_at: isoOf(step.dueMs) })).toMatchObject({ ok: true });
    }
  });

  test.each(SUFFIXES)('%s has unique steps in order of time', (suffix) => {
    const steps = applied(`1380013${suffix}`, { drawsByItself: true });
    expect(new Set(steps.map((step) => step.id)).size).toBe(steps.length);
    expect([...steps].sort((a, b) => a.dueMs - b.dueMs || (a.id < b.id ? -1 : 1))).toEqual(steps);
  });

  test.each(['0000', '0007'])('%s pays back the principal to the cent', (suffix) => {
    const paid = ofType(drawn(`1380013${suffix}`), 'installment.paid');
    expect(paid.reduce((sum, step) => sum + amountOf(step.event.data.principal), 0)).toBe(500_000);
  });

  test('the amount granted lies on the product’s steps', () => {
    expect(roundToStep(product, 123_456n)).toBe(120_000n);
    expect(roundToStep(product, 1n)).toBe(100_000n);
    expect(roundToStep(product, 99_999_999n)).toBe(5_000_000n);
    const [granted] = ofType(applied('13800130000', { asked: { ...asked, amount: 123_456n } }), 'credit.granted');
    expect(granted?.event.data.amount).toEqual({ amount: 120_000, currency: 'CNY' });
  });
});
