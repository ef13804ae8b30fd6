import type { Keyspace } from '../../redis/keyspace.ts';

/** Keys of what is counted on hosted pages, all in the slot of the link's partner. */
export const pagesKeys = {
  /** Hash: what a click's page loads have told, each once. */
  click: (keys: Keyspace, partnerId: string, clickId: string) => keys.partner(partnerId, 'pages', 'click', clickId),
  /** Hash: `<device>|<variant id>|<measure>` → count. */
  day: (keys: Keyspace, partnerId: string, linkCode: string, day: string) =>
    keys.partner(partnerId, 'pages', 'day', linkCode, day),
  /** Hash: `<split>|<variant id>|<step>` → clicks. */
  variants: (keys: Keyspace, partnerId: string, linkCode: string) =>
    keys.partner(partnerId, 'pages', 'variants', linkCode),
  /** Hash: link and shard → place in its click log up to which clicks of variants were counted. */
  marks: (keys: Keyspace, partnerId: string) => keys.partner(partnerId, 'pages', 'marks'),
  /** Hash: click → letters of what became of its applications. */
  outcomes: (keys: Keyspace, partnerId: string) => keys.partner(partnerId, 'pages', 'outcomes'),
} as const;
