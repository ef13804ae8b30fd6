import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sweepLoan } from '../../../../src/applications/lifecycle/days-past-due.ts';
import { bucketOf } from '../../../../src/applications/lifecycle/past-due.ts';
import { nextSweepAt, sweepApplication } from '../../../../src/applications/lifecycle/sweep-application.ts';
import type { Application } from '../../../../src/applications/model.ts';
import {
  active,
  at,
  factsAt,
  granted,
  LOAN_ID,
  loanOf,
  overdue,
  PRODUCT,
  paid,
  requested,
  START,
  submitted,
  tell,
  types,
} from './story.ts';

const COUNT = { timezone: 'Asia/Shanghai', fpdDays: 30 };
const shanghai = (text: string): number => Date.parse(`${text}+08:00`);
const sweep = (application: Application, text: string) => sweepLoan(application, LOAN_ID, shanghai(text), COUNT);

describe('days past due', () => {
  test('change at midnight in the product’s time zone, the day after the due date', () => {
    expect(sweep(active(), '2026-02-01T23:59:59').events).toEqual([]);
    const { application, events } = sweep(active(), '2026-02-02T00:00:00');
    expect(loanOf(application)).toMatchObject({ status: 'overdue', days_past_due: 1 });
    expect(events).toEqual([
      {
        type: 'loan.overdue',
        occurred_at: '2026-02-01T16:00:00.000Z',
        data: { loan_id: LOAN_ID, no: 1, days_past_due: 1, amount_overdue: 101_700, currency: 'CNY' },
      },
    ]);
  });

  test('a zone behind Greenwich counts by its own midnight, also when its clocks change', () => {
    const count = { timezone: 'America/New_York', fpdDays: 30 };
    const before = sweepLoan(active(), LOAN_ID, Date.parse('2026-02-02T04:59:59Z'), count);
    expect(before.events).toEqual([]);
    const after = sweepLoan(active(), LOAN_ID, Date.parse('2026-03-10T04:00:00Z'), count);
    expect(loanOf(after.application).days_past_due).toBe(37);
  });

  test('the first instalment unpaid for fpd_days is a default, once, at its own midnight', () => {
    const { application, events } = sweep(active(), '2026-03-20T10:00:00');
    expect(events.map((each) => [each.type, each.occurred_at, each.data.days_past_due])).toEqual([
      ['loan.overdue', new Date(shanghai('2026-02-02T00:00:00')).toISOString(), 1],
      ['loan.overdue', new Date(shanghai('2026-03-03T00:00:00')).toISOString(), 30],
      ['loan.first_payment_default', new Date(shanghai('2026-03-03T00:00:00')).toISOString(), 30],
    ]);
    expect(loanOf(application)).toMatchObject({ first_payment_default: true, days_past_due: 47 });
    expect(types(sweep(application, '2026-04-05T00:00:00').events)).toEqual(['loan.overdue']);
  });

  test('the lender’s count and ours together make one default', () => {
    const told = tell(active(), [overdue(1, 61, 30)]).application;
    expect(types(sweep(told, '2026-03-20T10:00:00').events)).toEqual([]);
    const swept = sweep(active(), '2026-03-20T10:00:00').application;
    expect(types(tell(swept, [overdue(1, 78, 47)]).events)).toEqual(['application.noted']);
  });

  test('a late first instalment that is paid, and a default of a later one, are no first payment default', () => {
    const later = tell(active(), [paid(1, 40)]).application;
    expect(types(sweep(later, '2026-04-15T00:00:00').events)).toEqual(['loan.overdue', 'loan.overdue']);
    expect(loanOf(sweep(later, '2026-04-15T00:00:00').application).first_payment_default).toBe(false);
  });

  test('a loan that is paid, settled or not yet paid out is left alone', () => {
    const all = tell(active(), [paid(1, 20), paid(2, 20), paid(3, 20)]).application;
    expect(sweep(all, '2027-01-01T00:00:00')).toEqual({ application: all, events: [] });
    const waiting = tell(submitted(), [granted(0.1), requested(0.2)]).application;
    expect(sweep(waiting, '2027-01-01T00:00:00').application).toBe(waiting);
  });

  test('buckets begin at 1, 30, 60 and 90 days', () => {
    const at = [0, 1, 29, 30, 59, 60, 89, 90, 500];
    expect(at.map(bucketOf)).toEqual(['M0', 'M1', 'M1', 'M2', 'M2', 'M3', 'M3', 'M4+', 'M4+']);
  });

  test('however often and however late it is swept, the same happens at the same times', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 * 24 }), { maxLength: 20 }), (hours) => {
        const end = START + 200 * 86_400_000;
        const stops = hours.sort((one, other) => one - other).map((hour) => START + hour * 3_600_000);
        let stepwise = active();
        const events = [...stops, end].flatMap((nowMs) => {
          const swept = sweepLoan(stepwise, LOAN_ID, nowMs, COUNT);
          stepwise = swept.application;
          return swept.events;
        });
        const atOnce = sweepLoan(active(), LOAN_ID, end, COUNT);
        const key = (each: (typeof events)[number]) => `${each.occurred_at} ${each.type}`;
        expect(events.map(key).sort()).toEqual(atOnce.events.map(key).sort());
        expect(stepwise).toEqual(atOnce.application);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the timer', () => {
  test('is set for the day after the next due date, then for every midnight of the arrears', () => {
    expect(nextSweepAt(active(), START, PRODUCT.timezone)).toBe(shanghai('2026-02-02T00:00:00'));
    const swept = sweep(active(), '2026-02-02T00:00:00').application;
    expect(nextSweepAt(swept, shanghai('2026-02-02T00:00:00'), PRODUCT.timezone)).toBe(shanghai('2026-02-03T00:00:00'));
  });

  test('always lies ahead of the sweep before it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 * 24 * 60 }), (minutes) => {
        const nowMs = START + minutes * 60_000;
        const held = tell(active(), [requested(1, { lender_ref: 'LN-2', amount: { amount: 1, currency: 'CNY' } })]);
        const swept = sweepApplication(held.application, nowMs, PRODUCT).application;
        expect(nextSweepAt(swept, nowMs, PRODUCT.timezone) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(nowMs);
      }),
      { numRuns: 200 },
    );
  });

  test('ends an unused credit at its expiry', () => {
    const unused = tell(submitted(), [granted(0.1, { expires_at: at(30) })]).application;
    const told = { ...unused, undrawn_told_at: at(1.1) };
    expect(nextSweepAt(told, START, PRODUCT.timezone)).toBe(Date.parse(at(30)));
    const swept = sweepApplication(told, Date.parse(at(31)), PRODUCT);
    expect(swept.application).toMatchObject({ status: 'expired', credit: { status: 'closed' } });
    expect(swept.events).toMatchObject([{ type: 'credit.expired', occurred_at: at(30), data: {} }]);
    const again = { ...granted(0), type: 'credit.expired', occurred_at: at(30), data: undefined };
    expect(tell(swept.application, [again]).events).toEqual([]);
  });

  test('gives up a held event when its time is over', () => {
    const held = tell(submitted(), [requested(1)], factsAt(1)).application;
    expect(nextSweepAt(held, START, PRODUCT.timezone)).toBe(Date.parse(at(4)));
    const swept = sweepApplication(held, Date.parse(at(4)), PRODUCT);
    expect(swept.application.held).toEqual([]);
    expect(swept.outcomes).toMatchObject([{ result: 'rejected', code: 'illegal_transition' }]);
  });
});
