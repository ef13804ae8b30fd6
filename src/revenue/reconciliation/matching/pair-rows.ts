import type { TheirRow } from '../reading/their-row.ts';
import { compareTheirs, compareUnits, daysApart, type OurUnit } from './sides.ts';

/** A row of theirs and what of ours it was found to be. */
export interface Pair {
  readonly theirs: TheirRow;
  readonly ours: OurUnit;
}

export interface Pairing {
  readonly pairs: readonly Pair[];
  readonly theirs: readonly TheirRow[];
  readonly ours: readonly OurUnit[];
}

/**
 * Pairs rows of equal amounts under one reference: first those whose days are near (the day on which ours became payable, then
 * that of its event), then those that are left. As many pairs as there can be, whatever the days are.
 */
export function pairEqual(theirs: readonly TheirRow[], ours: readonly OurUnit[], windowDays: number): Pairing {
  const amounts = new Map<bigint, { theirs: TheirRow[]; ours: OurUnit[] }>();
  for (const row of theirs) {
    const group = amounts.get(row.amount) ?? { theirs: [], ours: [] };
    group.theirs.push(row);
    amounts.set(row.amount, group);
  }
  for (const unit of ours) amounts.get(unit.amount)?.ours.push(unit);
  const pairs: Pair[] = [];
  for (const group of amounts.values()) {
    let rest: Pairing = { pairs: [], theirs: group.theirs.sort(compareTheirs), ours: group.ours };
    if (rest.ours.length === 0) continue;
    for (const day of ['payable', 'occurred'] as const) {
      rest = pairNear(rest.theirs, rest.ours, windowDays, day);
      pairs.push(...rest.pairs);
    }
    const left = [...rest.ours].sort(compareUnits);
    rest.theirs.slice(0, left.length).forEach((row, index) => {
      const unit = left[index];
      if (unit !== undefined) pairs.push({ theirs: row, ours: unit });
    });
  }
  return without(pairs, theirs, ours);
}

/** Both sides by day; whoever is too early for the other can be near to none that follows. */
function pairNear(
  theirs: readonly TheirRow[],
  ours: readonly OurUnit[],
  windowDays: number,
  by: 'payable' | 'occurred',
): Pairing {
  const dayOf = (unit: OurUnit): string => unit.lines[0]?.[by] ?? '';
  const rows = theirs.filter(({ day }) => day !== null);
  const units = [...ours].sort((a, b) => (dayOf(a) === dayOf(b) ? compareUnits(a, b) : dayOf(a) < dayOf(b) ? -1 : 1));
  const pairs: Pair[] = [];
  let at = 0;
  for (const row of rows) {
    const day = row.day ?? '';
    for (; at < units.length; at += 1) {
      const unit = units[at];
      if (unit === undefined || dayOf(unit) > day || daysApart(dayOf(unit), day) <= windowDays) break;
    }
    const unit = units[at];
    if (unit === undefined || daysApart(dayOf(unit), day) > windowDays) continue;
    pairs.push({ theirs: row, ours: unit });
    at += 1;
  }
  return without(pairs, theirs, ours);
}

/**
 * Pairs rows whose amount is at most `tolerance` away from what `worthOf` makes of ours: both sides by amount, the smaller one
 * steps on.
 */
export function pairClose(
  theirs: readonly TheirRow[],
  ours: readonly OurUnit[],
  tolerance: bigint,
  worthOf: (unit: OurUnit) => bigint,
): Pairing {
  const rows = [...theirs].sort(compareTheirs);
  const units = ours
    .map((unit) => ({ unit, value: worthOf(unit) }))
    .sort((a, b) => (a.value === b.value ? compareUnits(a.unit, b.unit) : a.value < b.value ? -1 : 1));
  const pairs: Pair[] = [];
  for (let row = 0, unit = 0; row < rows.length && unit < units.length; ) {
    const their = rows[row];
    const our = units[unit];
    if (their === undefined || our === undefined) break;
    const difference = their.amount - our.value;
    if (difference >= -tolerance && difference <= tolerance) {
      pairs.push({ theirs: their, ours: our.unit });
      row += 1;
      unit += 1;
    } else if (difference < 0n) row += 1;
    else unit += 1;
  }
  return without(pairs, theirs, ours);
}

/** Pairs what is left on both sides, smallest with smallest; a claim back is never paired with what is earned. */
export function pairRest(theirs: readonly TheirRow[], ours: readonly OurUnit[]): Pairing {
  const pairs: Pair[] = [];
  for (const isNegative of [true, false]) {
    const rows = theirs.filter(({ amount }) => amount < 0n === isNegative).sort(compareTheirs);
    const units = ours.filter(({ amount }) => amount < 0n === isNegative).sort(compareUnits);
    rows.slice(0, units.length).forEach((row, index) => {
      const unit = units[index];
      if (unit !== undefined) pairs.push({ theirs: row, ours: unit });
    });
  }
  return without(pairs, theirs, ours);
}

/** What no pair has claimed. */
export function without(pairs: readonly Pair[], theirs: readonly TheirRow[], ours: readonly OurUnit[]): Pairing {
  if (pairs.length === 0) return { pairs, theirs, ours };
  const rows = new Set(pairs.map((pair) => pair.theirs));
  const units = new Set(pairs.map((pair) => pair.ours));
  return { pairs, theirs: theirs.filter((row) => !rows.has(row)), ours: ours.filter((unit) => !units.has(unit)) };
}
