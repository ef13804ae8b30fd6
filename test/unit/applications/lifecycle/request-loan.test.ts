import { describe, expect, test } from 'vitest';
import { availableCredit } from '../../../../src/applications/lifecycle/available.ts';
import { type LoanRequest, requestLoan } from '../../../../src/applications/lifecycle/request-loan.ts';
import type { Application } from '../../../../src/applications/model.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import { derivedIdBeside } from '../../../../src/base/ids.ts';
import { active, at, cny, disbursed, granted, requested, START, submitted, tell, wire } from './story.ts';

const credited = tell(submitted(), [granted(0.1, { min: cny(100_000), step: cny(10_000), terms: [3, 6] })]).application;
const loanId = derivedIdBeside('loan', credited.id, 'DRAW-1');
const request = (change: Partial<LoanRequest> = {}): LoanRequest => ({
  loanId,
  partnerRef: 'DRAW-1',
  amount: cny(300_000),
  term: 3,
  termUnit: 'month',
  purpose: 'travel',
  ...change,
});
const ask = (change: Partial<LoanRequest> = {}, application = credited, nowMs = START) =>
  requestLoan(application, request(change), nowMs);

describe('a drawdown', () => {
  test('opens a requested loan and says so', () => {
    expect(ask()).toMatchObject({
      ok: true,
      replayed: false,
      loan: { id: loanId, status: 'requested', partner_ref: 'DRAW-1', amount: cny(300_000), purpose: 'travel' },
      events: [
        {
          type: 'loan.requested',
          occurred_at: at(0),
          data: {
            loan_id: loanId,
            partner_ref: 'DRAW-1',
            lender_ref: null,
            amount: 300_000,
            currency: 'CNY',
            term: 3,
            term_unit: 'month',
            purpose: 'travel',
            quote_id: null,
            card_id: null,
            requested_at: at(0),
            by: 'partner',
          },
        },
      ],
    });
  });

  test('asked for again is the same loan; with other content it is a conflict', () => {
    const first = ask();
    if (!first.ok) throw new Error(first.message);
    const again = ask({}, first.application);
    expect(again).toMatchObject({ ok: true, replayed: true, events: [], loan: { id: loanId } });
    expect(ask({ amount: cny(310_000) }, first.application)).toMatchObject({
      status: 422,
      code: 'idempotency_conflict',
    });
    const raw = { ...disbursed(0.3), loan_id: loanId };
    const paidOut = tell(first.application, [raw]).application;
    expect(ask({}, paidOut)).toMatchObject({ replayed: true, loan: { status: 'active' } });
    expect(ask({ quoteId: 'quo_1' }, first.application)).toMatchObject({ code: 'idempotency_conflict' });
    expect(ask({ purpose: 'medical' }, first.application)).toMatchObject({ code: 'idempotency_conflict' });
  });

  test('needs an active credit that has not ended', () => {
    expect(ask({}, submitted())).toMatchObject({ status: 409, code: 'credit_not_active' });
    expect(ask({}, credited, Date.parse(at(365)))).toMatchObject({ status: 409, code: 'credit_not_active' });
    const frozen = { ...credited, credit: credited.credit && { ...credited.credit, status: 'frozen' as const } };
    expect(ask({}, frozen)).toMatchObject({ status: 409, code: 'credit_not_active' });
  });

  test('is held to amount, step, term, currency and what is available, each with its pointer', () => {
    expect(ask({ amount: cny(90_000) })).toMatchObject({ code: 'amount_out_of_range', pointer: '/amount/amount' });
    expect(ask({ amount: cny(305_000) })).toMatchObject({ code: 'amount_off_step', pointer: '/amount/amount' });
    expect(ask({ amount: cny(510_000) })).toMatchObject({ status: 422, code: 'over_available' });
    expect(ask({ term: 12 })).toMatchObject({ status: 422, code: 'term_not_offered', pointer: '/term' });
    expect(ask({ termUnit: 'day' })).toMatchObject({ code: 'term_not_offered', pointer: '/term_unit' });
    expect(ask({ amount: { amount: 300_000, currency: 'USD' } })).toMatchObject({ code: 'currency_mismatch' });
  });

  test('what other loans use is not available', () => {
    expect(ask({ amount: cny(200_000) }, active())).toMatchObject({ ok: true });
    expect(ask({ amount: cny(200_001) }, active())).toMatchObject({ code: 'over_available' });
  });

  test('keeps the quote and the card; the default card where none is named, which a retry need not know', () => {
    const cited = ask({ quoteId: 'quo_1', quoteRef: 'LQ-1', cardId: 'card_1', fallbackCardId: 'card_0' });
    expect(cited).toMatchObject({ loan: { quote_id: 'quo_1', quote_ref: 'LQ-1', card_id: 'card_1' } });
    const silent = ask({ fallbackCardId: 'card_0' });
    if (!silent.ok) throw new Error(silent.message);
    expect(silent.loan.card_id).toBe('card_0');
    expect(ask({}, silent.application)).toMatchObject({ ok: true, replayed: true });
    expect(ask({ cardId: 'card_1' }, silent.application)).toMatchObject({ code: 'idempotency_conflict' });
  });

  test('is for one of the product’s purposes', () => {
    const offer = { terms: [3], min: 1, step: 1, purposes: ['consumption'] };
    expect(requestLoan(credited, request(), START, offer)).toMatchObject({
      code: 'purpose_not_offered',
      pointer: '/purpose',
    });
    expect(requestLoan(credited, request({ purpose: 'consumption' }), START, offer)).toMatchObject({ ok: true });
    expect(requestLoan(credited, request(), START, { ...offer, purposes: [] })).toMatchObject({ ok: true });
  });

  test('waits where one loan runs at a time, until that one is declined, cancelled or paid back', () => {
    const offer = { terms: [3], min: 1, step: 1, oneAtATime: true };
    const next = (application: Application) =>
      requestLoan(application, request({ amount: cny(100_000) }), START + 200 * DAY_MS, offer);
    expect(next(active())).toMatchObject({ status: 409, code: 'loan_open' });
    const over = [
      tell(active(), [wire('loan.settled', 40, { settled_at: at(40) })]),
      tell(active(), [wire('loan.cancelled', 2, { reason: 'cooling_off' })]),
      tell(submitted(), [granted(0.1), requested(0.15), wire('loan.payout_failed', 0.2)]),
    ];
    for (const { application } of over) expect(next(application)).toMatchObject({ ok: true });
    const lost = tell(active(), [wire('loan.written_off', 150, { written_off_at: at(150) })]).application;
    expect(next(lost)).toMatchObject({ code: 'loan_open' });
  });

  test('that was declined frees its amount, and the next one waits for the day that the lender named', () => {
    const first = ask({ amount: cny(400_000) });
    if (!first.ok) throw new Error(first.message);
    const declined = tell(first.application, [
      wire('loan.declined', 0.2, { reason: 'scoring', retry_at: at(7) }, { loan_id: loanId, lender_ref: undefined }),
    ]).application;
    const again = (days: number) =>
      ask({ loanId: `${loanId}x`, partnerRef: 'DRAW-2', amount: cny(500_000) }, declined, START + days * DAY_MS);
    expect(again(6.9)).toMatchObject({ status: 409, code: 'drawdown_declined', retryAt: at(7) });
    expect(again(7)).toMatchObject({ ok: true });
  });

  test('below what is drawn a lowered credit leaves nothing', () => {
    const lowered = tell(active(), [wire('credit.updated', 1, { amount: cny(200_000) })]).application;
    expect(availableCredit(lowered)).toBe(0);
    expect(ask({ amount: cny(100_000) }, lowered)).toMatchObject({ code: 'over_available' });
  });

  test('the product’s offer holds where the credit names none', () => {
    const offer = { terms: [3], min: 50_000, step: 50_000 };
    const plain = tell(submitted(), [granted(0.1)]).application;
    expect(requestLoan(plain, request({ amount: cny(60_000) }), START, offer)).toMatchObject({
      code: 'amount_off_step',
    });
    expect(requestLoan(plain, request({ term: 6 }), START, offer)).toMatchObject({ code: 'term_not_offered' });
    expect(requestLoan(plain, request(), START, offer)).toMatchObject({ ok: true });
  });
});
