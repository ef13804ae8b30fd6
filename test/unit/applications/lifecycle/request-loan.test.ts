import { describe, expect, test } from 'vitest';
import { type LoanRequest, requestLoan } from '../../../../src/applications/lifecycle/request-loan.ts';
import { derivedIdBeside } from '../../../../src/base/ids.ts';
import { active, at, cny, disbursed, granted, START, submitted, tell } from './story.ts';

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
          data: { loan_id: loanId, amount: 300_000, currency: 'CNY', term: 3, term_unit: 'month', by: 'partner' },
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
