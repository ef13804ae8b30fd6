import { dayOf } from '../../applications/lifecycle/calendar-days.ts';
import { isoOf } from '../../base/clock.ts';
import type { SandboxBook } from './book.ts';
import { BookPlay } from './book-play.ts';
import type { LedgerPayment } from './ledger.ts';
import type { LoanPlay } from './loan-play.ts';
import { sumOfFees } from './terms.ts';

/** What the lender believes of an applicant; money in minor units of `currency`. */
export interface BookState {
  readonly application_id: string;
  readonly lender_ref: string;
  readonly product_id: string;
  readonly currency: string;
  readonly scenario: string;
  readonly status: string;
  readonly reason: string | null;
  readonly credit: { readonly status: 'active' | 'closed'; readonly amount: number; readonly available: number } | null;
  /** Card ids; the default first. */
  readonly cards: readonly string[];
  readonly loans: readonly LoanState[];
}

export interface LoanState {
  /** Our id; null of a loan that began in the lender's own app. */
  readonly loan_id: string | null;
  readonly lender_ref: string;
  readonly status: string;
  readonly reason: string | null;
  readonly amount: number;
  /** Principal lent and not paid back. */
  readonly outstanding: number;
  /** Payments that stand. */
  readonly paid: {
    readonly count: number;
    readonly principal: number;
    readonly interest: number;
    readonly fees: number;
    readonly penalty: number;
  };
  readonly disbursed_at: string | null;
  readonly settled_at: string | null;
  readonly schedule: readonly {
    readonly no: number;
    readonly due_on: string;
    readonly principal: number;
    readonly interest: number;
    readonly fees: number;
    readonly paid: boolean;
  }[];
}

/** The figures of a book at an instant, epoch ms. */
export function stateOfBook(book: SandboxBook, atMs: number): BookState {
  const { application, cards } = new BookPlay(book).runUntil(atMs);
  const { status, reason, credit, lenderRef, loans } = application;
  const today = dayOf(atMs, book.product.timezone);
  return {
    application_id: book.application_id,
    lender_ref: lenderRef,
    product_id: book.product.id,
    currency: book.product.currency,
    scenario: book.scenario,
    status,
    reason,
    credit: credit && { status: credit.status, amount: credit.amount, available: application.available },
    cards: cards.bound,
    loans: loans.map((loan) => stateOfLoan(loan, today)),
  };
}

function stateOfLoan(loan: LoanPlay, today: string): LoanState {
  const { setting, lenderRef, status, reason, ledger, disbursedMs, settledMs } = loan;
  const isOverdue = status === 'active' && (ledger?.pastDue(today).length ?? 0) > 0;
  const isOut = status === 'active' || status === 'settled';
  return {
    loan_id: setting.loanId,
    lender_ref: lenderRef,
    status: isOverdue ? 'overdue' : status,
    reason,
    amount: setting.asked.amount,
    outstanding: isOut ? Number(ledger?.outstanding ?? 0n) : 0,
    paid: paidSums(ledger?.payments ?? []),
    disbursed_at: disbursedMs === null ? null : isoOf(disbursedMs),
    settled_at: settledMs === null ? null : isoOf(settledMs),
    schedule: (ledger?.items ?? []).map((item) => ({
      no: item.no,
      due_on: item.dueOn,
      principal: Number(item.principal),
      interest: Number(item.interest),
      fees: Number(sumOfFees(item.fees)),
      paid: ledger?.paymentOf(item.no) !== undefined,
    })),
  };
}

function paidSums(payments: readonly LedgerPayment[]): LoanState['paid'] {
  const sum = (amountOf: (payment: LedgerPayment) => bigint) =>
    Number(payments.reduce((total, payment) => total + amountOf(payment), 0n));
  return {
    count: payments.length,
    principal: sum((payment) => payment.principal),
    interest: sum((payment) => payment.interest),
    fees: sum((payment) => sumOfFees(payment.fees)),
    penalty: sum((payment) => payment.penalty),
  };
}
