import type { Keyspace } from '../redis/keyspace.ts';

/** By what a partner's funnel is counted. */
export type FunnelDimension =
  | { readonly by: 'total' }
  | { readonly by: 'product' | 'link' | 'day'; readonly value: string }
  /** One link on one business day of its product: kept for {@link LINK_DAY_KEEP_SECONDS} after its last count. */
  | { readonly by: 'link_day'; readonly value: string; readonly day: string };

/** Days of single links are many: they are there as long as clicks are by default, so that a year compares with the last. */
export const LINK_DAY_KEEP_SECONDS = 400 * 86_400;

/** The hash of counters of one dimension: small, so that reading one never costs more as days and links add up. */
export function funnelKey(keys: Keyspace, partnerId: string, dimension: FunnelDimension): string {
  if (dimension.by === 'total') return keys.partner(partnerId, 'funnel');
  if (dimension.by === 'link_day') {
    return keys.partner(partnerId, 'funnel', 'link_day', dimension.value, dimension.day);
  }
  return keys.partner(partnerId, 'funnel', dimension.by, dimension.value);
}

/** The hash of marks: subject → place of the last event counted. */
export function funnelMarksKey(keys: Keyspace, partnerId: string): string {
  return keys.partner(partnerId, 'funnel', 'marks');
}
