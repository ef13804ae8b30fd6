import { describe, expect, test } from 'vitest';
import { openActionOf } from '../../../../src/applications/lifecycle/actions.ts';
import { parseLenderEvent } from '../../../../src/applications/lifecycle/lender-event.ts';
import {
  active,
  at,
  cny,
  disbursed,
  factsAt,
  granted,
  LOAN_ID,
  LOAN_REF,
  loanOf,
  needsInput,
  overdue,
  paid,
  requested,
  schedule,
  submitted,
  tell,
  types,
  wire,
} from './story.ts';

const last = <T>(items: readonly T[]): T | undefined => items.at(-1);
const codeOf = (raw: unknown, application = active()) => last(tell(application, [raw]).decisions);

describe('what a lender may send', () => {
  test('an event without an object, an unknown type and wrong data are schema_invalid and say where', () => {
    const { application_id: _, ...homeless } = wire('application.verifying', 1);
    expect(parseLenderEvent(homeless)).toMatchObject({ ok: false, detail: expect.stringContaining('names no object') });
    expect(parseLenderEvent(wire('application.teleported', 1))).toMatchObject({ ok: false });
    expect(parseLenderEvent(wire('credit.granted', 1, { amount: { amount: 1.5, currency: 'CNY' } }))).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^\/data\/amount\/amount: /),
    });
    for (const raw of [null, 7, 'x', [], {}]) expect(parseLenderEvent(raw).ok).toBe(false);
  });

  test('data may be left out where an event has none', () => {
    expect(parseLenderEvent(wire('application.verifying', 1)).ok).toBe(true);
    expect(parseLenderEvent(wire('loan.cured', 1)).ok).toBe(true);
    expect(parseLenderEvent(wire('loan.in_review', 1)).ok).toBe(true);
  });

  test('application.needs_input is an action of type supplement', () => {
    const alias = wire('application.needs_input', 1, { fields: ['email'], expires_at: at(8) });
    const { application, events } = tell(submitted(), [alias]);
    expect(application.status).toBe('needs_input');
    expect(openActionOf(application)).toMatchObject({ type: 'supplement', fields: ['email'] });
    expect(types(events)).toEqual(['application.needs_input', 'action.required']);
  });

  test('instants are kept in UTC whatever offset they came with', () => {
    const result = parseLenderEvent(
      wire('application.verifying', 1, undefined, { occurred_at: '2026-01-02T12:00:00+08:00' }),
    );
    expect(result).toMatchObject({ ok: true, event: { occurred_at: '2026-01-02T04:00:00.000Z' } });
  });
});

describe('from submission to credit', () => {
  test('a lender may go every step, or grant straight away', () => {
    const steps = [wire('application.verifying', 0.1), wire('application.in_review', 0.2), granted(0.3)];
    expect(tell(submitted(), steps).application.status).toBe('credit_granted');
    expect(tell(submitted(), [granted(0.1)]).application.status).toBe('credit_granted');
  });

  test('a first word of the lender before the answer to our push counts as the submission', () => {
    const { application, events } = tell(submitted({ status: 'received' }), [granted(0.1)]);
    expect(application.status).toBe('credit_granted');
    expect(types(events)).toEqual(['application.submitted', 'credit.granted']);
  });

  test('an illegal transition is refused with the legal ones named', () => {
    const inReview = tell(submitted(), [wire('application.in_review', 1)]).application;
    const decision = last(tell(inReview, [wire('application.verifying', 2)]).decisions);
    expect(decision).toMatchObject({
      result: 'rejected',
      code: 'illegal_transition',
      legal: ['credit.granted', 'credit.declined', 'application.cancelled'],
    });
  });

  test('a credit is granted once', () => {
    const { decisions } = tell(submitted(), [granted(1), granted(2), granted(0.5)]);
    expect(decisions.map((one) => one.result)).toEqual(['applied', 'rejected', 'rejected']);
  });

  test('input that is asked for is answered by our action id or by the lender’s event id', () => {
    const ask = needsInput(0.1);
    const waiting = tell(submitted(), [ask]);
    const ours = openActionOf(waiting.application)?.id;
    for (const action_id of [ours, ask.id]) {
      const done = tell(waiting.application, [wire('action.completed', 0.2, { action_id })]);
      expect(done.application.status).toBe('verifying');
      expect(openActionOf(done.application)).toBeUndefined();
      expect(types(done.events)).toEqual(['action.completed', 'application.verifying']);
    }
    expect(waiting.decisions[0]).toMatchObject({ result: 'applied', actionId: ours });
  });

  test('a code or a card is asked for without holding up the application', () => {
    const { application } = tell(submitted(), [
      granted(0.1),
      wire('action.required', 0.2, { type: 'otp', scene: 'card', expires_at: at(0.3) }),
    ]);
    expect(application.status).toBe('credit_granted');
    expect(openActionOf(application)).toMatchObject({ type: 'otp', scene: 'card' });
  });

  test('an apr above the cap is refused, at the cap it is not', () => {
    expect(last(tell(submitted(), [granted(1, { apr: '0.2400001' })]).decisions)).toMatchObject({
      code: 'apr_above_cap',
    });
    expect(last(tell(submitted(), [granted(1, { apr: '0.24' })]).decisions)).toMatchObject({ result: 'applied' });
    const priced = granted(1, { pricing: [{ term: 3, apr: '0.3' }] });
    expect(last(tell(submitted(), [priced]).decisions)).toMatchObject({ code: 'apr_above_cap' });
  });

  test('an unused credit that expires ends the application, a used one does not', () => {
    const unused = tell(submitted(), [granted(1), wire('credit.expired', 2)]).application;
    expect(unused).toMatchObject({ status: 'expired', credit: { status: 'closed' } });
    const used = tell(active(), [wire('credit.expired', 2)]).application;
    expect(used).toMatchObject({ status: 'credit_granted', credit: { status: 'closed' } });
  });

  test('an application under which a loan was drawn is not cancelled as a whole', () => {
    expect(codeOf(wire('application.cancelled', 5))).toMatchObject({ code: 'illegal_transition' });
  });

  test('an upheld complaint and confirmed fraud are reported and change no status', () => {
    const { application, events } = tell(active(), [
      wire('complaint.opened', 3, { channel: 'phone', category: 'fees', due_on: '2026-01-20' }),
      wire('complaint.closed', 5, { upheld: true }),
      wire('application.fraud_confirmed', 6, { kind: 'identity', evidence_ref: 'F-1' }),
    ]);
    expect(types(events)).toEqual([
      'complaint.opened',
      'complaint.closed',
      'complaint.upheld',
      'application.fraud_confirmed',
    ]);
    expect(application.status).toBe('credit_granted');
  });
});

describe('time, currency and whose it is', () => {
  test('more than five minutes ahead of our clock is the future', () => {
    const now = factsAt(1);
    const minutes = (count: number) => wire('application.verifying', 1 + count / 1440);
    expect(last(tell(submitted(), [minutes(6)], now).decisions)).toMatchObject({ code: 'occurred_in_future' });
    expect(last(tell(submitted(), [minutes(4)], now).decisions)).toMatchObject({ result: 'applied' });
  });

  test('older than any application that is kept is too old', () => {
    expect(last(tell(submitted(), [granted(1)], factsAt(1_100)).decisions)).toMatchObject({ code: 'too_old' });
  });

  test('another currency anywhere in the event is refused', () => {
    const fees = [{ kind: 'service', payee: 'lender', amount: { amount: 1, currency: 'USD' } }];
    const items = schedule().map((item, index) => (index === 2 ? { ...item, fees } : item));
    const loan = tell(submitted(), [granted(0.1), requested(0.2)]).application;
    expect(codeOf(disbursed(0.3, { schedule: items }), loan)).toMatchObject({ code: 'currency_mismatch' });
  });

  test('another lender’s application is not touched', () => {
    const facts = factsAt(1, { lenderId: 'other' });
    expect(last(tell(submitted(), [granted(0.5)], facts).decisions)).toMatchObject({ code: 'wrong_lender' });
  });

  test('a late event that the history allows is told at its own time and leaves the state', () => {
    const { application, events } = tell(submitted(), [granted(2), wire('application.in_review', 1)]);
    expect(application.status).toBe('credit_granted');
    expect(events.map((each) => [each.type, each.occurred_at])).toEqual([
      ['credit.granted', at(2)],
      ['application.in_review', at(1)],
    ]);
  });
});

describe('early events', () => {
  test('what needs an earlier event is held for 72 hours and applied when that comes', () => {
    const early = tell(submitted(), [paid(1, 3), disbursed(2), requested(1)], factsAt(4));
    expect(early.decisions.map((one) => one.result)).toEqual(['held', 'held', 'held']);
    expect(early.decisions[0]).toMatchObject({ until: at(7) });
    const done = tell(early.application, [granted(0.5)], factsAt(4));
    expect(types(done.events)).toEqual(['credit.granted', 'loan.requested', 'loan.disbursed', 'installment.paid']);
    expect(done.application.held).toEqual([]);
    expect(done.decisions[0]).toMatchObject({
      outcomes: [{ result: 'applied', loanId: LOAN_ID }, { result: 'applied' }, { result: 'applied' }],
    });
  });

  test('a held event that becomes impossible is dropped, and its outcome is told', () => {
    const held = tell(submitted(), [requested(1)]).application;
    const { decisions, application } = tell(held, [wire('credit.declined', 2, { reason: 'policy' })]);
    expect(application.held).toEqual([]);
    expect(decisions[0]).toMatchObject({ outcomes: [{ result: 'rejected', code: 'illegal_transition' }] });
  });

  test('a held event that has waited too long is dropped at the next change', () => {
    const held = tell(submitted(), [requested(1)], factsAt(1)).application;
    const { decisions } = tell(held, [wire('application.verifying', 5)], factsAt(5));
    expect(decisions[0]).toMatchObject({ outcomes: [{ result: 'rejected', code: 'illegal_transition' }] });
  });

  test('a loan that nobody can have opened is unknown', () => {
    const decision = codeOf(
      wire('loan.settled', 3, { settled_at: at(3) }, { lender_ref: undefined, loan_id: 'loan_x' }),
    );
    expect(decision).toMatchObject({ code: 'unknown_loan' });
  });
});

describe('a loan is paid out', () => {
  test('with its schedule, an ordinal and the funder', () => {
    const { application, events } = tell(submitted(), [
      granted(0.1, { funder_id: 'north' }),
      requested(0.2),
      disbursed(0.3),
    ]);
    expect(loanOf(application)).toMatchObject({
      id: LOAN_ID,
      status: 'active',
      ordinal: 1,
      funder_id: 'north',
      lender_ref: LOAN_REF,
    });
    expect(last(events)).toMatchObject({
      type: 'loan.disbursed',
      data: {
        loan_id: LOAN_ID,
        ordinal: 1,
        principal: 300_000,
        received: 300_000,
        currency: 'CNY',
        term: 3,
        funder_id: 'north',
      },
    });
  });

  test('a schedule whose principal is not what was lent is refused', () => {
    const loan = tell(submitted(), [granted(0.1), requested(0.2)]).application;
    expect(codeOf(disbursed(0.3, { schedule: schedule(299_997) }), loan)).toMatchObject({
      code: 'schedule_sum_mismatch',
    });
    expect(codeOf(disbursed(0.3, { received: cny(300_001) }), loan)).toMatchObject({ code: 'schedule_sum_mismatch' });
  });

  test('more than is available is refused, whoever asks', () => {
    const second = requested(1, { lender_ref: 'LN-2', amount: cny(200_001) });
    expect(codeOf(second)).toMatchObject({ code: 'over_available' });
    expect(codeOf(requested(1, { lender_ref: 'LN-2', amount: cny(200_000) }))).toMatchObject({ result: 'applied' });
    const loan = tell(submitted(), [granted(0.1), requested(0.2)]).application;
    const more = disbursed(0.3, { principal: cny(500_001), received: cny(1), schedule: schedule(500_001) });
    expect(codeOf(more, loan)).toMatchObject({ code: 'over_available' });
  });

  test('a loan that the lender tells of twice is one loan', () => {
    const { application, events, decisions } = tell(active(), [requested(3)]);
    expect(application.loans).toHaveLength(1);
    expect(events).toEqual([]);
    expect(decisions[0]).toMatchObject({ result: 'applied', loanId: LOAN_ID });
  });

  test('an active loan is cancelled for cooling_off or payout_returned only', () => {
    expect(codeOf(wire('loan.cancelled', 1, { reason: 'customer' }))).toMatchObject({ code: 'illegal_transition' });
    for (const reason of ['cooling_off', 'payout_returned']) {
      const { application } = tell(active(), [wire('loan.cancelled', 1, { reason })]);
      expect(loanOf(application)).toMatchObject({ status: 'cancelled', reason });
    }
    const requestedOnly = tell(submitted(), [granted(0.1), requested(0.2)]).application;
    expect(codeOf(wire('loan.cancelled', 1, { reason: 'customer' }), requestedOnly)).toMatchObject({
      result: 'applied',
    });
    const late = tell(active(), [overdue(1, 32, 1)]).application;
    expect(codeOf(wire('loan.cancelled', 33, { reason: 'cooling_off' }), late)).toMatchObject({
      code: 'illegal_transition',
    });
  });
});

describe('payments', () => {
  test('amounts add up on their instalment, and the last of them pays it', () => {
    const half = {
      principal: cny(50_000),
      interest: cny(750),
      fees: [{ kind: 'service', payee: 'lender', amount: cny(100) }],
    };
    const { application } = tell(active(), [
      paid(1, 20, { ...half, payment_ref: 'a' }),
      paid(1, 25, { ...half, payment_ref: 'b', penalty: cny(9) }),
    ]);
    const [first] = loanOf(application).schedule;
    expect(first?.paid).toEqual({ principal: 100_000, interest: 1_500, fees: 200, penalty: 9, waived: 0 });
    expect(first?.paid_at).toBe(at(25));
  });

  test('the same payment under another event id is counted once; other amounts under its reference are refused', () => {
    const { application, decisions, events } = tell(active(), [
      paid(1, 20),
      paid(1, 20),
      paid(1, 20, { principal: cny(1) }),
    ]);
    expect(decisions.map((one) => one.result)).toEqual(['applied', 'applied', 'rejected']);
    expect(decisions[2]).toMatchObject({ code: 'id_reused' });
    expect(types(events)).toEqual(['installment.paid']);
    expect(loanOf(application).payments).toHaveLength(1);
  });

  test('more than is due is refused', () => {
    expect(codeOf(paid(1, 20, { principal: cny(100_001) }))).toMatchObject({ code: 'payment_exceeds_due' });
    expect(codeOf(paid(4, 20))).toMatchObject({ code: 'payment_exceeds_due' });
    const { decisions } = tell(active(), [paid(1, 20), paid(1, 21, { payment_ref: 'again' })]);
    expect(decisions[1]).toMatchObject({ code: 'payment_exceeds_due' });
  });

  test('a reversal makes the payment due again', () => {
    const { application, events } = tell(active(), [
      paid(1, 20),
      wire('installment.reversed', 25, { payment_ref: 'P-1', reason: 'chargeback' }),
    ]);
    const [first] = loanOf(application).schedule;
    expect(first).toMatchObject({ paid_at: null, paid: { principal: 0, interest: 0, fees: 0 } });
    expect(last(events)).toMatchObject({
      type: 'installment.reversed',
      data: { payment_ref: 'P-1', loan_id: LOAN_ID },
    });
    expect(tell(application, [paid(1, 26, { payment_ref: 'second' })]).decisions[0]).toMatchObject({
      result: 'applied',
    });
  });

  test('a payment that clears all arrears cures the loan', () => {
    const { application, events } = tell(active(), [overdue(1, 33, 2), paid(1, 34)]);
    expect(loanOf(application)).toMatchObject({ status: 'active', days_past_due: 0 });
    expect(types(events)).toEqual(['loan.overdue', 'installment.paid', 'loan.cured']);
    expect(types(tell(application, [wire('loan.cured', 34.5)]).events)).toEqual(['application.noted']);
  });

  test('a cure of the instant in which the loan was settled is history, whichever is told first', () => {
    const paidUp = tell(active(), [overdue(1, 33, 2), paid(1, 34), paid(2, 34), paid(3, 34)]).application;
    const settled = wire('loan.settled', 34.5, { settled_at: at(34.5), early: true });
    const { application, decisions } = tell(paidUp, [settled, wire('loan.cured', 34.5)]);
    expect(decisions.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect(loanOf(application).status).toBe('settled');
  });

  test('a part payment leaves it overdue', () => {
    const { application } = tell(active(), [overdue(1, 33, 2), paid(1, 34, { principal: cny(1) })]);
    expect(loanOf(application)).toMatchObject({ status: 'overdue', days_past_due: 3 });
  });
});

describe('the end of a loan', () => {
  const settle = (days: number, early?: boolean) =>
    wire('loan.settled', days, { settled_at: at(days), ...(early === undefined ? {} : { early }) });

  test('settled is left by a reversal only', () => {
    const settled = tell(active(), [paid(1, 20), paid(2, 20), paid(3, 20), settle(21, true)]);
    expect(loanOf(settled.application)).toMatchObject({ status: 'settled', settled_at: at(21) });
    expect(codeOf(overdue(1, 40, 9), settled.application)).toMatchObject({ legal: ['installment.reversed'] });
    expect(codeOf(paid(1, 40, { payment_ref: 'x' }), settled.application)).toMatchObject({
      code: 'illegal_transition',
    });
    const back = tell(settled.application, [
      wire('installment.reversed', 22, { payment_ref: 'P-3', reason: 'bounced' }),
    ]);
    expect(loanOf(back.application)).toMatchObject({ status: 'active', settled_at: null });
  });

  test('a reversal after the due date brings a settled loan back as overdue', () => {
    const settled = tell(active(), [paid(1, 30), paid(2, 31), paid(3, 31), settle(32, true)]).application;
    const back = tell(settled, [wire('installment.reversed', 40, { payment_ref: 'P-1', reason: 'bounced' })]);
    expect(loanOf(back.application)).toMatchObject({ status: 'overdue', days_past_due: 9 });
    expect(types(back.events)).toEqual(['installment.reversed', 'loan.overdue']);
  });

  test('early settlement counts the days that are left of the agreed term, though the schedule was cut short', () => {
    const items = [{ ...schedule()[0], principal: cny(300_000), due_on: '2026-01-11' }];
    const { events } = tell(active(), [
      wire('loan.schedule_updated', 10, { schedule: items, reason: 'prepayment' }),
      paid(1, 10.1, { principal: cny(300_000) }),
      settle(10.2, true),
    ]);
    expect(last(events)).toMatchObject({ type: 'loan.settled_early', data: { unexpired_days: 80, term_days: 90 } });
  });

  test('a lender that does not say early means it only with a whole period left', () => {
    expect(types(tell(active(), [settle(10)]).events)).toEqual(['loan.settled', 'loan.settled_early']);
    expect(types(tell(active(), [settle(89)]).events)).toEqual(['loan.settled']);
    expect(types(tell(active(), [settle(10, false)]).events)).toEqual(['loan.settled']);
    expect(types(tell(active(), [settle(90, true)]).events)).toEqual(['loan.settled']);
  });

  test('a written-off loan still takes money and changes no status', () => {
    const off = tell(active(), [wire('loan.written_off', 150, { written_off_at: at(150) })]).application;
    const { application, events } = tell(off, [paid(1, 160, { payer: 'collector' })]);
    expect(loanOf(application).status).toBe('written_off');
    expect(types(events)).toEqual(['installment.paid']);
  });

  test('a first payment default follows from the lender’s own count', () => {
    const { application, events } = tell(active(), [overdue(1, 61, 30), overdue(1, 62, 31)]);
    expect(types(events)).toEqual(['loan.overdue', 'loan.first_payment_default', 'loan.overdue']);
    expect(loanOf(application).first_payment_default).toBe(true);
    expect(types(tell(active(), [overdue(2, 89, 30)]).events)).toEqual(['loan.overdue']);
  });

  test('of two schedules the later one stands, whichever is heard of first', () => {
    const extended = schedule().map((item) => ({ ...item, due_on: item.due_on.replace('-01', '-15') }));
    const newer = wire('loan.schedule_updated', 12, { schedule: extended, reason: 'extension' });
    const older = wire('loan.schedule_updated', 11, { schedule: schedule(), reason: 'correction' });
    expect(loanOf(tell(active(), [newer, older]).application).schedule[0]?.due_on).toBe('2026-02-15');
    const short = wire('loan.schedule_updated', 13, { schedule: schedule(297_000), reason: 'extension' });
    expect(codeOf(short)).toMatchObject({ code: 'schedule_sum_mismatch' });
  });
});
