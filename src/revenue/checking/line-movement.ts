import type { CommissionLine } from '../commission-line.ts';
import { type LedgerEntry, transfersOf } from '../ledger-entry.ts';

/** What of a line changes after it is booked. */
export type LineState = Pick<
  CommissionLine,
  'status' | 'period' | 'original_period' | 'pending_period' | 'reason' | 'clawed_back'
>;

/** What one entry does to one line. */
export type LineMovement =
  /** `stored`: the line as it is stored, null = it is not; `faults`: facts in which that differs from the entry. */
  | {
      readonly what: 'booked';
      readonly line: string;
      readonly state: LineState;
      readonly stored: LineState | null;
      readonly faults: readonly string[];
    }
  | { readonly what: 'changed'; readonly line: string; readonly to: Partial<LineState> }
  /** `amount`: minor units, > 0 for what is taken back. */
  | { readonly what: 'taken'; readonly line: string; readonly amount: number };

/** Accounts in which a line's money lies. */
const OWED = ['pending', 'payable'];

/** Whether the entry books a line. */
export function booksLine({ kind }: Pick<LedgerEntry, 'kind'>): boolean {
  return kind !== 'lock' && kind !== 'payment' && kind !== 'release' && kind !== 'void';
}

/** The state in which an entry books its line. */
export function bookedState(entry: LedgerEntry): LineState {
  const reason = textIn(entry, 'void_reason');
  const status = reason !== null ? 'void' : entry.period === null ? 'pending' : 'payable';
  return { status, period: entry.period, ...placesIn(entry), reason, clawed_back: 0 };
}

/** What an entry does to lines that were booked before it. */
export function laterMovement(entry: LedgerEntry): LineMovement | undefined {
  const line = String(entry.ref.line);
  if (entry.kind === 'release') {
    return { what: 'changed', line, to: { status: 'payable', period: entry.period, ...placesIn(entry) } };
  }
  if (entry.kind === 'void') {
    return { what: 'changed', line, to: { status: 'void', period: null, reason: textIn(entry, 'on') } };
  }
  const reversed = textIn(entry, 'reverses');
  if (entry.kind !== 'clawback' || reversed === null) return undefined;
  return { what: 'taken', line: reversed, amount: -Number(owedBy(entry)) };
}

/** What the entry adds to the money owed: the amount of the line that it books. Minor units. */
export function owedBy(entry: LedgerEntry): bigint {
  const isOwed = (account: string) => OWED.includes(account.slice(account.lastIndexOf('/') + 1));
  return transfersOf(entry).reduce(
    (sum, { from, to, amount }) => sum + (isOwed(to) ? amount : 0n) - (isOwed(from) ? amount : 0n),
    0n,
  );
}

/** What of a stored line changes. */
export function stateOf(line: CommissionLine): LineState {
  const { status, period, original_period, pending_period, reason, clawed_back } = line;
  return { status, period, original_period, pending_period, reason, clawed_back };
}

/** Names of the parts in which two states differ. */
export function differingIn(a: LineState, b: LineState): string[] {
  const names = ['clawed_back', 'status', 'period', 'original_period', 'pending_period', 'reason'] as const;
  return names.filter((name) => a[name] !== b[name]);
}

function placesIn(entry: LedgerEntry): Pick<LineState, 'original_period' | 'pending_period'> {
  return { original_period: textIn(entry, 'original_period'), pending_period: textIn(entry, 'pending_period') };
}

function textIn({ ref }: LedgerEntry, name: string): string | null {
  const value = ref[name];
  return typeof value === 'string' ? value : null;
}
