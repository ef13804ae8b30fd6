import { dayOf, daysBetween } from '../../applications/lifecycle/calendar-days.ts';
import { isoOf, SECOND_MS } from '../../base/clock.ts';
import { type Asked, type Installments, refusedBecause, type SandboxBook, type Taken, taken } from './book.ts';
import { dueOf, type LedgerItem, type LedgerPayment, LoanLedger, type Payer } from './ledger.ts';
import type { OtpChallenge } from './otp-challenge.ts';
import { type Payoff, type PayoffRefusal, payoffOf } from './payoff.ts';
import type { Teller } from './teller.ts';
import { instantOn, lenderRefOf, moneyIn, nextDay, planOf, wireFees } from './terms.ts';
import type { Timeline } from './timeline.ts';

export type PlayedLoanStatus =
  | 'requested'
  | 'in_review'
  | 'declined'
  | 'paying_out'
  | 'payout_failed'
  | 'active'
  | 'settled'
  | 'cancelled';

/** What a loan needs of the story around it. */
export interface LoanSetting {
  readonly book: SandboxBook;
  readonly timeline: Timeline;
  readonly teller: Teller;
  /** Names the loan at the lender: our loan id, or one of its own. */
  readonly key: string;
  /** Null when it began in the lender's own app. */
  readonly loanId: string | null;
  /** What the lender's reference is made of. */
  readonly refOf: string;
  readonly asked: Asked;
  /** What follows once the money is out. */
  readonly onDisbursed: (loan: LoanPlay) => void;
  /** What follows when nothing is owed any more. */
  readonly onSettled: (loan: LoanPlay) => void;
}

/** A code that the drawdown waits for. */
export interface LoanChallenge {
  readonly otp: OtpChallenge;
  /** Goes on with the drawdown. */
  readonly passed: () => void;
}

/** The overdue report is made half an hour into the day after the due day. */
const OVERDUE_MINUTE = 30;
const SETTLED_AFTER_MS = SECOND_MS;
const CURED_AFTER_MS = SECOND_MS;
/** A repayment that was asked for is booked within a second. */
const REPLANNED_AFTER_MS = SECOND_MS / 4;
const REPAID_AFTER_MS = SECOND_MS / 2;

/** One drawdown at the sandbox lender, as it goes on by itself and by what the lender is told. */
export class LoanPlay {
  readonly setting: LoanSetting;
  readonly lenderRef: string;
  status: PlayedLoanStatus = 'requested';
  reason: string | null = null;
  challenge: LoanChallenge | null = null;
  ledger: LoanLedger | null = null;
  disbursedMs: number | null = null;
  settledMs: number | null = null;
  /** A payment did not hold once. */
  wasReversed = false;
  /** Instalments whose payment is under way. */
  readonly #paying = new Set<number>();
  #reportedOverdue = false;
  #cutShort = false;

  constructor(setting: LoanSetting) {
    this.setting = setting;
    this.lenderRef = lenderRefOf('L', setting.refOf);
  }

  get isRunning(): boolean {
    return this.status === 'active';
  }

  /** Neither paid out nor over: it can still be called off. */
  get isPending(): boolean {
    return this.status === 'requested' || this.status === 'in_review';
  }

  get today(): string {
    return dayOf(this.setting.timeline.nowMs, this.setting.book.product.timezone);
  }

  /** Principal that it takes out of its credit, minor units. */
  get inUse(): number {
    if (this.isPending || this.status === 'paying_out') return this.setting.asked.amount;
    return this.isRunning ? Number(this.ledger?.outstanding ?? 0n) : 0;
  }

  tell(type: string, data: Readonly<Record<string, unknown>> = {}): string {
    return this.setting.teller.tell(type, data);
  }

  end(
    status: 'declined' | 'payout_failed' | 'cancelled',
    type: string,
    data: { reason: string; retry_at?: string },
  ): void {
    this.status = status;
    this.reason = data.reason;
    this.tell(type, data);
  }

  /** Pays out, and lets the story of its repayment begin. */
  disburse(): void {
    const { book, timeline, asked, key } = this.setting;
    const { product } = book;
    const money = moneyIn(product.currency);
    const plan = planOf(product, asked, timeline.nowMs);
    this.status = 'active';
    this.disbursedMs = timeline.nowMs;
    this.ledger = new LoanLedger(key, plan, this.today);
    this.tell('loan.disbursed', {
      principal: money(asked.amount),
      received: money(plan.received),
      disbursed_at: isoOf(timeline.nowMs),
      ...(book.funder_id === null ? {} : { funder_id: book.funder_id }),
      contract_no: `C-${key}`,
      schedule: this.wireSchedule(),
    });
    this.setting.onDisbursed(this);
  }

  wireSchedule(): readonly unknown[] {
    const { currency } = this.setting.book.product;
    const money = moneyIn(currency);
    return (this.ledger?.items ?? []).map(({ no, dueOn, principal, interest, fees }) => {
      return {
        no,
        due_on: dueOn,
        principal: money(principal),
        interest: money(interest),
        fees: wireFees(currency, fees),
      };
    });
  }

  /** Does something at an hour of a day, if the loan still runs then. */
  onDay(day: string, hour: number, act: () => void, minute = 0): void {
    const { timeline, book } = this.setting;
    timeline.at(instantOn(book.product, day, hour, minute), () => {
      if (this.isRunning) act();
    });
  }

  /** Whether an instalment is neither paid nor being paid. */
  owes(no: number): boolean {
    const { ledger } = this;
    return ledger?.item(no) !== undefined && ledger.paymentOf(no) === undefined && !this.#paying.has(no);
  }

  /** Looks on the morning after whether an instalment was paid. */
  watchArrears({ no, dueOn }: LedgerItem): void {
    const look = () => {
      const item = this.ledger?.item(no);
      if (item !== undefined && this.ledger?.pastDue(this.today).includes(item)) this.#reportOverdue(item);
    };
    this.onDay(nextDay(dueOn), 0, look, OVERDUE_MINUTE);
  }

  #reportOverdue(item: LedgerItem): void {
    if (this.#reportedOverdue) return;
    this.#reportedOverdue = true;
    this.tell('loan.overdue', {
      no: item.no,
      days_past_due: daysBetween(item.dueOn, this.today),
      amount_overdue: moneyIn(this.setting.book.product.currency)(dueOf(item)),
    });
  }

  /** Pays a whole instalment, unless it is paid or being paid; then the loan may be cured, or settled. */
  pay(no: number, payer: Payer = 'borrower', penalty = 0n): void {
    if (!this.isRunning || !this.owes(no)) return;
    const { timeline } = this.setting;
    const payment = this.ledger?.pay(no, payer, penalty, timeline.nowMs);
    if (payment === undefined) return;
    this.#tellPayment(payment);
    if (this.ledger?.unpaid.length === 0) {
      timeline.after(SETTLED_AFTER_MS, () => this.#settle());
    } else if (this.#reportedOverdue && this.ledger?.pastDue(this.today).length === 0) {
      this.#reportedOverdue = false;
      timeline.after(CURED_AFTER_MS, () => this.#cure());
    }
  }

  #cure(): void {
    const isCurrent = this.isRunning && this.ledger?.pastDue(this.today).length === 0;
    if (isCurrent) this.tell('loan.cured');
  }

  #settle(): void {
    if (!this.isRunning || this.ledger?.unpaid.length !== 0) return;
    const { timeline, onSettled } = this.setting;
    this.status = 'settled';
    this.settledMs = timeline.nowMs;
    this.#reportedOverdue = false;
    this.tell('loan.settled', { settled_at: isoOf(timeline.nowMs), early: this.#cutShort });
    onSettled(this);
  }

  /** A payment did not hold: what it had paid is due again, and a settled loan lives on. */
  reverse(payment: LedgerPayment, reason: string): void {
    this.ledger?.reverse(payment.ref);
    this.wasReversed = true;
    this.status = 'active';
    this.settledMs = null;
    this.tell('installment.reversed', { payment_ref: payment.ref, reason });
  }

  /** What paying off some instalments would cost now. */
  payoff(installments: Installments): Payoff | PayoffRefusal | 'loan_not_active' {
    if (!this.isRunning || this.ledger === null) return 'loan_not_active';
    return payoffOf(this.ledger, this.setting.book.product, installments, this.today);
  }

  /**
   * The borrower pays some instalments, or all, of its own accord.
   * @param amount minor units, what the borrower was told that it comes to; null when it was told nothing
   */
  repay(installments: Installments, amount: number | null): Taken {
    const payoff = this.payoff(installments);
    if (typeof payoff === 'string') return refusedBecause(payoff);
    if (payoff.parts.some((part) => this.#paying.has(part.no))) return refusedBecause('already_paying');
    // A partner that reckons itself leaves the penalty to the lender.
    const isQuoted = amount === null || [payoff.total, payoff.total - payoff.penalty].includes(BigInt(amount));
    if (!isQuoted) return refusedBecause('amount_changed', `it comes to ${payoff.total} minor units now`);
    const replaced = installments === 'all' ? (this.ledger?.unpaid ?? []).map((item) => item.no) : [];
    for (const no of [...replaced, ...payoff.parts.map((part) => part.no)]) this.#paying.add(no);
    const { timeline } = this.setting;
    const { plan } = payoff;
    if (plan !== null) timeline.after(REPLANNED_AFTER_MS, () => this.#replan(plan));
    timeline.after(REPAID_AFTER_MS, () => {
      this.#paying.clear();
      for (const { no, penalty } of payoff.parts) this.pay(no, 'borrower', penalty);
    });
    return taken(this.lenderRef);
  }

  /** The borrower wants the loan no more: before its payout, and afterwards in the days of cooling-off. */
  callOff(): Taken {
    if (this.isPending) {
      this.end('cancelled', 'loan.cancelled', { reason: 'customer' });
      return taken(this.lenderRef);
    }
    if (this.status === 'cancelled') return { ...taken(this.lenderRef), keep: false };
    if (this.status === 'paying_out') return refusedBecause('payout_under_way');
    const { product } = this.setting.book;
    if (!this.isRunning || this.disbursedMs === null) return refusedBecause('loan_not_active');
    const days = daysBetween(dayOf(this.disbursedMs, product.timezone), this.today);
    if (days > product.cooling_off_days || this.ledger?.payments.length !== 0)
      return refusedBecause('cooling_off_over');
    this.end('cancelled', 'loan.cancelled', { reason: 'cooling_off' });
    return taken(this.lenderRef);
  }

  #replan(plan: readonly LedgerItem[]): void {
    if (!this.isRunning) return;
    this.#cutShort = true;
    this.ledger?.replan(plan);
    this.tell('loan.schedule_updated', { schedule: this.wireSchedule(), reason: 'prepayment' });
  }

  #tellPayment({ ref, no, principal, interest, fees, penalty, payer, atMs }: LedgerPayment): void {
    const { currency } = this.setting.book.product;
    const money = moneyIn(currency);
    this.tell('installment.paid', {
      no,
      payment_ref: ref,
      principal: money(principal),
      interest: money(interest),
      fees: wireFees(currency, fees),
      penalty: money(penalty),
      waived: money(0n),
      payer,
      paid_at: isoOf(atMs),
    });
  }
}
