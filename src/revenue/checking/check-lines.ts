import type { LedgerReader } from '../ledger-reader.ts';
import type { LineCodec, Partitions } from '../reconciliation/partitions.ts';
import type { Differences } from './differences.ts';
import { differingIn, type LineMovement, type LineState } from './line-movement.ts';

export interface LineCheckDeps {
  readonly store: LedgerReader;
  readonly movements: Partitions<LineMovement>;
  readonly differences: Differences;
}

/** Movements as they wait on disk. */
export const MOVEMENT_CODEC: LineCodec<LineMovement> = {
  encode: (movement) => JSON.stringify(movement),
  decode: (line) => JSON.parse(line) as LineMovement,
};

/**
 * Folds what the entries do to each line, a part of the lines at a time, and holds it against what is stored; then counts
 * what the indexes should list.
 */
export async function checkLines(deps: LineCheckDeps, partnerId: string): Promise<void> {
  const { store, movements, differences } = deps;
  const expected = { linesByTime: 0, linesByPeriod: 0, holds: 0 };
  for (let part = 0; part < movements.count; part += 1) {
    for (const [id, line] of foldLines(await movements.read(part), differences)) {
      expected.linesByTime += 1;
      if (line.state.status === 'payable') expected.linesByPeriod += 1;
      if (line.state.status === 'pending') expected.holds += 1;
      if (line.stored === null) {
        differences.add('line_missing', id, 'an entry booked it, and it is not stored');
        continue;
      }
      const differing = [...line.faults, ...differingIn(line.stored, line.state)];
      if (differing.length > 0) differences.add('line', id, `${differing.join(', ')} are not as booked`);
    }
  }
  // A line that an index lacks would be on no statement, or never be released.
  for (const [name, found] of Object.entries(await store.indexSizes(partnerId))) {
    const wanted = expected[name as keyof typeof expected];
    if (found !== wanted) differences.add('index', name, `${wanted} lines by the entries, ${found} listed`);
  }
}

interface FoldedLine {
  state: LineState;
  readonly stored: LineState | null;
  readonly faults: readonly string[];
}

function foldLines(movements: readonly LineMovement[], differences: Differences): Map<string, FoldedLine> {
  const lines = new Map<string, FoldedLine>();
  for (const movement of movements) {
    if (movement.what === 'booked') {
      const { state, stored, faults } = movement;
      lines.set(movement.line, { state, stored, faults });
      continue;
    }
    const line = lines.get(movement.line);
    if (line === undefined) {
      differences.add('line', movement.line, 'an entry changes it, and none booked it');
      continue;
    }
    line.state =
      movement.what === 'changed'
        ? { ...line.state, ...movement.to }
        : { ...line.state, clawed_back: line.state.clawed_back + movement.amount };
  }
  return lines;
}

/**
 * Finds stored documents that no entry speaks of. Every entry's document was looked for already: only when there are more
 * than were found is one of them nobody's.
 */
export async function checkStrangers(
  { store, differences }: Pick<LineCheckDeps, 'store' | 'differences'>,
  partnerId: string,
  name: 'lines' | 'payments',
  found: number,
): Promise<void> {
  if ((await store.countOf(partnerId, name)) === found) return;
  const what = name === 'lines' ? 'line_unknown' : 'payment';
  const told = new Set<string>();
  for await (const ids of store.idsOf(partnerId, name)) {
    const places = await store.placesOf(partnerId, ids);
    for (const [index, id] of ids.entries()) {
      const place = places[index] ?? null;
      const entry = place === null ? undefined : await store.entryAt(partnerId, place);
      if (entry?.id === id || told.has(id)) continue;
      told.add(id);
      differences.add(what, id, 'no entry booked it');
    }
  }
}
