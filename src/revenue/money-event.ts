import { isFunder } from '../base/ledger-party.ts';

/**
 * Everything that pricing may look at, in one value, so that replaying an event prices it the same way whatever has
 * happened to its application since.
 */
export interface MoneyEvent {
  /** `evt_…` */
  readonly id: string;
  /** `click`, `applicant.registered`, `credit.granted`, `loan.disbursed`, `installment.paid` …: what terms name in `on`. */
  readonly type: string;
  readonly occurredAtMs: number;
  readonly recordedAtMs: number;
  /** Whose terms price it: a traffic partner's id, or `funder:<id>` for what a funder pays us. */
  readonly counterparty: string;
  /** Also set for a registration, whose `id` is then `reg_…`. */
  readonly application: EventApplication | null;
  /** Only on `click`. */
  readonly click?: EventClick | null;
  readonly loan: EventLoan | null;
  readonly payment: EventPayment | null;
}

/** The attributed introduction that the event goes back to. */
export interface EventApplication {
  readonly id: string;
  /** Who introduced the applicant; null = nobody did. */
  readonly partnerId?: string | null;
  readonly partnerRef: string | null;
  readonly lenderRef: string | null;
  readonly productId: string | null;
  readonly lenderId: string | null;
  /** Funder of the loan if there is one, else of the credit. */
  readonly funderId: string | null;
  readonly linkCode: string | null;
  readonly via: 'api' | 'click' | 'handoff' | 'lender';
  readonly customer: 'new' | 'returning';
  readonly acceptedAtMs: number;
  /** Token of the id number; never the number itself. */
  readonly applicantToken: string | null;
  readonly termMonths?: number | null;
  readonly termDays?: number | null;
  /** Amount of the credit once granted, minor units. */
  readonly creditAmount?: bigint | null;
  readonly region?: string | null;
  readonly grade?: string | null;
  /** Contract → terms id in force when the application was accepted (or quoted by a precheck that still held). */
  readonly pins: Readonly<Record<string, string>>;
}

export interface EventClick {
  /** `clk_…` */
  readonly id: string;
  /** Token of the visitor: cookie, or address and user agent under a daily salt. */
  readonly visitor: string;
  readonly linkCode: string;
  readonly productId: string | null;
  readonly lenderId: string | null;
}

export interface EventLoan {
  readonly id: string;
  /** 1 = the applicant's first loan from this introduction's lender. */
  readonly ordinal: number;
  /** Minor units; null, as its currency, when nothing but the loan's id is known: before it is disbursed. */
  readonly principal: bigint | null;
  readonly currency: string | null;
  /** What reached the borrower after upfront fees, minor units. */
  readonly received?: bigint | null;
  /** Start of the term; a pro-rata clawback of what an instalment earned needs it. */
  readonly disbursedAtMs?: number | null;
  /** null when the term is counted in days. */
  readonly termMonths: number | null;
  readonly termDays?: number | null;
}

/** Partner whose business the event is; null when nobody introduced the applicant. */
export function introducerOf({ counterparty, application }: MoneyEvent): string | null {
  return isFunder(counterparty) ? (application?.partnerId ?? null) : counterparty;
}

/** Amounts of this payment alone, minor units of the loan's currency. */
export interface EventPayment {
  readonly ref: string;
  readonly no: number;
  readonly principal: bigint;
  readonly interest: bigint;
  readonly fees: readonly { readonly kind: string; readonly amount: bigint }[];
  readonly penalty: bigint;
  /** borrower | guarantor | insurer | collector */
  readonly payer: string;
}

/** A commission line that is already in the ledger, as far as pricing needs it. */
export interface PricedLine {
  /** `com_…`, the transfer id that booked it. */
  readonly id: string;
  readonly contract: string;
  readonly termsId: string;
  readonly rule: string | null;
  /** Type of the event that booked it; null = none did. */
  readonly on: string | null;
  readonly kind: 'accrual' | 'clawback' | 'correction' | 'dispute' | 'true_up' | 'manual';
  readonly status: 'pending' | 'payable' | 'stated' | 'paid' | 'void';
  /** Signed minor units. */
  readonly amount: bigint;
  readonly currency: string;
  readonly occurredAtMs: number;
  readonly payableAtMs: number;
  readonly holdUntilMs: number | null;
  readonly applicationId: string | null;
  readonly loanId: string | null;
  readonly paymentRef: string | null;
  readonly reverses: string | null;
}
