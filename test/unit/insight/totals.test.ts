import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../../../src/events/event.ts';
import { compareTotals, NOTHING } from '../../../src/insight/totals/compare-totals.ts';
import { type CountedLoan, loanOfTotals, type Totals, totalsStepOf } from '../../../src/insight/totals/totals-step.ts';
import { logEvent } from '../../support/log-event.ts';

const APP = 'app_00000000000000000000000000000001';
const zone = () => 'Asia/Shanghai';

/** Sums what events add, over all days. */
function sumOf(events: readonly LogEvent[]): Totals {
  const loans = new Map<string, CountedLoan>();
  const sum: Record<string, number> = { ...NOTHING };
  for (const event of events) {
    const step = totalsStepOf(event, loans.get(loanOfTotals(event) ?? ''), zone);
    if (step === null) continue;
    for (const [name, amount] of Object.entries(step.adds)) sum[name] = (sum[name] ?? 0) + amount;
    if (step.loan) loans.set(step.loan.id, step.loan);
  }
  return sum as Totals;
}

const at = (day: number) => `2026-03-${String(day).padStart(2, '0')}T04:00:00.000Z`;
const event = (type: LogEvent['type'], day: number, data: LogEvent['data'] = {}) => ({
  ...logEvent(type, APP, `${day}-0`, data),
  occurred_at: at(day),
});
const disbursed = event('loan.disbursed', 1, { loan_id: 'L', principal: 1_000, currency: 'CNY', disbursed_at: at(1) });
const paid = (ref: string, principal: number, day = 2) =>
  event('installment.paid', day, {
    loan_id: 'L',
    payment_ref: ref,
    no: 1,
    principal,
    interest: 10,
    fees: [{ kind: 'service', payee: 'lender', amount: 3 }],
    penalty: 1,
    waived: 0,
    paid_at: at(day),
  });
const reversed = (ref: string, day: number, status?: string) => ({
  ...event('installment.reversed', day, { loan_id: 'L', payment_ref: ref }),
  ...(status === undefined ? {} : { now: { loan: { status } } }),
});
const settled = (day: number) => event('loan.settled', day, { loan_id: 'L', settled_at: at(day) });

describe('what the events of a day come to', () => {
  test('a loan that is paid out is outstanding until it is settled', () => {
    expect(sumOf([disbursed])).toMatchObject({
      disbursed_count: 1,
      disbursed_principal: 1_000,
      outstanding_count: 1,
      outstanding_principal: 1_000,
    });
    expect(sumOf([disbursed, paid('P1', 400)])).toMatchObject({
      paid_count: 1,
      paid_principal: 400,
      paid_interest: 10,
      paid_fees: 3,
      paid_penalty: 1,
      outstanding_principal: 600,
    });
    expect(sumOf([disbursed, paid('P1', 1_000), settled(3)])).toMatchObject({
      outstanding_count: 0,
      outstanding_principal: 0,
    });
    expect(sumOf([disbursed, paid('P1', 900), settled(3)])).toMatchObject({
      outstanding_count: 0,
      outstanding_principal: 0,
    });
  });

  test('a payment that came back is taken out again, and opens what it had settled', () => {
    expect(sumOf([disbursed, paid('P1', 1_000), settled(3), reversed('P1', 4, 'active')])).toMatchObject({
      paid_count: 0,
      paid_principal: 0,
      outstanding_count: 1,
      outstanding_principal: 1_000,
    });
    expect(sumOf([disbursed, paid('P1', 1_000), reversed('P1', 4), settled(3)])).toMatchObject({
      outstanding_count: 1,
      outstanding_principal: 1_000,
    });
  });

  test('written off or returned, it is outstanding no longer; what is recovered counts as paid', () => {
    const off = event('loan.written_off', 3, { loan_id: 'L', written_off_at: at(3) });
    expect(sumOf([disbursed, off, paid('P9', 200, 5)])).toMatchObject({
      paid_principal: 200,
      outstanding_count: 0,
      outstanding_principal: 0,
    });
    const returned = event('loan.cancelled', 2, { loan_id: 'L', reason: 'cooling_off' });
    expect(sumOf([disbursed, returned])).toMatchObject({
      disbursed_count: 1,
      outstanding_count: 0,
      outstanding_principal: 0,
    });
  });

  test('the same payment or end told twice counts once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 3 }), fc.boolean(), (parts, ends) => {
        const events = [disbursed, ...parts.map((part, no) => paid(`P${no}`, part)), ...(ends ? [settled(9)] : [])];
        const doubled = events.flatMap((one) => (one === disbursed ? [one] : [one, one]));
        expect(sumOf(doubled)).toEqual(sumOf(events));
      }),
    );
  });

  test('an event counts on the day of the product’s zone', () => {
    const late = { ...event('application.submitted', 1), occurred_at: '2026-03-01T16:30:00.000Z' };
    expect(totalsStepOf(late, undefined, zone)?.day).toBe('2026-03-02');
  });
});

test('every figure that differs is named, with its difference; what one side leaves out is nothing', () => {
  const ours = { a: { ...NOTHING, applications: 3 }, b: { ...NOTHING, paid_count: 1 } };
  const theirs = { a: { ...NOTHING, applications: 5 } };
  expect(compareTotals(ours, theirs)).toEqual([
    { product_id: 'a', figure: 'applications', ours: 3, theirs: 5, difference: 2 },
    { product_id: 'b', figure: 'paid_count', ours: 1, theirs: 0, difference: -1 },
  ]);
});
