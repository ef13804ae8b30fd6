import { daysBetween } from '../../applications/lifecycle/calendar-days.ts';
import { type FeeAmount, interestForDays } from '../../pricing/schedule.ts';
import type { BookProduct, Installments } from './book.ts';
import { dueOf, type LedgerItem, type LoanLedger } from './ledger.ts';
import { penaltyOn } from './terms.ts';

/** One instalment as it would be paid today. */
export interface PayoffPart {
  readonly no: number;
  readonly penalty: bigint;
}

/** What paying off some instalments comes to today, minor units: total = principal + interest + fees + penalty. */
export interface Payoff {
  readonly parts: readonly PayoffPart[];
  readonly principal: bigint;
  readonly interest: bigint;
  readonly fees: readonly FeeAmount[];
  readonly penalty: bigint;
  readonly total: bigint;
  /** The plan under which the parts are paid; null when it stays as it is. */
  readonly plan: readonly LedgerItem[] | null;
}

export type PayoffRefusal = 'unknown_installment' | 'nothing_due';

/**
 * Works out what some instalments cost on a day. Those that are named are paid as they stand, with a penalty for the days
 * since they were due. All of them (提前结清) are those that are due, and of the others the principal with interest for the
 * days since the period began, at the nominal rate and never more than that period's interest, and without their fees:
 * one payment, under a plan that is cut short.
 */
export function payoffOf(
  ledger: LoanLedger,
  product: BookProduct,
  installments: Installments,
  today: string,
): Payoff | PayoffRefusal {
  const wanted = installments === 'all' ? ledger.unpaid : pick(ledger, installments);
  if (wanted === 'unknown_installment') return wanted;
  const ahead = installments === 'all' ? wanted.filter((item) => item.dueOn > today) : [];
  const asTheyStand = wanted.filter((item) => !ahead.includes(item));
  const items = [...asTheyStand, ...cutShort(ahead, product, today)];
  const parts = items.map((item) => {
    return { no: item.no, penalty: penaltyOn(product, dueOf(item), daysBetween(item.dueOn, today)) };
  });
  const sum = (amountOf: (item: LedgerItem) => bigint) => items.reduce((total, item) => total + amountOf(item), 0n);
  const penalty = parts.reduce((total, part) => total + part.penalty, 0n);
  const total = sum(dueOf) + penalty;
  if (total === 0n) return 'nothing_due';
  return {
    parts,
    principal: sum((item) => item.principal),
    interest: sum((item) => item.interest),
    fees: addFees(items),
    penalty,
    total,
    plan: ahead.length === 0 ? null : replanned(ledger, wanted, items),
  };
}

function pick(ledger: LoanLedger, numbers: readonly number[]): readonly LedgerItem[] | 'unknown_installment' {
  const items = [...new Set(numbers)].sort((one, other) => one - other).map((no) => ledger.item(no));
  if (items.some((item) => item === undefined)) return 'unknown_installment';
  return items.flatMap((item) => (item !== undefined && ledger.paymentOf(item.no) === undefined ? [item] : []));
}

/** All that is not due yet as one instalment of today. */
function cutShort([first, ...others]: readonly LedgerItem[], product: BookProduct, today: string): LedgerItem[] {
  if (first === undefined) return [];
  const principal = others.reduce((sum, item) => sum + item.principal, first.principal);
  const days = Math.max(0, daysBetween(first.from, today));
  const accrued = interestForDays(principal, product.rate, days);
  const interest = accrued < first.interest ? accrued : first.interest;
  return [{ ...first, dueOn: today, principal, interest, fees: [] }];
}

function replanned(ledger: LoanLedger, replaced: readonly LedgerItem[], by: readonly LedgerItem[]): LedgerItem[] {
  const gone = new Set(replaced.map((item) => item.no));
  const kept = ledger.items.filter((item) => !gone.has(item.no));
  return [...kept, ...by].sort((one, other) => one.no - other.no);
}

/** Fees of several instalments, those of one kind and payee together. */
function addFees(items: readonly LedgerItem[]): FeeAmount[] {
  const sums = new Map<string, FeeAmount>();
  for (const fee of items.flatMap((item) => item.fees)) {
    const key = JSON.stringify([fee.kind, fee.payee]);
    const before = sums.get(key)?.amount ?? 0n;
    sums.set(key, { ...fee, amount: before + fee.amount });
  }
  return [...sums.values()].filter((fee) => fee.amount > 0n);
}
