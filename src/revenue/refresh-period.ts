import { isoOf } from '../base/clock.ts';
import { derivedId } from '../base/ids.ts';
import type { CommissionLine } from './commission-line.ts';
import { type CounterValue, versionCounterKey, ZERO_COUNTER } from './counters.ts';
import type { LedgerBatch } from './ledger-batch.ts';
import type { LedgerStore } from './ledger-store.ts';
import { placesOf } from './line-entry.ts';
import type { Period } from './periods.ts';
import { bookField, readCounter } from './slot.ts';

const PAGE = 500;
/** About thirty milliseconds of one script. */
const PULL_MAX = 1_000;

interface RefreshTarget {
  readonly partnerId: string;
  readonly contract: string;
  readonly period: Period;
}

/**
 * Moves the lines that came after the cut, and belong into the period or before it, from the open period back into it. Each
 * move is an entry without money: the chain tells where every line lies. One script must stay short, so a batch takes
 * `PULL_MAX` lines at most.
 * @param open id of the period that took them
 * @returns whether there are more
 */
export async function pullBackLateLines(
  batch: LedgerBatch,
  store: LedgerStore,
  { partnerId, contract, period }: RefreshTarget,
  open: string,
  revision: number,
): Promise<boolean> {
  const found = await lateLines(store, partnerId, contract, open, isoOf(period.toMs));
  const late = found.slice(0, PULL_MAX);
  const counters = await periodCounters(store, partnerId, late, period.id);
  for (const line of late) {
    const moved: CommissionLine = {
      ...line,
      period: period.id,
      original_period: line.original_period === period.id ? null : line.original_period,
      // Money is released no earlier than it was added: what was added late comes back with its line.
      pending_period: line.pending_period !== null && line.pending_period > period.id ? period.id : line.pending_period,
    };
    batch.leavePeriod(line);
    batch.putLine(moved);
    batch.enterPeriod(moved);
    moveHeldMoney(batch, line, moved);
    moveCounter(batch, counters, line, period.id);
    batch.post({
      id: derivedId('com', line.id, 'refresh', period.id, String(revision)),
      kind: 'release',
      book: { contract, currency: line.currency },
      effectiveAtMs: batch.atMs,
      period: period.id,
      transfers: [],
      ref: { line: line.id, moved_from: line.period, ...placesOf(moved), revision },
    });
  }
  return found.length > late.length;
}

async function lateLines(store: LedgerStore, partnerId: string, contract: string, open: string, end: string) {
  const late: CommissionLine[] = [];
  let after: string | null = null;
  do {
    const page: { lines: CommissionLine[]; next: string | null } = await store.linesOfPeriodPage(
      partnerId,
      contract,
      open,
      after,
      PAGE,
    );
    // The index is in order of payable_at: what belongs earlier stands first.
    const before = page.lines.filter((line) => line.payable_at < end);
    late.push(...before.filter((line) => line.original_period !== null));
    after = before.length === page.lines.length ? page.next : null;
  } while (after !== null && late.length <= PULL_MAX);
  return late;
}

function moveHeldMoney(batch: LedgerBatch, before: CommissionLine, after: CommissionLine): void {
  const { contract, period: from, pending_period: addedIn } = before;
  if (addedIn === null || from === null || after.period === null || after.pending_period === null) return;
  const amount = BigInt(before.amount);
  batch.move(contract, from, 'released', -amount);
  batch.move(contract, after.period, 'released', amount);
  if (addedIn === after.pending_period) return;
  batch.move(contract, addedIn, 'added', -amount);
  batch.move(contract, after.pending_period, 'added', amount);
}

/** Counters of a period belong to its lines: they move along. Amounts stay as they were priced. */
function moveCounter(
  batch: LedgerBatch,
  stored: ReadonlyMap<string, CounterValue>,
  line: CommissionLine,
  to: string,
): void {
  if (line.kind !== 'accrual') return;
  const own = { count: 1n, base: BigInt(line.base ?? 0), paid: BigInt(line.amount) };
  const current = (key: string) => batch.counters.get(key) ?? stored.get(key) ?? ZERO_COUNTER;
  const toKeys = counterKeys(line, to);
  for (const [index, fromKey] of counterKeys(line, line.period ?? to).entries()) {
    const toKey = toKeys[index];
    if (toKey === undefined || !stored.has(fromKey)) continue;
    const [from, into] = [current(fromKey), current(toKey)];
    batch.setCounter(fromKey, {
      count: from.count - own.count,
      base: from.base - own.base,
      paid: from.paid - own.paid,
    });
    batch.setCounter(toKey, { count: into.count + own.count, base: into.base + own.base, paid: into.paid + own.paid });
  }
}

async function periodCounters(store: LedgerStore, partnerId: string, lines: readonly CommissionLine[], to: string) {
  const keys = [
    ...new Set(lines.flatMap((line) => [...counterKeys(line, line.period ?? to), ...counterKeys(line, to)])),
  ];
  const { values } = await store.readBook(partnerId, keys.map(bookField.counter));
  return new Map(keys.flatMap((key, index) => (values[index] ? [[key, readCounter(values[index])] as const] : [])));
}

/** The counter that tiers and period caps of the line's rule read, and what the line's version has of it. */
function counterKeys(line: CommissionLine, period: string): readonly [tiers: string, ofVersion: string] {
  const tierKey = `${line.contract}/${line.rule}/period/${period}`;
  return [tierKey, versionCounterKey(tierKey, { id: line.terms_id })];
}
