import { describe, expect, test } from 'vitest';
import { openActionOf } from '../../../../src/applications/lifecycle/actions.ts';
import type { Application, Card } from '../../../../src/applications/model.ts';
import { localPayoff } from '../../../../src/applications/repayments/payoff.ts';
import type { AskedInstalments, Repayment } from '../../../../src/applications/repayments/repayment.ts';
import { repaymentAnswered } from '../../../../src/applications/repayments/repayment-answer.ts';
import { repaymentView } from '../../../../src/applications/repayments/repayment-view.ts';
import { type RepaymentRequest, requestRepayment } from '../../../../src/applications/repayments/request-repayment.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import { derivedIdBeside } from '../../../../src/base/ids.ts';
import { active, at, cny, LOAN_ID, loanOf, paid, START, tell, types, wire } from '../lifecycle/story.ts';

const TERMS = { rate: { annual: '0.18' }, timezone: 'Asia/Shanghai' };

function ask(application: Application, change: Partial<RepaymentRequest> = {}, days = 10) {
  const partnerRef = change.partnerRef ?? 'REPAY-1';
  const request: RepaymentRequest = {
    id: derivedIdBeside('rep', application.id, LOAN_ID, partnerRef),
    partnerRef,
    installments: [1],
    cardId: null,
    ...change,
  };
  const loan = loanOf(application);
  const nowMs = START + days * DAY_MS;
  return requestRepayment(application, loan, request, nowMs, () =>
    localPayoff(loan, request.installments, TERMS, nowMs),
  );
}

function asked(installments: AskedInstalments = [1], days = 10, application = active(), partnerRef = 'REPAY-1') {
  const result = ask(application, { installments, partnerRef }, days);
  if (!result.ok) throw new Error(result.message);
  return result.application;
}

function only(application: Application): Repayment {
  const [repayment] = loanOf(application).repayments ?? [];
  if (!repayment) throw new Error('there is no repayment');
  return repayment;
}

const failed = (days: number, data: Record<string, unknown> = {}) =>
  wire('repayment.failed', days, { reason: 'insufficient_balance', ...data });

const card = (change: Partial<Card> = {}): Card => ({
  id: derivedIdBeside('card', active().id, '1'),
  bank_code: 'ICBC',
  last4: '1234',
  default: true,
  status: 'active',
  reason: null,
  attempts: 1,
  bound_at: at(0),
  requested_at: at(0),
  created_at: at(0),
  ...change,
});

describe('a repayment that a partner asks for', () => {
  test('is pending with what it takes, and the log can tell it again', () => {
    const result = ask(active());
    expect(result).toMatchObject({
      ok: true,
      replayed: false,
      repayment: { status: 'pending', installments: [1], nos: [1], amount: 101_700, created_at: at(10) },
      events: [
        {
          type: 'repayment.requested',
          occurred_at: at(10),
          data: {
            loan_id: LOAN_ID,
            partner_ref: 'REPAY-1',
            installments: [1],
            nos: [1],
            amount: 101_700,
            currency: 'CNY',
          },
        },
      ],
    });
    expect(only(asked('all'))).toMatchObject({ installments: 'all', nos: [1, 2, 3], amount: 301_479 });
  });

  test('asked for again is the same repayment; with other instalments or another card it is a conflict', () => {
    const first = asked();
    expect(ask(first)).toMatchObject({ ok: true, replayed: true, events: [] });
    const paidSince = tell(first, [paid(1, 10.1)]).application;
    expect(ask(paidSince)).toMatchObject({ replayed: true, repayment: { status: 'succeeded' } });
    expect(ask(first, { installments: 'all' })).toMatchObject({ status: 422, code: 'idempotency_conflict' });
    expect(ask(first, { cardId: card().id })).toMatchObject({ code: 'idempotency_conflict' });
  });

  test('waits for the one that pays the same instalment, for a day', () => {
    const first = asked();
    expect(ask(first, { partnerRef: 'REPAY-2' })).toMatchObject({ status: 409, code: 'repayment_pending' });
    expect(ask(first, { partnerRef: 'REPAY-2', installments: 'all' })).toMatchObject({ code: 'repayment_pending' });
    expect(ask(first, { partnerRef: 'REPAY-2' }, 11)).toMatchObject({ ok: true, replayed: false });
    const over = tell(first, [failed(10.1)]).application;
    expect(ask(over, { partnerRef: 'REPAY-2' })).toMatchObject({ ok: true });
  });

  test('names an active card of the applicant, or goes to the card of the loan', () => {
    const bound: Application = { ...active(), cards: [card()] };
    expect(ask(bound, { cardId: card().id })).toMatchObject({ repayment: { card_id: card().id } });
    expect(ask(active(), { cardId: card().id })).toMatchObject({
      status: 422,
      code: 'card_unknown',
      pointer: '/card_id',
    });
    const drawn: Application = { ...bound, loans: [{ ...loanOf(bound), card_id: card().id }] };
    expect(ask(drawn)).toMatchObject({ repayment: { card_id: card().id } });
    const removed: Application = { ...drawn, cards: [card({ status: 'removed', default: false })] };
    expect(ask(removed)).toMatchObject({ repayment: { card_id: null } });
  });
});

describe('its outcome', () => {
  test('is success once the payments since then cover it', () => {
    const half = { principal: cny(50_000), interest: cny(1_500), fees: [], payment_ref: 'P-1a' };
    const rest = { principal: cny(50_000), interest: cny(0), payment_ref: 'P-1b' };
    const once = tell(asked(), [paid(1, 10.1, half)]);
    expect(only(once.application)).toMatchObject({ status: 'pending', payment_refs: [] });
    const twice = tell(once.application, [paid(1, 10.2, rest)]);
    expect(only(twice.application)).toMatchObject({ status: 'succeeded', payment_refs: ['P-1a', 'P-1b'] });
    expect(types(twice.events)).toEqual(['installment.paid', 'repayment.succeeded']);
    expect(twice.events[1]?.data).toMatchObject({ loan_id: LOAN_ID, payment_refs: ['P-1a', 'P-1b'], amount: 101_700 });
  });

  test('does not come from payments of before, of other instalments, or that were reversed', () => {
    const before = paid(1, 9, { principal: cny(40_000), payment_ref: 'P-0' });
    const known = tell(active(), [before]).application;
    const now = asked([1], 9, known);
    expect(only(now).known_refs).toEqual(['P-0']);
    const more = paid(1, 10.1, { principal: cny(30_000), interest: cny(0), fees: [], payment_ref: 'P-1' });
    const bounced = wire('installment.reversed', 10.2, { payment_ref: 'P-1', reason: 'bounced' });
    expect(only(tell(now, [more, bounced]).application).status).toBe('pending');
    const other = paid(2, 10.1);
    expect(only(tell(now, [other]).application).status).toBe('pending');
    const late = paid(1, 1, { principal: cny(60_000), interest: cny(0), fees: [], payment_ref: 'P-early' });
    expect(only(tell(now, [late]).application).status).toBe('pending');
  });

  test('of all instalments is success when the lender cuts the plan short and settles', () => {
    const items = [{ no: 1, due_on: '2026-01-11', principal: cny(300_000), interest: cny(1_479), fees: [] }];
    const told = tell(asked('all'), [
      wire('loan.schedule_updated', 10.1, { schedule: items, reason: 'prepayment' }),
      paid(1, 10.2, { principal: cny(300_000), interest: cny(1_479), fees: [] }),
      wire('loan.settled', 10.3, { settled_at: at(10.3), early: true }),
    ]);
    expect(types(told.events)).toEqual([
      'loan.schedule_updated',
      'installment.paid',
      'repayment.succeeded',
      'loan.settled',
      'loan.settled_early',
    ]);
    expect(only(told.application)).toMatchObject({ status: 'succeeded', payment_refs: ['P-1'] });
  });

  test('is failure by the lender’s word: for its instalment, for any, or by its id; a debit of before is another matter', () => {
    const told = tell(asked(), [failed(10.1, { no: 1 })]);
    expect(only(told.application)).toMatchObject({ status: 'failed', reason: 'insufficient_balance' });
    expect(told.events).toMatchObject([
      {
        type: 'repayment.failed',
        data: { repayment_id: only(told.application).id, no: 1, reason: 'insufficient_balance' },
      },
    ]);
    expect(only(tell(asked(), [failed(10.1)]).application).status).toBe('failed');
    const named = failed(9, { repayment_id: only(asked()).id });
    expect(only(tell(asked(), [named]).application).status).toBe('failed');
    const others = tell(asked(), [failed(10.1, { no: 2 }), failed(9.9)]);
    expect(only(others.application).status).toBe('pending');
    expect(others.events.map((each) => each.data.repayment_id)).toEqual([null, null]);
  });

  test('stays failure when the lender collects after all, and the payment counts', () => {
    const told = tell(asked(), [failed(10.1), paid(1, 11)]);
    expect(only(told.application).status).toBe('failed');
    expect(loanOf(told.application).schedule[0]).toMatchObject({ paid: { principal: 100_000 }, paid_at: at(11) });
    expect(types(told.events)).toEqual(['repayment.failed', 'installment.paid']);
  });

  test('is failure when the loan is cancelled', () => {
    const told = tell(asked(), [wire('loan.cancelled', 10.5, { reason: 'payout_returned' })]);
    expect(only(told.application)).toMatchObject({ status: 'failed', reason: 'loan_cancelled' });
  });
});

describe('the lender’s answer to it', () => {
  const now = START + 10.01 * DAY_MS;
  const about = (application: Application) => ({ loan_id: LOAN_ID, repayment_id: only(application).id });

  test('rejected is failure with its reason, once', () => {
    const pending = asked();
    const rejected = { result: 'rejected', reason: 'card_refused' } as const;
    const first = repaymentAnswered(pending, about(pending), rejected, now);
    expect(only(first.application)).toMatchObject({ status: 'failed', reason: 'card_refused' });
    expect(types(first.events)).toEqual(['repayment.failed']);
    expect(repaymentAnswered(first.application, about(pending), rejected, now)).toEqual({
      application: first.application,
      events: [],
    });
  });

  test('accepted with a code to enter shows the step on the repayment and its loan until it is over', () => {
    const pending = asked();
    const next_action = { type: 'otp', sent_to: '138****0000', expires_at: at(10.1) };
    const answered = repaymentAnswered(pending, about(pending), { result: 'accepted', next_action }, now);
    expect(types(answered.events)).toEqual(['action.required']);
    const { application } = answered;
    const view = repaymentView(application, loanOf(application), only(application));
    expect(view.next_action).toMatchObject({ type: 'otp', scene: 'repay', sent_to: '138****0000' });
    expect(openActionOf(application, { loan_id: LOAN_ID })).toMatchObject({ repayment_id: only(application).id });
    const done = tell(application, [paid(1, 10.2)]).application;
    expect(repaymentView(done, loanOf(done), only(done)).next_action).toBeNull();
    expect(openActionOf(done, { loan_id: LOAN_ID })).toBeUndefined();
  });

  test('that comes after the payment changes nothing', () => {
    const done = tell(asked(), [paid(1, 10.005)]).application;
    const answered = repaymentAnswered(done, about(done), { result: 'rejected', reason: 'duplicate' }, now);
    expect(answered).toEqual({ application: done, events: [] });
  });
});
