import { isFunder } from '../../base/ledger-party.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import { type MarginBucket, type MarginKey, marginFieldsOf, readMarginField } from './margin-field.ts';

/** By what margin is shown; in this order everywhere. */
export const MARGIN_DIMENSIONS = ['partner', 'product', 'lender', 'funder'] as const;
export type MarginDimension = (typeof MARGIN_DIMENSIONS)[number];

/** Sums of lines, minor units: what is on statements or will be, and apart from it what is held. */
export type SideSums = Readonly<Record<MarginBucket, bigint>>;

/** One business in one month and currency. Ids of dimensions that were not asked for are absent; null = nobody, or no single one. */
export interface MarginRow {
  readonly business: Readonly<Partial<Record<MarginDimension, string | null>>>;
  readonly currency: string;
  /** What funders owe us for it. */
  readonly receivable: SideSums;
  /** What partners are owed for it. */
  readonly commission: SideSums;
}

type Sums = Record<MarginBucket, bigint>;
interface Row extends MarginRow {
  readonly receivable: Sums;
  readonly commission: Sums;
}

/**
 * What funders owe us and partners are owed for the business of a month, by payable_at in the zone of each contract: the sums
 * that the booking scripts keep, which are those of the lines. Memory goes with the rows, not with the lines.
 * @param parties ids of all who have a ledger
 */
export async function marginRows(
  ledger: Pick<LedgerReader, 'margin'>,
  parties: Iterable<string>,
  month: string,
  by: readonly MarginDimension[],
): Promise<MarginRow[]> {
  const rows = new Map<string, Row>();
  for (const party of parties) {
    for (const [field, amount] of await ledger.margin(party, marginFieldsOf(month))) {
      const key = readMarginField(field);
      const row = rowOf(rows, key, by);
      (isFunder(party) ? row.receivable : row.commission)[key.bucket] += amount;
    }
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** Without what is held: accruals + adjustments of what funders owe, less those of what partners are owed. */
export function marginOf({ receivable, commission }: Pick<MarginRow, 'receivable' | 'commission'>): bigint {
  return netOf(receivable) - netOf(commission);
}

/** What is no longer held. */
export function netOf({ accruals, adjustments }: SideSums): bigint {
  return accruals + adjustments;
}

function rowOf(rows: Map<string, Row>, key: MarginKey, by: readonly MarginDimension[]): Row {
  const ids = { partner: key.partner_id, product: key.product_id, lender: key.lender_id, funder: key.funder_id };
  const business = Object.fromEntries(by.map((dimension) => [dimension, ids[dimension]]));
  const name = [...by.map((dimension) => ids[dimension] ?? ''), key.currency].join(' ');
  const known = rows.get(name);
  if (known !== undefined) return known;
  const none = (): Sums => ({ accruals: 0n, adjustments: 0n, pending: 0n });
  const row: Row = { business, currency: key.currency, receivable: none(), commission: none() };
  rows.set(name, row);
  return row;
}
