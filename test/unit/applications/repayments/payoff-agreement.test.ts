import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { availableCredit } from '../../../../src/applications/lifecycle/available.ts';
import { dayOf } from '../../../../src/applications/lifecycle/calendar-days.ts';
import type { Application, Loan } from '../../../../src/applications/model.ts';
import { localPayoff } from '../../../../src/applications/repayments/payoff.ts';
import type { AskedInstalments } from '../../../../src/applications/repayments/repayment.ts';
import { requestRepayment } from '../../../../src/applications/repayments/request-repayment.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import { payoffTerms } from '../../../../src/intake/quote-repayment.ts';
import type { BookProduct } from '../../../../src/sandbox/story/book.ts';
import { type LedgerItem, LoanLedger } from '../../../../src/sandbox/story/ledger.ts';
import { payoffOf } from '../../../../src/sandbox/story/payoff.ts';
import { moneyIn, planOf, wireFees } from '../../../../src/sandbox/story/terms.ts';
import {
  active,
  at,
  cny,
  disbursed,
  factsAt,
  granted,
  loanOf,
  requested,
  START,
  submitted,
  tell,
  wire,
} from '../lifecycle/story.ts';

const money = moneyIn('CNY');
const AMOUNT = 300_000;

const anyProduct = fc
  .record({
    repayment: fc.constantFrom('equal_instalments' as const, 'equal_principal' as const, 'interest_only' as const),
    annual: fc.integer({ min: 0, max: 2_000 }).map((basis) => (basis / 10_000).toFixed(4)),
    fee: fc.option(fc.integer({ min: 1, max: 300 })),
    upfront: fc.boolean(),
  })
  .map(({ repayment, annual, fee, upfront }): BookProduct => {
    const fees =
      fee === null ? [] : [{ kind: 'service' as const, payee: 'lender' as const, fixed: fee, when: 'each' as const }];
    const taken = { kind: 'guarantee' as const, payee: 'guarantor' as const, percent: '0.1', when: 'upfront' as const };
    return {
      id: 'quick-cash',
      kind: 'instalment',
      currency: 'CNY',
      timezone: 'Asia/Shanghai',
      amount: { min: 1, max: 1_000_000, step: 1 },
      term: { options: [3, 6, 12], unit: 'month' },
      repayment,
      rate: { annual },
      fees: upfront ? [...fees, taken] : fees,
      cooling_off_days: 3,
    } as BookProduct;
  });

const wired = (items: readonly LedgerItem[]) =>
  items.map(({ no, dueOn, principal, interest, fees }) => ({
    no,
    due_on: dueOn,
    principal: money(principal),
    interest: money(interest),
    fees: wireFees('CNY', fees),
  }));

/** One loan in the lender's books and in ours. */
class TwoBooks {
  readonly product: BookProduct;
  readonly ledger: LoanLedger;
  application: Application;

  constructor(product: BookProduct, term: number) {
    this.product = product;
    const asked = { amount: AMOUNT, term, term_unit: 'month' as const, purpose: null };
    const plan = planOf(product, asked, START);
    this.ledger = new LoanLedger('L', plan, dayOf(START, product.timezone));
    const payout = { received: money(plan.received), schedule: wired(this.ledger.items), disbursed_at: at(0) };
    const facts = factsAt(0.1, { product: { ...factsAt(0).product, apr_cap: '0.36' } });
    const story = [granted(0, { apr: '0.2' }), requested(0, { term }), disbursed(0, payout)];
    const { application, decisions } = tell(submitted(), story, facts);
    expect(decisions.map(({ result }) => result)).toEqual(['applied', 'applied', 'applied']);
    this.application = application;
  }

  get loan(): Loan {
    return loanOf(this.application);
  }

  quote(asked: AskedInstalments, days: number) {
    const repayable = { application: this.application, loan: this.loan, product: this.product as never };
    return localPayoff(this.loan, asked, payoffTerms(repayable), START + days * DAY_MS);
  }

  /** The lender books the payment of an instalment, and tells. */
  pay(no: number, days: number, penalty = 0n): void {
    const payment = this.ledger.pay(no, 'borrower', penalty, START + days * DAY_MS);
    if (payment === undefined) throw new Error(`instalment ${no} is paid`);
    this.hear('installment.paid', days, {
      no,
      payment_ref: payment.ref,
      principal: money(payment.principal),
      interest: money(payment.interest),
      fees: wireFees('CNY', payment.fees),
      penalty: money(payment.penalty),
      payer: 'borrower',
      paid_at: at(days),
    });
  }

  hear(type: string, days: number, data: unknown): void {
    const { application, decisions } = tell(this.application, [wire(type, days, data)], factsAt(days + 0.1));
    expect([type, decisions[0]]).toMatchObject([type, { result: 'applied' }]);
    this.application = application;
  }
}

const anyCase = fc.record({
  product: anyProduct,
  term: fc.constantFrom(3, 6, 12),
  paidAhead: fc.nat(4),
  wait: fc.integer({ min: 0, max: 400 }),
  asked: fc.oneof(fc.constant('all' as const), fc.integer({ min: 1, max: 4 })),
});

describe('what repaying a loan takes', () => {
  test('is by our reckoning what the sandbox lender charges, but for its penalty; paid so, the repayment has succeeded', () => {
    fc.assert(
      fc.property(anyCase, ({ product, term, paidAhead, wait, asked }) => {
        const books = new TwoBooks(product, term);
        const days = wait + 0.2;
        for (let no = 1; no <= Math.min(paidAhead, term - 1); no += 1) books.pay(no, 0.15);
        const open = books.ledger.unpaid.map(({ no }) => no);
        const installments: AskedInstalments = asked === 'all' ? 'all' : open.slice(0, asked);
        const ours = books.quote(installments, days);
        const theirs = payoffOf(books.ledger, product, installments, dayOf(START + days * DAY_MS, product.timezone));
        if (!ours.ok || typeof theirs === 'string') {
          expect([ours.ok, typeof theirs]).toEqual([false, 'string']);
          return;
        }
        const { principal, interest, fees, amount } = ours.payoff;
        const charged = theirs.fees.map((fee) => ({ ...fee, amount: Number(fee.amount) }));
        expect({ principal, interest, fees, amount }).toEqual({
          principal: Number(theirs.principal),
          interest: Number(theirs.interest),
          fees: charged,
          amount: Number(theirs.total - theirs.penalty),
        });
        const request = { id: 'rep_1', partnerRef: 'R-1', installments, cardId: null };
        const result = requestRepayment(books.application, books.loan, request, START + days * DAY_MS, () => ours);
        if (!result.ok) throw new Error(result.message);
        books.application = result.application;
        if (theirs.plan !== null) {
          books.ledger.replan(theirs.plan);
          books.hear('loan.schedule_updated', days, { schedule: wired(theirs.plan), reason: 'prepayment' });
        }
        for (const { no, penalty } of theirs.parts) {
          expect(books.loan.repayments?.[0]?.status).toBe('pending');
          books.pay(no, days, penalty);
        }
        expect(books.loan.repayments?.[0]?.status).toBe('succeeded');
        if (installments !== 'all') return;
        books.hear('loan.settled', days, { settled_at: at(days) });
        expect(availableCredit(books.application)).toBe(500_000);
      }),
      { numRuns: 300 },
    );
  });

  test('of a loan whose credit was priced anew since goes by its own schedule, not by the new price', () => {
    const pricing = [{ term: 3, annual: '0.01' }];
    const { application } = tell(active(), [wire('credit.updated', 5, { pricing })]);
    const product = { rate: { annual: '0.18' }, timezone: 'Asia/Shanghai' } as never;
    const terms = payoffTerms({ application, loan: loanOf(application), product });
    const payoff = localPayoff(loanOf(application), 'all', terms, START + 10 * DAY_MS);
    // 10 of the 31 days of a period that bears 1 500.
    expect(payoff).toMatchObject({ payoff: { interest: 484 } });
    const before = payoffTerms({ application: active(), loan: loanOf(active()), product });
    expect(localPayoff(loanOf(active()), 'all', before, START + 10 * DAY_MS)).toMatchObject({
      payoff: { interest: 1_479 },
    });
  });

  test('what was waived counts as paid on its instalment and not as collected', () => {
    const books = active();
    const loan = loanOf(books);
    const asked = localPayoff(loan, [1, 2], { rate: undefined, timezone: 'Asia/Shanghai' }, START + 20 * DAY_MS);
    const request = { id: 'rep_1', partnerRef: 'R-1', installments: [1, 2], cardId: null };
    const result = requestRepayment(books, loan, request, START + 20 * DAY_MS, () => asked);
    if (!result.ok) throw new Error(result.message);
    const part = {
      no: 1,
      payment_ref: 'W',
      principal: cny(100_000),
      interest: cny(0),
      waived: cny(103_400),
      payer: 'borrower',
    };
    const { application } = tell(result.application, [wire('installment.paid', 20.1, { ...part, paid_at: at(20.1) })]);
    expect(loanOf(application).repayments?.[0]?.status).toBe('pending');
  });
});
