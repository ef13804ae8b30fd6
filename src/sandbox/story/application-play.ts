import { DAY_MS, HOUR_MS, isoOf, MINUTE_MS, SECOND_MS } from '../../base/clock.ts';
import { type Asked, refusedBecause, type SandboxAnswer, type SandboxBook, type Taken, taken } from './book.ts';
import { LoanPlay, type LoanSetting } from './loan-play.ts';
import { startPayout } from './payout-stories.ts';
import { afterSettlement, startRepaying } from './repayment-stories.ts';
import { type EventObject, type Step, Teller } from './teller.ts';
import { grantedTerms, lenderRefOf, moneyIn, roundToStep } from './terms.ts';
import type { Timeline } from './timeline.ts';

export type PlayedApplicationStatus =
  | 'submitted'
  | 'verifying'
  | 'needs_input'
  | 'in_review'
  | 'credit_granted'
  | 'credit_declined'
  | 'cancelled'
  | 'expired';

export interface PlayedCredit {
  amount: number;
  status: 'active' | 'closed';
  readonly expiresMs: number;
}

const DECIDED_AFTER_MS = SECOND_MS;
const INPUT_AFTER_MS = HOUR_MS;
const INPUT_EXPIRES_DAYS = 7;
const DRAWDOWN_AFTER_MS = MINUTE_MS;
const DRAWN_AGAIN_AFTER_DAYS = 7;
const DECLINED_FOR_DAYS = 30;
const CREDIT_DAYS = 365;
const RAISED_AFTER_DAYS = 7;

/** One application at the sandbox lender: its decision, its credit, and the loans under it. */
export class ApplicationPlay {
  readonly #book: SandboxBook;
  readonly #timeline: Timeline;
  readonly #steps: Step[];
  readonly #teller: Teller;
  readonly lenderRef: string;
  status: PlayedApplicationStatus = 'submitted';
  reason: string | null = null;
  credit: PlayedCredit | null = null;
  readonly loans: LoanPlay[] = [];
  #askedId = '';

  constructor(book: SandboxBook, timeline: Timeline, steps: Step[]) {
    const id = book.application_id;
    this.#book = book;
    this.#timeline = timeline;
    this.#steps = steps;
    this.#teller = new Teller(timeline, steps, id, { application_id: id });
    this.lenderRef = lenderRefOf('A', id);
    timeline.at(book.accepted_ms, () => this.#begin());
  }

  /** What the application itself is answered. */
  get firstAnswer(): SandboxAnswer {
    if (this.#book.scenario !== 'existing_customer') return { result: 'accepted', lender_ref: this.lenderRef };
    const reason = 'existing_customer';
    return { result: 'rejected', lender_ref: this.lenderRef, reason, detail: 'registered' };
  }

  /** A drawdown that the partner asks for. */
  drawDown(loanId: string, asked: Asked): Taken {
    const { product } = this.#book;
    const { credit } = this;
    if (credit?.status !== 'active') return refusedBecause('credit_not_active');
    const amount = roundToStep(product, asked.amount);
    if (amount > this.#available(credit)) return refusedBecause('over_available');
    const loan = this.#open({ loan_id: loanId }, { key: loanId, loanId, refOf: loanId, asked: { ...asked, amount } });
    return taken(loan.lenderRef);
  }

  /** What the lender waits for has come; where it waits for nothing, nothing changes. */
  giveInput(): Taken {
    const answer = taken(this.lenderRef);
    if (this.status !== 'needs_input') return { ...answer, keep: false };
    this.#teller.tell('action.completed', { action_id: this.#askedId });
    this.status = 'verifying';
    this.#timeline.after(DECIDED_AFTER_MS, () => this.#grant());
    return answer;
  }

  /**
   * A code that was asked for in an answer has been taken. The answer to it may get lost on its way, and nobody asks again
   * for what the lender has: so it is told as an event too.
   */
  confirm(actionId: string): void {
    this.#teller.tell('action.completed', { action_id: actionId });
  }

  /** Called off: nothing more follows. Where money is out, it stays as it is, and the partner is told so. */
  cancel(): Taken {
    const answer = taken(this.lenderRef);
    if (this.loans.some((loan) => loan.isRunning || loan.status === 'paying_out')) {
      return refusedBecause('loan_running', 'money is out: the loan is to be repaid, or sent back');
    }
    const isOver = this.status === 'credit_declined' || this.status === 'cancelled' || this.status === 'expired';
    if (isOver) return { ...answer, keep: false };
    for (const loan of this.loans) {
      if (loan.isPending) loan.end('cancelled', 'loan.cancelled', { reason: 'customer' });
    }
    if (this.loans.some((loan) => loan.disbursedMs !== null)) {
      this.#expire();
    } else {
      this.status = 'cancelled';
      if (this.credit) this.credit.status = 'closed';
      this.#teller.tell('application.cancelled', { reason: 'customer' });
    }
    return answer;
  }

  #begin(): void {
    if (this.#book.scenario === 'existing_customer') {
      this.status = 'credit_declined';
      this.reason = 'existing_customer';
      return;
    }
    this.status = 'verifying';
    this.#teller.tell('application.verifying');
    this.#timeline.after(DECIDED_AFTER_MS, () => this.#decide());
  }

  #decide(): void {
    if (this.status !== 'verifying') return;
    switch (this.#book.scenario) {
      case 'stays_in_review':
        this.status = 'in_review';
        this.#teller.tell('application.in_review');
        break;
      case 'declined':
        this.#decline();
        break;
      case 'needs_input':
        this.#askForInput();
        break;
      default:
        this.#grant();
    }
  }

  #decline(): void {
    this.status = 'credit_declined';
    this.reason = 'credit_policy';
    const retry_at = isoOf(this.#timeline.nowMs + DECLINED_FOR_DAYS * DAY_MS);
    this.#teller.tell('credit.declined', { reason: this.reason, retry_at });
  }

  #askForInput(): void {
    this.status = 'needs_input';
    // A lender names the action by its own event that asked for it.
    this.#askedId = this.#teller.tell('action.required', {
      type: 'supplement',
      scene: 'apply',
      fields: ['email'],
      message: 'An e-mail address is needed.',
      expires_at: isoOf(this.#timeline.nowMs + INPUT_EXPIRES_DAYS * DAY_MS),
    });
    this.#timeline.after(INPUT_AFTER_MS, () => this.giveInput());
  }

  #grant(): void {
    if (this.status !== 'verifying') return;
    const { product, asked, apr, funder_id, scenario } = this.#book;
    const { nowMs } = this.#timeline;
    const { amount } = grantedTerms(product, asked);
    const money = moneyIn(product.currency);
    const expiresMs = nowMs + CREDIT_DAYS * DAY_MS;
    this.status = 'credit_granted';
    this.credit = { amount, status: 'active', expiresMs };
    this.#teller.tell('credit.granted', {
      amount: money(amount),
      min: money(product.amount.min),
      step: money(product.amount.step),
      terms: product.term.options,
      apr,
      expires_at: isoOf(expiresMs),
      ...(funder_id === null ? {} : { funder_id }),
    });
    this.#timeline.at(expiresMs, () => this.#expire());
    if (scenario === 'limit_raised') this.#timeline.after(RAISED_AFTER_DAYS * DAY_MS, () => this.#raiseLimit());
    if (this.#book.draws_alone) this.#timeline.after(DRAWDOWN_AFTER_MS, () => this.#drawAlone(1));
  }

  /** By half, down to a whole step, and by one step at least. */
  #raiseLimit(): void {
    const { product } = this.#book;
    if (this.credit?.status !== 'active') return;
    const { step } = product.amount;
    const half = Math.floor(this.credit.amount / 2);
    this.credit.amount += Math.max(step, half - (half % step));
    const amount = moneyIn(product.currency)(this.credit.amount);
    this.#teller.tell('credit.updated', { amount, reason: 'good_standing' });
  }

  #expire(): void {
    if (this.credit?.status !== 'active') return;
    this.credit.status = 'closed';
    if (!this.loans.some((loan) => loan.disbursedMs !== null || loan.isPending)) this.status = 'expired';
    this.#teller.tell('credit.expired');
  }

  /** What can be drawn now, minor units. */
  get available(): number {
    return this.credit?.status === 'active' ? this.#available(this.credit) : 0;
  }

  #available(credit: PlayedCredit): number {
    return credit.amount - this.loans.reduce((sum, loan) => sum + loan.inUse, 0);
  }

  /** In the lender's own app. @param time 1 for the first loan */
  #drawAlone(time: number): void {
    const { application_id, product, asked } = this.#book;
    if (this.credit?.status !== 'active') return;
    const terms = grantedTerms(product, asked);
    if (terms.amount > this.#available(this.credit)) return;
    const [key, refOf] = time === 1 ? ['own', application_id] : [`own${time}`, `${application_id}:${time}`];
    const lender_ref = lenderRefOf('L', refOf);
    this.#teller.tell('loan.requested', {
      lender_ref,
      amount: moneyIn(product.currency)(terms.amount),
      term: terms.term,
      term_unit: terms.term_unit,
      purpose: terms.purpose ?? 'consumption',
      requested_at: isoOf(this.#timeline.nowMs),
    });
    this.#open({ application_id, lender_ref }, { key: `${application_id}:${key}`, loanId: null, refOf, asked: terms });
  }

  #open(object: EventObject, own: Pick<LoanSetting, 'key' | 'loanId' | 'refOf' | 'asked'>): LoanPlay {
    const loan = new LoanPlay({
      ...own,
      book: this.#book,
      timeline: this.#timeline,
      teller: new Teller(this.#timeline, this.#steps, own.key, object),
      onDisbursed: startRepaying,
      onSettled: (settled) => {
        afterSettlement(settled);
        this.#mayDrawAgain();
      },
    });
    this.loans.push(loan);
    startPayout(loan);
    return loan;
  }

  /** 复贷: who draws alone under a limit that can be drawn on repeatedly comes back once. */
  #mayDrawAgain(): void {
    const { scenario, product } = this.#book;
    if (scenario !== 'draws_by_itself' || product.kind !== 'revolving' || this.loans.length > 1) return;
    this.#timeline.after(DRAWN_AGAIN_AFTER_DAYS * DAY_MS, () => this.#drawAlone(2));
  }
}
