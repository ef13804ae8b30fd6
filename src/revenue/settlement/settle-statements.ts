import type { Statement } from '../statement.ts';
import type { StatedPayment } from './settlement.ts';

/** What one statement asks for and what has been paid of it. Minor units. */
export interface Share {
  /** Its own sum, with that of the statements carried into it. */
  readonly due: bigint;
  readonly paid: bigint;
}

export interface Settled {
  /** By statement id; a carried statement has the share of the one that it was carried into, none before there is one. */
  readonly shares: ReadonlyMap<string, Share>;
  /** Paid beyond everything that is due: a prepayment, which pays what is issued next. */
  readonly credit: bigint;
}

type StatedSum = Pick<Statement, 'id' | 'status' | 'period' | 'opening' | 'closing' | 'payments'>;
type PaidSum = Pick<StatedPayment, 'direction' | 'amount' | 'withheld' | 'allocations' | 'period'>;

interface Group {
  readonly ids: readonly string[];
  readonly due: bigint;
  paid: bigint;
}

/**
 * Lays payments on the statements of one contract: first where each was meant for, then on the oldest that is open. A
 * statement with a negative sum is a credit that pays the others. Σ due − Σ paid − credit is what the ledger has as stated.
 * @param statements locked ones of one contract, oldest first
 */
export function settleStatements(statements: readonly StatedSum[], payments: readonly PaidSum[]): Settled {
  const groups = groupsOf(statements, withheldByPeriod(payments));
  const byId = new Map(groups.flatMap((group) => group.ids.map((id) => [id, group] as const)));
  let pool = 0n;
  for (const group of groups) if (group.due < 0n) pool -= group.due;
  for (const payment of payments) {
    const sign = signOf(payment);
    let rest = sign * BigInt(payment.amount + payment.withheld);
    for (const { statement_id, amount } of payment.allocations) {
      const group = byId.get(statement_id);
      if (group === undefined || group.due < 0n) continue;
      group.paid += sign * BigInt(amount);
      rest -= sign * BigInt(amount);
    }
    pool += rest;
  }
  const credit = spread(groups, pool);
  const shares = groups.flatMap((group) => {
    const share: Share = { due: group.due, paid: group.due < 0n ? group.due : group.paid };
    return group.ids.map((id) => [id, share] as const);
  });
  return { shares: new Map(shares), credit };
}

/** Withheld when paying: the statement of the period in which it was paid has it among its own deductions. */
function withheldByPeriod(payments: readonly PaidSum[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const payment of payments) {
    const sum = sums.get(payment.period) ?? 0n;
    sums.set(payment.period, sum + signOf(payment) * BigInt(payment.withheld));
  }
  return sums;
}

/** What a period has added to the debt: the opening, and what was paid or withheld from payments meanwhile, are no part of it. */
function ownSum({ opening, closing, payments, period }: StatedSum, withheld: ReadonlyMap<string, bigint>): bigint {
  return BigInt(closing) - BigInt(opening) + BigInt(payments) + (withheld.get(period.id) ?? 0n);
}

function signOf({ direction }: Pick<PaidSum, 'direction'>): bigint {
  return direction === 'out' ? 1n : -1n;
}

/** Carried statements wait for the next that is issued. Those that still wait belong to nothing. */
function groupsOf(statements: readonly StatedSum[], withheld: ReadonlyMap<string, bigint>): Group[] {
  const groups: Group[] = [];
  let ids: string[] = [];
  let due = 0n;
  for (const statement of statements) {
    ids.push(statement.id);
    due += ownSum(statement, withheld);
    if (statement.status === 'carried') continue;
    groups.push({ ids, due, paid: 0n });
    [ids, due] = [[], 0n];
  }
  return groups;
}

/** Money that was meant for nothing pays the oldest; money that came back was that of the newest. @returns what is left */
function spread(groups: readonly Group[], pool: bigint): bigint {
  let rest = pool;
  // More was meant for a statement than it asks for.
  for (const group of groups) {
    if (group.due < 0n || group.paid <= group.due) continue;
    rest += group.paid - group.due;
    group.paid = group.due;
  }
  for (const group of groups) {
    if (rest <= 0n) break;
    const open = group.due < 0n ? 0n : group.due - group.paid;
    const taken = open < rest ? open : rest;
    group.paid += taken;
    rest -= taken;
  }
  for (const group of [...groups].reverse()) {
    if (rest >= 0n) break;
    const taken = group.paid < -rest ? group.paid : -rest;
    if (taken <= 0n) continue;
    group.paid -= taken;
    rest += taken;
  }
  return rest;
}
