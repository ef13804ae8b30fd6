import type { CommissionLine } from './commission-line.ts';
import { type LedgerEntry, transfersOf } from './ledger-entry.ts';

/** A line as its entries tell it. */
export interface ReplayedLine {
  /** The one that booked it. */
  readonly entry: LedgerEntry;
  readonly amount: bigint;
  readonly status: CommissionLine['status'];
  readonly period: string | null;
  readonly originalPeriod: string | null;
  readonly pendingPeriod: string | null;
  readonly reason: string | null;
  readonly clawedBack: bigint;
}

/** Accounts in which a line's money lies. */
const OWED = ['pending', 'payable'];

/** Applies one entry to the lines: it books one, releases, moves or voids one, or has nothing to do with lines. */
export function replayLine(lines: Map<string, ReplayedLine>, entry: LedgerEntry): void {
  if (entry.kind === 'lock' || entry.kind === 'payment') return;
  if (entry.kind === 'release') change(lines, entry, { status: 'payable', period: entry.period, ...placesIn(entry) });
  else if (entry.kind === 'void') change(lines, entry, { status: 'void', period: null, reason: textIn(entry, 'on') });
  else {
    lines.set(entry.id, booked(entry));
    takeBack(lines, entry);
  }
}

function booked(entry: LedgerEntry): ReplayedLine {
  const reason = textIn(entry, 'void_reason');
  const status = reason !== null ? 'void' : entry.period === null ? 'pending' : 'payable';
  return { entry, amount: owedBy(entry), status, period: entry.period, ...placesIn(entry), reason, clawedBack: 0n };
}

function change(lines: Map<string, ReplayedLine>, { ref }: LedgerEntry, to: Partial<ReplayedLine>): void {
  const line = lines.get(String(ref.line));
  if (line !== undefined) lines.set(String(ref.line), { ...line, ...to });
}

function takeBack(lines: Map<string, ReplayedLine>, entry: LedgerEntry): void {
  const reversed = typeof entry.ref.reverses === 'string' ? lines.get(entry.ref.reverses) : undefined;
  if (reversed === undefined || entry.kind !== 'clawback') return;
  lines.set(reversed.entry.id, { ...reversed, clawedBack: reversed.clawedBack - owedBy(entry) });
}

function placesIn(entry: LedgerEntry): Pick<ReplayedLine, 'originalPeriod' | 'pendingPeriod'> {
  return { originalPeriod: textIn(entry, 'original_period'), pendingPeriod: textIn(entry, 'pending_period') };
}

function textIn({ ref }: LedgerEntry, name: string): string | null {
  const value = ref[name];
  return typeof value === 'string' ? value : null;
}

/** What the entry adds to the money owed: the amount of the line that it books. */
function owedBy(entry: LedgerEntry): bigint {
  const isOwed = (account: string) => OWED.includes(account.slice(account.lastIndexOf('/') + 1));
  return transfersOf(entry).reduce(
    (sum, { from, to, amount }) => sum + (isOwed(to) ? amount : 0n) - (isOwed(from) ? amount : 0n),
    0n,
  );
}
