import { isoOf } from '../base/clock.ts';
import { Rational } from '../base/rational.ts';
import { localDate, plusDays, plusLocalDays } from './calendar.ts';
import type { LineSums } from './line-sums.ts';
import type { Period } from './periods.ts';
import type { ContractTerms } from './terms.ts';

/** A counterparty's commissions for one period, as the API shows it. Money: integers in minor units of `currency`. */
export interface Statement {
  readonly id: string;
  readonly contract: string;
  readonly payer: string;
  readonly period: {
    readonly id: string;
    readonly from: string;
    /** First instant after the period. */
    readonly to: string;
    readonly timezone: string;
  };
  /** 1, and one more with every refresh of the draft. */
  readonly revision: number;
  readonly status: StatementStatus;
  readonly currency: string;
  readonly opening: number;
  readonly accruals: number;
  readonly adjustments: number;
  readonly tax: number;
  readonly withheld: number;
  readonly payments: number;
  readonly closing: number;
  /** Tax contained in accruals + adjustments (mode inclusive), else 0; not part of the sum. */
  readonly tax_included: number;
  readonly pending: PendingMovement;
  readonly lines_count: number;
  /** SHA-256 (hex) of the CSV file of the lines, byte for byte. */
  readonly lines_sha256: string;
  /** Silence until then is acceptance; null on drafts. */
  readonly accept_by: string | null;
  /** Local date by which it is paid; null on drafts. */
  readonly due_on: string | null;
  /** Hash of the ledger entry up to which it was computed. */
  readonly ledger_head: string;
  readonly jws?: string | null;
}

export type StatementStatus =
  | 'draft'
  | 'issued'
  | 'accepted'
  | 'disputed'
  | 'invoiced'
  | 'part_paid'
  | 'paid'
  | 'carried';

/** Held money over the period; opening + added − released − voided = closing. */
export interface PendingMovement {
  readonly opening: number;
  readonly added: number;
  readonly released: number;
  readonly voided: number;
  readonly closing: number;
}

/** What a statement is computed from; money in minor units. */
export interface StatementInput {
  readonly id: string;
  /** The version whose cycle, tax and days govern the period: the one in force when it ends. */
  readonly terms: ContractTerms;
  readonly period: Period;
  readonly revision: number;
  readonly status: StatementStatus;
  /** Of the lines payable in the period, late ones too, in the order of `compareStatementLines`. */
  readonly lines: LineSums;
  /** Closing of the statement before. */
  readonly openingMinor: bigint;
  /** Paid out in the period, negative for money that came back. */
  readonly paymentsMinor: bigint;
  /** Withheld when paying, on top of what the terms withhold at lock. */
  readonly withheldAtPaymentMinor?: bigint;
  readonly pending: {
    readonly openingMinor: bigint;
    readonly addedMinor: bigint;
    readonly releasedMinor: bigint;
    readonly voidedMinor: bigint;
  };
  /** When it was issued; null for a draft. */
  readonly issuedAtMs: number | null;
  readonly ledgerHead: string;
}

/** Tax and withholding on the net of a statement's lines; minor units, rounded once each, signed like the net. */
export interface StatementDeductions {
  /** On top of the net; zero when inclusive. */
  readonly tax: bigint;
  /** Contained in the net; zero when exclusive. */
  readonly taxIncluded: bigint;
  readonly withheld: bigint;
}

/** Builds the statement without its signature. Throws RangeError when an amount does not fit a JSON integer (2^53). */
export function buildStatement(input: StatementInput): Statement {
  const { terms, period } = input;
  const { accruals, adjustments, count, sha256 } = input.lines;
  const { tax, taxIncluded, withheld: withheldAtLock } = deductionsOn(accruals + adjustments, terms);
  const withheld = withheldAtLock + (input.withheldAtPaymentMinor ?? 0n);
  const closing = input.openingMinor + accruals + adjustments + tax - withheld - input.paymentsMinor;
  const { openingMinor, addedMinor, releasedMinor, voidedMinor } = input.pending;
  return {
    id: input.id,
    contract: terms.contract,
    payer: terms.payer,
    period: { id: period.id, from: isoOf(period.fromMs), to: isoOf(period.toMs), timezone: terms.timezone },
    revision: input.revision,
    status: input.status,
    currency: terms.currency,
    opening: jsonInteger(input.openingMinor),
    accruals: jsonInteger(accruals),
    adjustments: jsonInteger(adjustments),
    tax: jsonInteger(tax),
    withheld: jsonInteger(withheld),
    payments: jsonInteger(input.paymentsMinor),
    closing: jsonInteger(closing),
    tax_included: jsonInteger(taxIncluded),
    pending: {
      opening: jsonInteger(openingMinor),
      added: jsonInteger(addedMinor),
      released: jsonInteger(releasedMinor),
      voided: jsonInteger(voidedMinor),
      closing: jsonInteger(openingMinor + addedMinor - releasedMinor - voidedMinor),
    },
    lines_count: count,
    lines_sha256: sha256,
    ...deadlines(terms, input.issuedAtMs),
    ledger_head: input.ledgerHead,
  };
}

/** Tax and withholding on a net amount; a negative net gives negative ones, so that a reversal takes its share back. */
export function deductionsOn(net: bigint, terms: ContractTerms): StatementDeductions {
  const rate = Rational.parse(terms.tax.rate);
  const inclusive = terms.tax.mode === 'inclusive';
  return {
    tax: inclusive ? 0n : Rational.of(net).mul(rate).round(terms.rounding),
    taxIncluded: inclusive ? Rational.of(net).mul(rate).div(Rational.ONE.add(rate)).round(terms.rounding) : 0n,
    withheld: Rational.of(net).mul(Rational.parse(terms.withhold.rate)).round(terms.rounding),
  };
}

/** Status of a statement when it is locked: carried to the next period when there is nothing, or too little, to pay. */
export function statusAtLock(closing: bigint, terms: ContractTerms): 'issued' | 'carried' {
  return closing <= 0n || closing < BigInt(terms.payout.min) ? 'carried' : 'issued';
}

function deadlines(
  terms: ContractTerms,
  issuedAtMs: number | null,
): { accept_by: string | null; due_on: string | null } {
  if (issuedAtMs === null) return { accept_by: null, due_on: null };
  const acceptByMs = plusLocalDays(issuedAtMs, terms.accept_days, terms.timezone);
  return { accept_by: isoOf(acceptByMs), due_on: plusDays(localDate(acceptByMs, terms.timezone), terms.payout.days) };
}

function jsonInteger(minor: bigint): number {
  const number = Number(minor);
  if (!Number.isSafeInteger(number)) throw new RangeError(`amount ${minor} does not fit a JSON integer`);
  return number;
}
