import type { Keyspace } from '../redis/keyspace.ts';

/** By what a partner's funnel is counted. */
export type FunnelDimension =
  | { readonly by: 'total' }
  | { readonly by: 'product' | 'link' | 'day'; readonly value: string };

/** The hash of counters of one dimension: small, so that reading one never costs more as days and links add up. */
export function funnelKey(keys: Keyspace, partnerId: string, dimension: FunnelDimension): string {
  if (dimension.by === 'total') return keys.partner(partnerId, 'funnel');
  return keys.partner(partnerId, 'funnel', dimension.by, dimension.value);
}

/** The hash of marks: subject → place of the last event counted. */
export function funnelMarksKey(keys: Keyspace, partnerId: string): string {
  return keys.partner(partnerId, 'funnel', 'marks');
}
