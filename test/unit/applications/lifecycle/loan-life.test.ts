import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  availableCredit,
  outstandingPrincipal,
  remainingOf,
} from '../../../../src/applications/lifecycle/available.ts';
import { loanView, scheduleView } from '../../../../src/applications/lifecycle/loan-view.ts';
import type { Application, Loan } from '../../../../src/applications/model.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import {
  active,
  at,
  cny,
  disbursed,
  granted,
  LOAN_ID,
  LOAN_REF,
  loanOf,
  overdue,
  paid,
  requested,
  START,
  schedule,
  submitted,
  tell,
  types,
  wire,
} from './story.ts';

const full = (application: Application) => loanView(application, loanOf(application), 'full');
const planAt = (application: Application, days: number) =>
  scheduleView(loanOf(application), 'full', START + days * DAY_MS, 'Asia/Shanghai') ?? [];
const writtenOff = (days: number) => wire('loan.written_off', days, { written_off_at: at(days) });

describe('a loan that was written off', () => {
  test('takes what is collected: it is counted as recovered, and changes no status', () => {
    const lost = tell(active(), [paid(1, 30), writtenOff(150)]).application;
    expect(full(lost)).toMatchObject({ status: 'written_off', recovered: cny(0), outstanding: cny(200_000) });
    const collected = paid(2, 160, { payer: 'collector', principal: cny(60_000), penalty: cny(500) });
    const told = tell(lost, [collected]);
    expect(types(told.events)).toEqual(['installment.paid']);
    expect(full(told.application)).toMatchObject({
      status: 'written_off',
      bucket: 'written_off',
      recovered: cny(60_000 + 1_500 + 200 + 500),
      outstanding: cny(140_000),
    });
    const bounced = wire('installment.reversed', 161, { payment_ref: 'P-2', reason: 'bounced' });
    expect(full(tell(told.application, [bounced]).application)).toMatchObject({ recovered: cny(0) });
  });

  test('does not count as recovered what was paid before and told later', () => {
    const told = tell(active(), [writtenOff(150), paid(1, 30)]).application;
    expect(full(told)).toMatchObject({ recovered: cny(0), outstanding: cny(200_000) });
    expect(full(active())).toMatchObject({ recovered: null });
  });
});

describe('a loan that is returned', () => {
  test('owes nothing, its credit is available again, and the log tells whether it was within the days for that', () => {
    const back = tell(active(), [wire('loan.cancelled', 3, { reason: 'cooling_off' })]);
    expect(back.events[0]?.data).toMatchObject({ loan_id: LOAN_ID, reason: 'cooling_off', within_cooling_off: true });
    expect(full(back.application)).toMatchObject({ status: 'cancelled', outstanding: cny(0), days_past_due: 0 });
    expect(availableCredit(back.application)).toBe(500_000);
    expect(planAt(back.application, 60).map((item) => item.status)).toEqual(['not_due', 'not_due', 'not_due']);
    const late = tell(active(), [wire('loan.cancelled', 9, { reason: 'cooling_off' })]);
    expect(late.events[0]?.data).toMatchObject({ within_cooling_off: false });
    const payout = tell(active(), [wire('loan.cancelled', 9, { reason: 'payout_returned' })]);
    expect(payout.events[0]?.data).not.toHaveProperty('within_cooling_off');
  });
});

describe('a guarantor who pays', () => {
  test('pays the loan here: the payer is kept, what the borrower owes the guarantor is theirs', () => {
    const told = tell(active(), [overdue(1, 40, 9), paid(1, 41, { payer: 'guarantor' })]);
    expect(loanOf(told.application).payments[0]).toMatchObject({ payer: 'guarantor' });
    expect(told.events.at(-2)?.data).toMatchObject({ payer: 'guarantor', payment_ref: 'P-1', principal: 100_000 });
    expect(types(told.events)).toEqual(['loan.overdue', 'installment.paid', 'loan.cured']);
  });
});

describe('a first instalment that is paid late', () => {
  test('was a default, once, also where the loan and its payments are heard of together', () => {
    const told = tell(submitted(), [granted(0.1), requested(0.15), disbursed(0.2), paid(1, 62), paid(2, 63)]);
    const found = told.events.filter((each) => each.type === 'loan.first_payment_default');
    // 30 days after 1 February, at 00:00 in Shanghai.
    expect(found).toMatchObject([{ occurred_at: '2026-03-02T16:00:00.000Z', data: { loan_id: LOAN_ID, no: 1 } }]);
    expect(loanOf(told.application).first_payment_default).toBe(true);
    const known = tell(active(), [overdue(1, 61, 30), paid(1, 62)]);
    expect(types(known.events).filter((type) => type === 'loan.first_payment_default')).toHaveLength(1);
    expect(types(tell(active(), [paid(1, 60)]).events)).not.toContain('loan.first_payment_default');
  });
});

describe('a changed schedule', () => {
  const item = (no: number, due_on: string, principal: number) => ({
    no,
    due_on,
    principal: cny(principal),
    interest: cny(1_000),
    fees: [],
  });
  const changed = (days: number, items: readonly unknown[], reason = 'prepayment') =>
    wire('loan.schedule_updated', days, { schedule: items, reason });

  test('keeps what was paid on an instalment that it leaves out, and moves the rest of it to the new ones', () => {
    const half = paid(1, 20, { principal: cny(40_000), interest: cny(500), fees: [] });
    const told = tell(active(), [half, changed(21, [item(2, '2026-03-01', 130_000), item(3, '2026-04-01', 130_000)])]);
    const loan = loanOf(told.application);
    expect(loan.schedule[0]).toMatchObject({ no: 1, principal: 40_000, interest: 500, fees: [] });
    expect(outstandingPrincipal(loan)).toBe(260_000);
    expect(told.events.at(-1)?.data).toMatchObject({
      reason: 'prepayment',
      schedule: [
        { no: 1, principal: 40_000 },
        { no: 2, principal: 130_000 },
        { no: 3, principal: 130_000 },
      ],
    });
  });

  test('may put right whose money it is', () => {
    const items = [item(1, '2026-02-01', 100_000), item(2, '2026-03-01', 200_000)];
    const data = { schedule: items, reason: 'correction', funder_id: 'north' };
    const told = tell(active(), [wire('loan.schedule_updated', 21, data)]);
    expect(loanOf(told.application).funder_id).toBe('north');
    expect(told.events.at(-1)?.data).toMatchObject({ reason: 'correction', funder_id: 'north' });
  });

  test('whose principal is not what is owed is refused', () => {
    const short = changed(21, [item(2, '2026-03-01', 130_000), item(3, '2026-04-01', 130_000)]);
    expect(tell(active(), [short]).decisions[0]).toMatchObject({ code: 'schedule_sum_mismatch' });
  });

  test('after a waiver sums to what the waiver has left, or again to what was lent', () => {
    const waiver = changed(5, [item(1, '2026-02-01', 100_000), item(2, '2026-03-01', 150_000)], 'waiver');
    const waived = tell(active(), [waiver]).application;
    expect(outstandingPrincipal(loanOf(waived))).toBe(250_000);
    const longer = changed(6, [item(1, '2026-02-10', 125_000), item(2, '2026-03-10', 125_000)], 'extension');
    expect(tell(waived, [longer]).decisions[0]).toMatchObject({ result: 'applied' });
    const undone = changed(6, schedule(), 'correction');
    expect(tell(waived, [undone]).decisions[0]).toMatchObject({ result: 'applied' });
    const other = changed(6, [item(1, '2026-02-10', 270_000)], 'extension');
    expect(tell(waived, [other]).decisions[0]).toMatchObject({ code: 'schedule_sum_mismatch' });
  });

  test('that is older than the one that stands is told as superseded', () => {
    const told = tell(active(), [changed(9, schedule(), 'extension'), changed(8, schedule(), 'penalty')]);
    expect(told.events.map((each) => each.data.superseded)).toEqual([undefined, true]);
  });
});

describe('a settled loan', () => {
  test('shows what it had left as waived', () => {
    const told = tell(active(), [paid(1, 30), wire('loan.settled', 40, { settled_at: at(40) })]).application;
    expect(planAt(told, 41).map(({ status, waived }) => [status, waived])).toEqual([
      ['paid', cny(0)],
      ['paid', cny(101_700)],
      ['paid', cny(101_700)],
    ]);
    expect(full(told)).toMatchObject({ outstanding: cny(0), bucket: 'M0' });
  });
});

describe('what the log tells of a loan', () => {
  test('names it by the lender’s reference in every event, and carries the schedule as it was paid out', () => {
    const told = tell(submitted(), [granted(0.1), requested(0.15), disbursed(0.2), paid(1, 30), overdue(2, 61, 2)]);
    const events = told.events.filter((each) => each.data.loan_id === LOAN_ID);
    expect(events.map((each) => each.data.lender_ref)).toEqual(events.map(() => LOAN_REF));
    expect(events.find((each) => each.type === 'loan.disbursed')?.data).toMatchObject({
      principal: 300_000,
      received: 300_000,
      contract_no: null,
      schedule: [
        { no: 1, due_on: '2026-02-01', principal: 100_000, interest: 1_500, fees: [{ amount: 200 }] },
        { no: 2 },
        { no: 3 },
      ],
    });
  });
});

/** Anything that a lender may say of a running loan, plausible or not. */
const said = fc
  .record({
    kind: fc.nat(11),
    days: fc.integer({ min: 1, max: 140 }),
    no: fc.integer({ min: 1, max: 3 }),
    ref: fc.constantFrom('P-1', 'P-2', 'P-3', 'P-4', 'P-5'),
    amount: fc.integer({ min: 0, max: 100_000 }),
    payer: fc.constantFrom('borrower', 'guarantor', 'insurer', 'collector'),
  })
  .map(({ kind, days, no, ref, amount, payer }) => {
    const part = { payment_ref: ref, principal: cny(amount), interest: cny(amount % 1_500), fees: [], payer };
    const makers = [
      () => paid(no, days, part),
      () => paid(no, days, { ...part, penalty: cny(amount % 900) }),
      () => paid(no, days, { payment_ref: ref, principal: cny(0), interest: cny(0), fees: [], waived: cny(amount) }),
      () => paid(no, days, { payment_ref: ref }),
      () => paid(no, days, part),
      () => wire('installment.reversed', days, { payment_ref: ref, reason: 'bounced' }),
      () => overdue(no, days, 1 + (days % 40)),
      () => wire('loan.cured', days),
      () => wire('loan.settled', days, { settled_at: at(days) }),
      () => writtenOff(days),
      () => wire('loan.schedule_updated', days, { schedule: schedule(), reason: 'extension' }),
      () => wire('loan.cancelled', days, { reason: 'cooling_off' }),
    ];
    return (makers[kind] ?? (() => paid(no, days)))();
  });

function expectSound(application: Application): void {
  const loan = loanOf(application);
  const lent = loan.schedule.reduce((sum, item) => sum + item.principal, 0);
  const back = loan.payments.filter((each) => !each.reversed).reduce((sum, each) => sum + each.principal, 0);
  expect(outstandingPrincipal(loan)).toBe(lent - back);
  for (const item of loan.schedule) {
    const { principal, interest, fees, penalty, waived } = item.paid;
    expect(Math.min(principal, interest, fees, penalty, waived, remainingOf(item))).toBeGreaterThanOrEqual(0);
  }
  expect(outstandingPrincipal(loan)).toBeGreaterThanOrEqual(0);
  const view = full(application);
  const over = ['settled', 'cancelled'].includes(loan.status);
  expect(view.outstanding).toEqual(cny(over ? 0 : outstandingPrincipal(loan)));
  if (loan.status === 'settled') {
    // What is left is shown as waived; nothing is due.
    for (const shown of planAt(application, 200)) expect(shown.status).toBe('paid');
  }
  const available = availableCredit(application);
  expect(available).toBe(over ? 500_000 : 500_000 - outstandingPrincipal(loan));
  expect(loan.days_past_due > 0).toBe(loan.status === 'overdue' || (loan.status === 'written_off' && isLate(loan)));
}

function isLate({ days_past_due }: Loan): boolean {
  return days_past_due > 0;
}

describe('whatever a lender says of a running loan', () => {
  test('no sum is ever negative, and what is outstanding is what was lent less what was paid back', () => {
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 25 }), (raws) => {
        let application = active();
        for (const raw of raws) {
          application = tell(application, [raw]).application;
          expectSound(application);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('payments and their reversals come to the same in any order', () => {
    const payments = fc.uniqueArray(
      fc.record({
        ref: fc.constantFrom('P-1', 'P-2', 'P-3', 'P-4', 'P-5', 'P-6'),
        no: fc.integer({ min: 1, max: 3 }),
        days: fc.integer({ min: 1, max: 29 }),
        amount: fc.integer({ min: 0, max: 16_000 }),
        isReversed: fc.boolean(),
      }),
      { selector: ({ ref }) => ref, minLength: 2 },
    );
    const orders = payments
      .map((list) =>
        list.flatMap(({ ref, no, days, amount, isReversed }) => [
          paid(no, days, { payment_ref: ref, principal: cny(amount), interest: cny(0), fees: [] }),
          ...(isReversed ? [wire('installment.reversed', days + 0.5, { payment_ref: ref, reason: 'bounced' })] : []),
        ]),
      )
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    const outcome = (application: Application) => {
      const { schedule: plan, payments: booked, status } = loanOf(application);
      return { plan, booked, status, held: application.held };
    };
    fc.assert(
      fc.property(orders, ([straight, mixed]) => {
        const start = active();
        expect(outcome(tell(start, mixed).application)).toEqual(outcome(tell(start, straight).application));
      }),
      { numRuns: 300 },
    );
  });
});
