import type { Keyspace } from '../redis/keyspace.ts';
import type { CommissionLine } from './commission-line.ts';
import type { CounterValue } from './counters.ts';

/** The keys of a counterparty's slot, in the order in which the append script takes them. */
export const SLOT_KEYS = [
  'ledger',
  'book',
  'balances',
  'lines',
  'linesByPeriod',
  'objects',
  'linesByTime',
  'once',
  'holds',
  'periods',
  'statements',
  'transfers',
  'loans',
  'terms',
  'settlements',
  'payments',
  'disputes',
  'feed',
  'margin',
  'snapshots',
] as const;
export type SlotKey = (typeof SLOT_KEYS)[number];

/** A counterparty's keys by name. */
export function slotKeys(keys: Keyspace, partnerId: string): Readonly<Record<SlotKey, string>> {
  return {
    ledger: keys.partner(partnerId, 'ledger'),
    book: keys.partner(partnerId, 'book'),
    balances: keys.partner(partnerId, 'balances'),
    lines: keys.partner(partnerId, 'lines'),
    linesByPeriod: keys.partner(partnerId, 'lines', 'period'),
    objects: keys.partner(partnerId, 'objects'),
    linesByTime: keys.partner(partnerId, 'lines', 'time'),
    once: keys.partner(partnerId, 'once'),
    holds: keys.partner(partnerId, 'holds'),
    periods: keys.partner(partnerId, 'periods'),
    statements: keys.partner(partnerId, 'statements'),
    transfers: keys.partner(partnerId, 'transfers'),
    loans: keys.partner(partnerId, 'loans'),
    terms: keys.partner(partnerId, 'terms'),
    settlements: keys.partner(partnerId, 'settlements'),
    payments: keys.partner(partnerId, 'payments'),
    disputes: keys.partner(partnerId, 'disputes'),
    feed: keys.partner(partnerId, 'feed'),
    margin: keys.partner(partnerId, 'margin'),
    snapshots: keys.partner(partnerId, 'snapshots'),
  };
}

/** What moves in a period beside its lines: held money, and payments with what was withheld from them. */
export const MOVEMENT_KINDS = ['added', 'released', 'voided', 'payments', 'withheld'] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** Parts of a field or member; contracts, ids and instants hold no such character. */
export const SEPARATOR = '|';
/** The character after the separator: the end of everything that begins with a prefix. */
const AFTER_SEPARATOR = '}';

/** Fields of the hash `book` beside rev, seq and head. */
export const bookField = {
  open: (contract: string) => `open|${contract}`,
  counter: (key: string) => `count|${key}`,
  link: (code: string, currency: string) => `link|${code}|${currency}`,
  moved: (contract: string, period: string, kind: MovementKind) => `moved|${contract}|${period}|${kind}`,
};

/** Field of the hash `periods`. */
export function periodField(contract: string, period: string): string {
  return `${contract}|${period}`;
}

/** Field of the hash `objects` for the nth line of an application or loan after its first; `n` = how many those are. */
export function objectField(object: string, n: number | 'n'): string {
  return `${object}|${n}`;
}

/** Members of the indexes; their order as text is the order in which lines are listed. */
export const lineIndex = {
  period: (line: Pick<CommissionLine, 'contract' | 'period' | 'payable_at' | 'id'>) =>
    `${line.contract}|${line.period}|${line.payable_at}|${line.id}`,
  time: (line: Pick<CommissionLine, 'occurred_at' | 'id'>) => `${line.occurred_at}|${line.id}`,
};

/** Commission id at the end of an index member. */
export function lineIdOf(member: string): string {
  return member.slice(member.lastIndexOf(SEPARATOR) + 1);
}

/** Bounds (of ZRANGE BYLEX) around all members that begin with these parts. */
export function rangeOf(...parts: readonly string[]): { readonly min: string; readonly max: string } {
  const prefix = parts.join(SEPARATOR);
  return { min: `[${prefix}${SEPARATOR}`, max: `(${prefix}${AFTER_SEPARATOR}` };
}

/** A counter as stored: count, Σ base, Σ paid. */
export function counterText({ count, base, paid }: CounterValue): string {
  return `${count},${base},${paid}`;
}

/** Reads `counterText` back. */
export function readCounter(text: string): CounterValue {
  const [count = '0', base = '0', paid = '0'] = text.split(',');
  return { count: BigInt(count), base: BigInt(base), paid: BigInt(paid) };
}
