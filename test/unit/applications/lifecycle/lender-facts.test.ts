import { describe, expect, test } from 'vitest';
import { availableCredit } from '../../../../src/applications/lifecycle/available.ts';
import { sweepApplication } from '../../../../src/applications/lifecycle/sweep-application.ts';
import type { Application } from '../../../../src/applications/model.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import {
  active,
  at,
  cny,
  disbursed,
  factsAt,
  granted,
  loanOf,
  overdue,
  PRODUCT,
  paid,
  requested,
  START,
  schedule,
  submitted,
  tell,
  types,
  wire,
} from './story.ts';

const lowered = (days: number, amount: number) => wire('credit.updated', days, { amount: cny(amount) });
const reversal = (no: number, days: number) =>
  wire('installment.reversed', days, { payment_ref: `P-${no}`, reason: 'bounced' });

/** A second loan of all that the credit allows, drawn when the first was paid back. */
const secondLoan = () => {
  const own = { lender_ref: 'LN-2' };
  const lent = { principal: cny(499_998), received: cny(499_998), schedule: schedule(499_998) };
  return [requested(14, { ...own, amount: cny(499_998) }), { ...disbursed(16, lent), ...own }] as const;
};
const paidBack = () => [paid(1, 10), paid(2, 11), paid(3, 12), wire('loan.settled', 13, { settled_at: at(13) })];

describe('money that went out', () => {
  test('is counted where it was set aside, though the limit was lowered between drawdown and payout', () => {
    const { decisions, application } = tell(submitted(), [granted(0), requested(1), lowered(2, 100_000), disbursed(3)]);
    expect(decisions.at(-1)).toMatchObject({ result: 'applied' });
    expect(availableCredit(application)).toBe(0);
  });

  test('is counted whichever is heard of first, the payout or a limit that was lowered after it', () => {
    const straight = tell(submitted(), [granted(0), requested(1), disbursed(3), lowered(4, 100_000)]).application;
    const crooked = tell(submitted(), [granted(0), lowered(4, 100_000), requested(1), disbursed(3)]);
    expect(crooked.decisions.map(({ result }) => result)).toEqual(Array(4).fill('applied'));
    expect(crooked.application.loans).toEqual(straight.loans);
    expect(availableCredit(crooked.application)).toBe(0);
  });

  test('is counted though the payment that had made room for it came back before it was heard of', () => {
    const [request, payout] = secondLoan();
    const straight = tell(active(), [...paidBack(), request, payout, reversal(3, 20)]).application;
    const crooked = tell(active(), [...paidBack(), request, reversal(3, 20), payout]);
    expect(crooked.decisions.at(-1)).toMatchObject({ result: 'applied' });
    expect(crooked.application.loans).toEqual(straight.loans);
    expect(availableCredit(crooked.application)).toBe(0);
  });

  test('is refused where more went out than was asked for and than is left', () => {
    const own = { lender_ref: 'LN-2' };
    const lent = { principal: cny(240_000), received: cny(240_000), schedule: schedule(240_000) };
    const story = [requested(1, { ...own, amount: cny(150_000) }), { ...disbursed(2, lent), ...own }];
    expect(tell(active(), story).decisions.at(-1)).toMatchObject({ code: 'over_available' });
  });

  test('a drawdown of before the limit was lowered is taken, one of after it only within the limit', () => {
    const begun = tell(submitted(), [granted(0), lowered(4, 100_000)]).application;
    expect(tell(begun, [requested(3)]).decisions[0]).toMatchObject({ result: 'applied' });
    expect(tell(begun, [requested(5)]).decisions[0]).toMatchObject({ code: 'over_available' });
  });
});

describe('when something happened', () => {
  const code = (raw: unknown) => tell(active(), [raw], factsAt(11)).decisions[0];

  test('is never more than five minutes ahead, wherever the event says it', () => {
    const minutes = (count: number) => at(11 + count / 1_440);
    expect(code(paid(1, 10, { paid_at: minutes(6) }))).toMatchObject({ code: 'occurred_in_future' });
    expect(code(paid(1, 10, { paid_at: minutes(4) }))).toMatchObject({ result: 'applied' });
    const settled = wire('loan.settled', 10, { settled_at: '9999-12-31T00:00:00Z' });
    expect(code(settled)).toMatchObject({
      code: 'occurred_in_future',
      detail: expect.stringContaining('/data/settled_at'),
    });
    expect(code(wire('loan.written_off', 10, { written_off_at: minutes(60) }))).toMatchObject({
      code: 'occurred_in_future',
    });
    const drawn = requested(1, { lender_ref: 'LN-2', amount: cny(10_000), requested_at: minutes(60) });
    expect(code(drawn)).toMatchObject({ code: 'occurred_in_future' });
    const loan = tell(submitted(), [granted(0.1), requested(0.2)]).application;
    const payout = disbursed(0.3, { disbursed_at: minutes(60) });
    expect(tell(loan, [payout], factsAt(11)).decisions[0]).toMatchObject({ code: 'occurred_in_future' });
  });

  test('a payment dated into the future makes nobody a first-payment defaulter', () => {
    const { application, events } = tell(active(), [paid(1, 10, { paid_at: at(400) })], factsAt(11));
    expect(events).toEqual([]);
    expect(loanOf(application).first_payment_default).toBe(false);
  });

  test('is never before any application that is kept', () => {
    expect(code(paid(1, 10, { paid_at: '1999-01-01T00:00:00Z' }))).toMatchObject({ code: 'too_old' });
  });
});

describe('a slip of the lender', () => {
  const answer = (raw: unknown) => tell(active(), [raw]).decisions[0];

  test('days past due that the loan has not even been out for are refused', () => {
    expect(answer(overdue(1, 35, 300))).toMatchObject({ code: 'schema_invalid' });
    expect(answer(overdue(1, 35, 4))).toMatchObject({ result: 'applied' });
  });

  test('a count far ahead of the schedule makes no first-payment default; one that is a day ahead does', () => {
    const defaults = (days: number, count: number) =>
      types(tell(active(), [overdue(1, days, count)]).events).filter((type) => type.endsWith('default'));
    expect(defaults(40, 40)).toEqual([]);
    expect(defaults(60, 30)).toEqual(['loan.first_payment_default']);
  });

  test('instalments due before the payout are refused, at payout and in a new schedule', () => {
    const items = schedule().map((item, at) => (at === 0 ? { ...item, due_on: '2025-02-01' } : item));
    const drawn = tell(submitted(), [granted(0.1), requested(0.2)]).application;
    expect(tell(drawn, [disbursed(0.3, { schedule: items })]).decisions[0]).toMatchObject({
      code: 'schema_invalid',
      detail: expect.stringContaining('instalment 1 is due on 2025-02-01'),
    });
    const update = wire('loan.schedule_updated', 5, { schedule: items, reason: 'correction' });
    expect(answer(update)).toMatchObject({ code: 'schema_invalid' });
  });
});

/** A loan whose first instalment was due on day 31, followed day by day. */
class Diary {
  application: Application = active();
  readonly entries: string[] = [];

  sweep(from: number, to: number): void {
    for (let day = from; day <= to; day += 1) {
      const swept = sweepApplication(this.application, START + day * DAY_MS, PRODUCT);
      this.application = swept.application;
      for (const { type, data } of swept.events) this.entries.push(`${day} ${type} ${data.days_past_due}`);
    }
  }

  hear(raw: unknown, day: number): void {
    const told = tell(this.application, [raw], factsAt(day + 0.5));
    expect(told.decisions[0]).toMatchObject({ result: 'applied' });
    this.application = told.application;
    for (const { type, data } of told.events) this.entries.push(`${day}. ${type} ${data.days_past_due ?? ''}`.trim());
  }
}

describe('arrears', () => {
  test('a bucket is told once, also when the lender counts behind us for a day', () => {
    const diary = new Diary();
    diary.sweep(30, 62);
    diary.hear(overdue(1, 62, 28), 62);
    diary.sweep(63, 92);
    expect(diary.entries.filter((entry) => entry.includes('loan.overdue'))).toEqual([
      '32 loan.overdue 1',
      '61 loan.overdue 30',
      '91 loan.overdue 60',
    ]);
  });

  test('after a cure the buckets begin anew; a payment that came back leads into the bucket that its instalment has reached', () => {
    const diary = new Diary();
    diary.sweep(30, 70);
    diary.hear(paid(1, 70.5), 70);
    diary.sweep(71, 100);
    diary.hear(reversal(1, 100.5), 100);
    diary.sweep(101, 125);
    expect(diary.entries).toEqual([
      '32 loan.overdue 1',
      '61 loan.overdue 30',
      '61 loan.first_payment_default 30',
      '70. installment.paid',
      '89 loan.overdue 30',
      '100. installment.reversed',
      '100. loan.overdue 70',
      '121 loan.overdue 90',
    ]);
    expect(loanOf(diary.application)).toMatchObject({ status: 'overdue', first_payment_default: true });
  });

  test('a first instalment that was paid in time and came back is a default once, however often it comes back', () => {
    const diary = new Diary();
    diary.hear(paid(1, 30), 30);
    diary.hear(paid(2, 58), 58);
    diary.sweep(59, 80);
    diary.hear(reversal(1, 80), 80);
    diary.sweep(81, 84);
    diary.hear(paid(1, 85, { payment_ref: 'P-1b' }), 85);
    diary.hear(wire('installment.reversed', 86, { payment_ref: 'P-1b', reason: 'bounced' }), 86);
    diary.sweep(87, 95);
    const defaults = diary.entries.filter((entry) => entry.includes('default'));
    expect(defaults).toEqual(['81 loan.first_payment_default 30']);
  });

  test('on the fpd day itself it is a default, on the day before it is none', () => {
    const diary = new Diary();
    diary.sweep(32, 60);
    expect(loanOf(diary.application).first_payment_default).toBe(false);
    diary.sweep(61, 61);
    expect(loanOf(diary.application).first_payment_default).toBe(true);
  });
});

describe('the ends of a loan', () => {
  test('settled with principal left owes nothing and gives its credit back', () => {
    const { application } = tell(active(), [paid(1, 10), wire('loan.settled', 11, { settled_at: at(11) })]);
    expect(loanOf(application).status).toBe('settled');
    expect(availableCredit(application)).toBe(500_000);
  });

  test('written off, then paid back in full: counted, no credit is freed twice, and it stays written off', () => {
    const off = wire('loan.written_off', 120, { written_off_at: at(120) });
    const { application, decisions } = tell(active(), [off, paid(1, 130), paid(2, 131), paid(3, 132)]);
    expect(decisions.every(({ result }) => result === 'applied')).toBe(true);
    expect(loanOf(application)).toMatchObject({ status: 'written_off', days_past_due: 0 });
    expect(availableCredit(application)).toBe(500_000);
  });

  test('returned in its cooling-off after a payment: nothing is in use, and the payment may still come back', () => {
    const story = [paid(1, 1), wire('loan.cancelled', 2, { reason: 'cooling_off' }), reversal(1, 1.5)];
    const { application, decisions, events } = tell(active(), story);
    expect(decisions.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    expect(types(events)).toEqual(['installment.paid', 'loan.cancelled', 'installment.reversed']);
    expect(availableCredit(application)).toBe(500_000);
  });

  test('a payment of an old schedule that comes back is owed again, and no principal is lost or made', () => {
    const one = (days: number, principal: number) => ({
      no: 4,
      due_on: at(days).slice(0, 10),
      principal: cny(principal),
      interest: cny(0),
      fees: [],
    });
    const story = [
      paid(1, 20),
      wire('loan.schedule_updated', 21, { schedule: [one(60, 200_000)], reason: 'prepayment' }),
      reversal(1, 22),
    ];
    const { application, decisions } = tell(active(), story);
    expect(decisions.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    expect(availableCredit(application)).toBe(200_000);
    const back = tell(application, [paid(1, 23, { payment_ref: 'P-1c' })]);
    expect(back.decisions[0]).toMatchObject({ result: 'applied' });
    expect(availableCredit(back.application)).toBe(300_000);
  });

  test('one minor unit more than an instalment asks for is refused, of principal, interest and fees each', () => {
    const more = [
      { principal: cny(100_001) },
      { interest: cny(1_501) },
      { fees: [{ kind: 'x', payee: 'y', amount: cny(201) }] },
    ];
    for (const data of more) {
      expect(tell(active(), [paid(1, 10, data)]).decisions[0]).toMatchObject({ code: 'payment_exceeds_due' });
    }
    expect(tell(active(), [paid(1, 10, { penalty: cny(9_999) })]).decisions[0]).toMatchObject({ result: 'applied' });
  });
});
