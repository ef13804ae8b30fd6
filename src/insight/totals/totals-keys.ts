import type { Keyspace } from '../../redis/keyspace.ts';

/** Keys of what is counted of a lender by day; all in the lender's slot. */
export const totalsKeys = {
  /** Application → place of the last event counted. */
  marks: (keys: Keyspace, lenderId: string): string => keys.partner(lenderId, 'totals', 'marks'),
  /** Loan → what is kept of it. */
  loans: (keys: Keyspace, lenderId: string): string => keys.partner(lenderId, 'totals', 'loans'),
  /** Counters of a product's day (`YYYY-MM-DD`) or month (`YYYY-MM`). */
  day: (keys: Keyspace, lenderId: string, productId: string, day: string): string =>
    keys.partner(lenderId, 'totals', 'day', productId, day),
  /** `product|YYYY-MM` of every month in which something was counted. */
  months: (keys: Keyspace, lenderId: string): string => keys.partner(lenderId, 'totals', 'months'),
  /** Day → what the lender said of it (JSON). */
  told: (keys: Keyspace, lenderId: string): string => keys.partner(lenderId, 'totals', 'told'),
} as const;
