import { CATEGORIES, type Category, type Explanation, type ReconciledRow } from './matching/reconciled-row.ts';

/** A reconciled row as it is stored and shown: money as integers, minor units. */
export interface StoredRow {
  readonly id: string;
  readonly category: Category;
  readonly explanation: Explanation | null;
  readonly ref: string | null;
  readonly theirs: {
    readonly lines: readonly number[];
    readonly count: number;
    readonly amount: number;
    readonly currency: string;
    readonly date: string | null;
    readonly rate: string | null;
  } | null;
  readonly ours: {
    readonly commission_ids: readonly string[];
    readonly count: number;
    readonly amount: number;
    readonly date: string | null;
    readonly rate: string | null;
  } | null;
  readonly difference: number;
  readonly reason: string | null;
  readonly known_commission_id: string | null;
  readonly proposals: readonly {
    readonly commission_id: string | null;
    readonly line: number | null;
    readonly ref: string | null;
    readonly amount: number;
    readonly date: string | null;
    readonly because: readonly string[];
  }[];
}

/** The row as it is stored. Throws RangeError beyond 2^53: no amount is ever stored rounded. */
export function storedRow(row: ReconciledRow): StoredRow {
  const { theirs, ours } = row;
  return {
    id: row.id,
    category: row.category,
    explanation: row.explanation,
    ref: row.ref,
    theirs: theirs && {
      lines: theirs.lines,
      count: theirs.count,
      amount: minor(theirs.amount),
      currency: theirs.currency,
      date: theirs.day,
      rate: theirs.rate,
    },
    ours: ours && {
      commission_ids: ours.commissions,
      count: ours.count,
      amount: minor(ours.amount),
      date: ours.day,
      rate: ours.rate,
    },
    difference: minor(row.difference),
    reason: row.why,
    known_commission_id: row.known,
    proposals: row.proposals.map(({ day, amount, ...rest }) => ({ ...rest, amount: minor(amount), date: day })),
  };
}

/** The order of categories in lists: what differs before what does not. */
export const SHOWN_CATEGORIES: readonly Category[] = [
  ...CATEGORIES.filter((category) => category !== 'matched' && category !== 'matched_within_tolerance'),
  'matched_within_tolerance',
  'matched',
];

function minor(amount: bigint): number {
  const number = Number(amount);
  if (!Number.isSafeInteger(number)) throw new RangeError(`amount ${amount} does not fit a JSON integer`);
  return number;
}
