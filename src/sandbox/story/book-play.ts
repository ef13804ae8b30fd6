import { ApplicationPlay } from './application-play.ts';
import { type BookInput, refusedBecause, type SandboxAnswer, type SandboxBook, type Taken, taken } from './book.ts';
import { Cards } from './cards.ts';
import type { LoanPlay } from './loan-play.ts';
import { answerLoanOtp, otpAction } from './payout-stories.ts';
import type { Step } from './teller.ts';
import { Timeline } from './timeline.ts';

/**
 * Plays a book: everything that happens to an applicant at the sandbox lender, from the application and what the lender was
 * told since. The same book gives the same steps, and something told later changes none that were before it.
 */
export class BookPlay {
  readonly book: SandboxBook;
  /** What has happened so far, in the order of time. */
  readonly steps: Step[] = [];
  /** What each message was answered, by its delivery id. */
  readonly answers = new Map<string, SandboxAnswer>();
  readonly application: ApplicationPlay;
  readonly cards = new Cards();
  readonly #timeline: Timeline;

  constructor(book: SandboxBook) {
    this.book = book;
    this.#timeline = new Timeline(book.accepted_ms);
    this.application = new ApplicationPlay(book, this.#timeline, this.steps);
    for (const input of book.inputs) {
      this.#timeline.told(input.at, () => this.answers.set(input.delivery, this.take(input).answer));
    }
  }

  /** Goes on to an instant, epoch ms; without one to the end. */
  runUntil(untilMs = Number.POSITIVE_INFINITY): this {
    this.#timeline.runUntil(untilMs);
    return this;
  }

  /** Finds a loan by the lender's reference, else by our id. */
  loan(loanId: string, lenderRef: string | null = null): LoanPlay | undefined {
    const { loans } = this.application;
    return loans.find((loan) => loan.lenderRef === lenderRef) ?? loans.find((loan) => loan.setting.loanId === loanId);
  }

  /** Takes what the lender is told, at the instant that has been played up to. */
  take(input: BookInput): Taken {
    const { application, cards } = this;
    const { nowMs } = this.#timeline;
    switch (input.kind) {
      case 'loan': {
        const known = this.loan(input.loan_id);
        return known ? { ...taken(known.lenderRef), keep: false } : application.drawDown(input.loan_id, input.asked);
      }
      case 'supplement':
        return application.giveInput();
      case 'otp': {
        if (input.card_id !== null) {
          const taken = cards.answer(input.card_id, input.right, nowMs);
          if (taken.answer.result === 'accepted') application.confirm(input.action_id);
          return taken;
        }
        const loan = input.loan_id === null ? undefined : this.loan(input.loan_id);
        return loan ? answerLoanOtp(loan, input.right) : refusedBecause('action_expired');
      }
      case 'resend':
        return input.card_id === null ? this.#resend(input.loan_id ?? '') : cards.resend(input.card_id, nowMs);
      case 'noted':
        return { ...taken(application.lenderRef), keep: false };
      case 'card': {
        const asksOtp = this.book.scenario === 'asks_for_otp';
        const { card_id: cardId, sent_to: sentTo, sound } = input;
        return cards.bind({ cardId, sentTo, sound, asksOtp }, nowMs);
      }
      case 'card_removed':
        return cards.remove(input.card_id);
      case 'repayment': {
        const loan = this.loan(input.loan_id, input.loan_ref);
        return loan ? loan.repay(input.installments, input.amount) : refusedBecause('unknown_loan');
      }
      case 'cancellation': {
        if (input.loan_id === null) return application.cancel();
        const loan = this.loan(input.loan_id, input.loan_ref);
        return loan ? loan.callOff() : refusedBecause('unknown_loan');
      }
    }
  }

  #resend(loanId: string): Taken {
    const loan = this.loan(loanId);
    const otp = loan?.challenge?.otp;
    if (loan === undefined || otp === undefined || !loan.isPending) return refusedBecause('action_expired');
    const verdict = otp.resend(this.#timeline.nowMs);
    if (verdict !== 'sent') return refusedBecause(verdict);
    return taken(loan.lenderRef, otpAction('drawdown', otp, null));
  }
}
