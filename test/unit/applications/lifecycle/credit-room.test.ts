import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { availableCredit } from '../../../../src/applications/lifecycle/available.ts';
import { type LoanOffer, requestLoan } from '../../../../src/applications/lifecycle/request-loan.ts';
import { sweepApplication } from '../../../../src/applications/lifecycle/sweep-application.ts';
import type { Application } from '../../../../src/applications/model.ts';
import { DAY_MS, msOf } from '../../../../src/base/clock.ts';
import { derivedIdBeside } from '../../../../src/base/ids.ts';
import { at, cny, factsAt, granted, PRODUCT, START, submitted, tell, wire } from './story.ts';

const OFFER: LoanOffer = { terms: [3], min: 1, step: 1 };
const EXPIRES = 100;

/** What a lender that keeps its own books knows of a credit and of the loans under it. */
class Books {
  limit = 500_000;
  open = true;
  readonly loans = new Map<
    string,
    { asked: number; state: 'asked' | 'out' | 'over' | 'settled'; left: number; paid: Map<string, number> }
  >();

  /** Less than nothing where the limit was lowered below what is out. */
  get room(): number {
    let room = this.limit;
    for (const { state, asked, left } of this.loans.values()) {
      if (state === 'asked') room -= asked;
      if (state === 'out') room -= left;
    }
    return room;
  }
}

type Step = { readonly kind: string; readonly loan: number; readonly amount: number };

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(
    ...[
      'draw',
      'draw',
      'draw',
      'pay_out',
      'pay_out',
      'decline',
      'fail',
      'return',
      'repay',
      'repay',
      'settle',
      'bounce',
    ],
    ...['limit', 'freeze', 'thaw', 'sweep'],
  ),
  loan: fc.nat(3),
  amount: fc.oneof(fc.constantFrom(1, 500_000, 500_001), fc.integer({ min: 1, max: 600_000 })),
});

const item = (principal: number, days: number) => ({
  no: 1,
  due_on: at(days).slice(0, 10),
  principal: cny(principal),
  interest: cny(0),
  fees: [],
});

/** Lives through steps on one credit; after each the product's room is compared with the books. */
class Life {
  application: Application = tell(submitted(), [granted(0, { expires_at: at(EXPIRES) })]).application;
  readonly books = new Books();
  #clock = 1;
  #payments = 0;

  step({ kind, loan: which, amount }: Step, look: () => void): void {
    this.#clock += 0.5;
    const refs = [...this.books.loans.keys()];
    const ref = refs[which % Math.max(1, refs.length)];
    const loan = ref === undefined ? undefined : this.books.loans.get(ref);
    if (kind === 'draw') this.#draw(amount);
    else if (kind === 'limit') {
      this.hear(wire('credit.updated', this.#clock, { amount: cny(amount) }));
      this.books.limit = amount;
    } else if (kind === 'freeze' || kind === 'thaw') {
      this.hear(wire('credit.updated', this.#clock, { status: kind === 'freeze' ? 'frozen' : 'active' }));
      this.books.open = kind === 'thaw';
    } else if (kind === 'sweep') {
      this.application = sweepApplication(this.application, START + this.#clock * DAY_MS, PRODUCT).application;
    } else if (ref !== undefined && loan !== undefined) this.#onLoan(kind, ref, loan, amount);
    look();
  }

  #draw(amount: number): void {
    const partnerRef = `D-${this.books.loans.size}`;
    const loanId = derivedIdBeside('loan', this.application.id, partnerRef);
    const nowMs = START + this.#clock * DAY_MS;
    const request = { loanId, partnerRef, amount: cny(amount), term: 3, termUnit: 'month' as const, purpose: null };
    const result = requestLoan(this.application, request, nowMs, OFFER);
    expect([result.ok, amount, this.books.room]).toEqual([
      this.books.open && amount <= this.books.room,
      amount,
      this.books.room,
    ]);
    if (!result.ok) return;
    this.application = result.application;
    this.books.loans.set(loanId, { asked: amount, state: 'asked', left: amount, paid: new Map() });
  }

  #onLoan(kind: string, loan_id: string, loan: NonNullable<ReturnType<Books['loans']['get']>>, amount: number): void {
    const tellOf = (type: string, data: unknown) =>
      this.hear(wire(type, this.#clock, data, { loan_id, lender_ref: undefined }));
    const { state } = loan;
    if (kind === 'pay_out' && state === 'asked') {
      const schedule = [item(loan.asked, this.#clock + 90)];
      tellOf('loan.disbursed', {
        principal: cny(loan.asked),
        received: cny(loan.asked),
        disbursed_at: at(this.#clock),
        schedule,
      });
      loan.state = 'out';
    } else if (kind === 'decline' && state === 'asked') {
      tellOf('loan.declined', { reason: 'policy' });
      loan.state = 'over';
    } else if (kind === 'fail' && state === 'asked') {
      tellOf('loan.payout_failed', { reason: 'bank' });
      loan.state = 'over';
    } else if (kind === 'return' && state === 'out') {
      tellOf('loan.cancelled', { reason: 'payout_returned' });
      loan.state = 'over';
    } else if (kind === 'repay' && state === 'out' && loan.left > 0) {
      this.#payments += 1;
      const [payment_ref, principal] = [`P-${this.#payments}`, Math.min(amount, loan.left)];
      const parts = { principal: cny(principal), interest: cny(0), payer: 'borrower', paid_at: at(this.#clock) };
      tellOf('installment.paid', { no: 1, payment_ref, ...parts });
      loan.paid.set(payment_ref, principal);
      loan.left -= principal;
    } else if (kind === 'settle' && state === 'out') {
      tellOf('loan.settled', { settled_at: at(this.#clock) });
      loan.state = 'settled';
    } else if (kind === 'bounce' && (state === 'out' || state === 'settled')) {
      const [payment_ref, principal = 0] = [...loan.paid].at(-1) ?? [];
      if (payment_ref === undefined) return;
      tellOf('installment.reversed', { payment_ref, reason: 'bounced' });
      loan.paid.delete(payment_ref);
      loan.left += principal;
      loan.state = 'out';
    }
  }

  hear(raw: unknown): void {
    const { application, decisions } = tell(this.application, [raw], factsAt(this.#clock + 0.1));
    expect(decisions[0]).toMatchObject({ result: 'applied' });
    this.application = application;
  }
}

describe('what is left of a credit', () => {
  test('is what a lender’s own books say, never below nothing, and nobody draws more', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 60 }), (steps) => {
        const life = new Life();
        for (const step of steps) {
          life.step(step, () => {
            const { room } = life.books;
            expect([step.kind, availableCredit(life.application)]).toEqual([step.kind, Math.max(0, room)]);
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is drawn up to the instant at which it expires and not at it, whether or not the sweep has been', () => {
    const credit = tell(submitted(), [granted(0, { expires_at: at(EXPIRES) })]).application;
    const endsMs = msOf(at(EXPIRES));
    const loanId = derivedIdBeside('loan', credit.id, 'D-1');
    const request = {
      loanId,
      partnerRef: 'D-1',
      amount: cny(1_000),
      term: 3,
      termUnit: 'month' as const,
      purpose: null,
    };
    expect(requestLoan(credit, request, endsMs - 1, OFFER)).toMatchObject({ ok: true });
    expect(requestLoan(credit, request, endsMs, OFFER)).toMatchObject({ ok: false, code: 'credit_not_active' });
    expect(sweepApplication(credit, endsMs - 1, PRODUCT).application.status).toBe('credit_granted');
    const swept = sweepApplication(credit, endsMs, PRODUCT).application;
    expect(swept).toMatchObject({ status: 'expired', credit: { status: 'closed' } });
    expect(requestLoan(swept, request, endsMs, OFFER)).toMatchObject({ ok: false, code: 'credit_not_active' });
  });

  test('of a product of one loan at a time is drawn again once nothing is open, and not while a settled loan is open again', () => {
    const one: LoanOffer = { ...OFFER, oneAtATime: true };
    const life = new Life();
    const draw = (partnerRef: string) => {
      const loanId = derivedIdBeside('loan', life.application.id, partnerRef);
      const request = { loanId, partnerRef, amount: cny(300_000), term: 3, termUnit: 'month' as const, purpose: null };
      return requestLoan(life.application, request, START + 50 * DAY_MS, one);
    };
    life.step({ kind: 'draw', loan: 0, amount: 300_000 }, () =>
      expect(draw('D-2')).toMatchObject({ code: 'loan_open' }),
    );
    for (const kind of ['pay_out', 'repay', 'settle']) life.step({ kind, loan: 0, amount: 300_000 }, () => undefined);
    expect(draw('D-2')).toMatchObject({ ok: true });
    life.step({ kind: 'bounce', loan: 0, amount: 1 }, () => undefined);
    expect(draw('D-2')).toMatchObject({ ok: false, code: 'loan_open' });
    expect(availableCredit(life.application)).toBe(200_000);
  });

  test('loans stand in the order in which they began, whoever began them and whoever was heard of first', () => {
    const life = new Life();
    const later = wire('loan.requested', 1.502, {
      lender_ref: 'LN-9',
      amount: cny(1_000),
      term: 3,
      term_unit: 'month',
      requested_at: at(1.502),
    });
    const { application } = tell(life.application, [later], factsAt(1.5));
    life.application = application;
    life.step({ kind: 'draw', loan: 0, amount: 1_000 }, () => undefined);
    expect(life.application.loans.map(({ partner_ref }) => partner_ref)).toEqual(['D-0', null]);
  });
});
