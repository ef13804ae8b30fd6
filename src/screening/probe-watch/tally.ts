/** What is counted of a partner's questions. */
export const COUNT_NAMES = [
  /** All questions. */
  'asked',
  /** With a mainland phone in plain. */
  'plain',
  /** Of those, with a neighbour that was asked about lately. */
  'near',
  /** With name, phone and id number of which the last digits are hidden. */
  'masked',
  /** Whose answer told something of the person. */
  'told',
  /** Of those, about somebody who is not new. */
  'known',
  /** With nothing but hashes. */
  'hashed',
  /** Of those, whose answer told something of the person. */
  'hashed_told',
  /** Of those, accepted. */
  'hashed_accepted',
] as const;
export type CountName = (typeof COUNT_NAMES)[number];
export type Counts = Readonly<Record<CountName, number>>;

/**
 * What crowds gather under: `number` = a range of ten thousand phone numbers that has neighbours; `name` = a name with many
 * masked persons; `person` = two of a masked person's three parts with many of the third.
 */
export const CROWD_KINDS = ['number', 'name', 'person'] as const;
export type CrowdKind = (typeof CROWD_KINDS)[number];

/** Counts since the last time they were taken; crowds as `<kind>|<token>`. */
export interface Tally {
  readonly counts: Counts;
  readonly crowds: ReadonlyMap<string, number>;
}

/** One stretch of time as it is stored: counts by name, crowds as `<kind>|<token>`. */
export type Slice = Readonly<Record<string, string | number>>;

/** A window over time: the counts of its slices, and how large the largest crowd of each kind is. */
export interface WatchWindow {
  readonly counts: Counts;
  readonly largest: Readonly<Record<CrowdKind, number>>;
}

export function noCounts(): Record<CountName, number> {
  return Object.fromEntries(COUNT_NAMES.map((name) => [name, 0])) as Record<CountName, number>;
}

export function crowdName(kind: CrowdKind, token: string): string {
  return `${kind}|${token}`;
}

/** Sums slices up: a crowd is as large as all its parts, in whichever process and slice they were seen. */
export function windowOf(slices: readonly Slice[]): WatchWindow {
  const sums = new Map<string, number>();
  for (const slice of slices) {
    for (const [name, count] of Object.entries(slice)) sums.set(name, (sums.get(name) ?? 0) + Number(count));
  }
  const largest: Record<CrowdKind, number> = { number: 0, name: 0, person: 0 };
  for (const [name, size] of sums) {
    const bar = name.indexOf('|');
    if (bar < 0) continue;
    const kind = name.slice(0, bar) as CrowdKind;
    largest[kind] = Math.max(largest[kind], size);
  }
  const counts = noCounts();
  for (const name of COUNT_NAMES) counts[name] = sums.get(name) ?? 0;
  return { counts, largest };
}
