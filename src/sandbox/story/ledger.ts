import type { FeeAmount, Schedule } from '../../pricing/schedule.ts';
import { sumOfFees } from './terms.ts';

/** One instalment in the lender's books, minor units. */
export interface LedgerItem {
  readonly no: number;
  readonly dueOn: string;
  /** The first day that its interest is for. */
  readonly from: string;
  readonly principal: bigint;
  readonly interest: bigint;
  readonly fees: readonly FeeAmount[];
}

export type Payer = 'borrower' | 'guarantor';

/** A payment of a whole instalment, minor units. */
export interface LedgerPayment {
  readonly ref: string;
  readonly no: number;
  readonly principal: bigint;
  readonly interest: bigint;
  readonly fees: readonly FeeAmount[];
  readonly penalty: bigint;
  readonly payer: Payer;
  readonly atMs: number;
}

/** What is due and what was paid on one loan: an instalment is paid whole or not at all, and never twice. */
export class LoanLedger {
  #items: readonly LedgerItem[];
  readonly #payments: LedgerPayment[] = [];
  readonly #reversed = new Set<string>();
  /** Payment references never come again. */
  readonly #key: string;

  constructor(key: string, plan: Schedule, disbursedOn: string) {
    this.#key = key;
    this.#items = plan.schedule.map(({ no, dueOn, principal, interest, fees }, at) => {
      const from = plan.schedule[at - 1]?.dueOn ?? disbursedOn;
      return { no, dueOn, from, principal, interest, fees };
    });
  }

  get items(): readonly LedgerItem[] {
    return this.#items;
  }

  /** Payments that stand, oldest first. */
  get payments(): readonly LedgerPayment[] {
    return this.#payments.filter((payment) => !this.#reversed.has(payment.ref));
  }

  get unpaid(): readonly LedgerItem[] {
    return this.#items.filter((item) => this.paymentOf(item.no) === undefined);
  }

  /** Principal lent and not paid back. */
  get outstanding(): bigint {
    return this.unpaid.reduce((sum, item) => sum + item.principal, 0n);
  }

  paymentOf(no: number): LedgerPayment | undefined {
    return this.#payments.find((payment) => payment.no === no && !this.#reversed.has(payment.ref));
  }

  item(no: number): LedgerItem | undefined {
    return this.#items.find((item) => item.no === no);
  }

  /** Books the payment of a whole instalment; undefined when there is nothing to pay on it. */
  pay(no: number, payer: Payer, penalty: bigint, atMs: number): LedgerPayment | undefined {
    const item = this.item(no);
    if (item === undefined || this.paymentOf(no) !== undefined) return undefined;
    const before = this.#payments.filter((payment) => payment.no === no).length;
    const ref = `P-${this.#key}-${no}${before === 0 ? '' : `-${before + 1}`}`;
    const { principal, interest, fees } = item;
    const payment = { ref, no, principal, interest, fees, penalty, payer, atMs };
    this.#payments.push(payment);
    return payment;
  }

  /** Takes a payment back: its instalment is due again. */
  reverse(ref: string): void {
    this.#reversed.add(ref);
  }

  /** Puts another plan in the place of what was to be paid. */
  replan(items: readonly LedgerItem[]): void {
    this.#items = items;
  }

  /** What is past due on a calendar day, oldest first. */
  pastDue(day: string): readonly LedgerItem[] {
    return this.unpaid.filter((item) => item.dueOn < day && dueOf(item) > 0n);
  }
}

/** What an instalment comes to, without a penalty. */
export function dueOf({ principal, interest, fees }: LedgerItem): bigint {
  return principal + interest + sumOfFees(fees);
}
