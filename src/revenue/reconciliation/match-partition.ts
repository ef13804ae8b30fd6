import { setImmediate as turn } from 'node:timers/promises';
import { matchRef } from './matching/match-ref.ts';
import type { MatchRules } from './matching/match-rules.ts';
import { matchSums } from './matching/match-sums.ts';
import type { ReconciledRow } from './matching/reconciled-row.ts';
import { type KnownRef, type OurLine, rowOf } from './matching/sides.ts';
import type { Partitions } from './partitions.ts';
import { UnreadableFileError } from './reading/source-row.ts';
import type { TheirRow } from './reading/their-row.ts';

/** Rows under one reference: what has more is no reference. */
export const REF_ROWS_MAX = 5_000;
/** Rows between two turns of the event loop: others are served meanwhile. */
const TURN_EVERY_ROWS = 2_000;

interface PartitionInput {
  readonly theirs: Partitions<TheirRow>;
  readonly ours: Partitions<OurLine>;
  readonly partition: number;
  /** What else is known of references. */
  readonly known: (refs: readonly string[]) => Promise<ReadonlyMap<string, KnownRef>>;
  readonly rules: MatchRules;
  readonly groupBy: 'ref' | null;
}

interface Bucket {
  readonly theirs: TheirRow[];
  readonly ours: OurLine[];
}

/**
 * Matches what both sides have in one partition, reference by reference. What else is known is asked only of references that
 * have something without a counterpart.
 * @returns the rows, and for how many references the sums agree although the rows do not
 * @throws UnreadableFileError where a column is no reference
 */
export async function matchPartition(
  input: PartitionInput,
): Promise<{ readonly rows: readonly ReconciledRow[]; readonly groupable: number }> {
  const { rules, groupBy } = input;
  const { buckets, nameless } = await bucketsOf(input);
  const rows: ReconciledRow[] = nameless.map((line) =>
    rowOf({ category: 'missing_in_theirs', theirs: [], ours: [line], currency: rules.currency }),
  );
  const match = (ref: string, { theirs, ours }: Bucket, known: KnownRef | undefined) =>
    groupBy === 'ref' ? matchSums(ref, theirs, ours, known, rules) : matchRef(theirs, ours, known, rules);
  const open: [string, Bucket][] = [];
  let groupable = 0;
  let passed = 0;
  for (const [ref, bucket] of buckets) {
    const matched = match(ref, bucket, undefined);
    if (matched === null) open.push([ref, bucket]);
    else rows.push(...matched);
    passed += bucket.theirs.length + bucket.ours.length;
    if (passed > TURN_EVERY_ROWS) {
      passed = 0;
      await turn();
    }
    if (groupBy === null && isSumEqual(bucket, matched, rules)) groupable += 1;
  }
  const known = await input.known(open.map(([ref]) => ref));
  for (const [ref, bucket] of open) {
    rows.push(...(match(ref, bucket, known.get(ref) ?? { lines: [], fact: null }) ?? []));
  }
  return { rows, groupable };
}

async function bucketsOf({ theirs, ours, partition, groupBy }: PartitionInput) {
  const buckets = new Map<string, Bucket>();
  const bucketOf = (ref: string): Bucket => {
    const known = buckets.get(ref);
    if (known !== undefined) return known;
    const bucket = { theirs: [], ours: [] };
    buckets.set(ref, bucket);
    return bucket;
  };
  const nameless: OurLine[] = [];
  for (const row of await theirs.read(partition)) bucketOf(row.ref ?? '').theirs.push(row);
  for (const line of await ours.read(partition)) {
    if (line.ref === null) nameless.push(line);
    else bucketOf(line.ref).ours.push(line);
  }
  for (const [ref, { theirs: own, ours: lines }] of buckets) {
    if (groupBy === 'ref' || Math.max(own.length, lines.length) <= REF_ROWS_MAX) continue;
    const text = JSON.stringify(ref.slice(0, 32));
    throw new UnreadableFileError(
      `${text} stands on ${Math.max(own.length, lines.length)} rows: name a column that tells rows apart, or say group_by=ref`,
    );
  }
  return { buckets, nameless };
}

/** Whether sums would agree where rows do not: theirs has one row for several lines of ours, or the other way round. */
function isSumEqual({ theirs, ours }: Bucket, matched: readonly ReconciledRow[] | null, rules: MatchRules): boolean {
  if (theirs.length === ours.length || theirs.length === 0 || ours.length === 0) return false;
  if (matched?.every(({ category }) => category === 'matched') === true) return false;
  const own = theirs.filter(({ currency }) => currency === rules.currency);
  return sumOf(own) === sumOf(ours);
}

function sumOf(rows: readonly { readonly amount: bigint }[]): bigint {
  return rows.reduce((sum, { amount }) => sum + amount, 0n);
}
