import type { PlacedEntry } from './feed-entry.ts';
import type { FeedStore } from './feed-store.ts';
import { isAmong, isTold, type Visibility } from './is-told.ts';

export interface FeedQuery {
  /** Place of the last entry that was read; absent = from the beginning of what is kept. */
  readonly after?: string | undefined;
  /** `*`, families, types. */
  readonly types: readonly string[];
  readonly visibility: Visibility;
  readonly limit: number;
}

/** `next` is where to go on, also when there is nothing yet. */
export type FeedPage =
  | { readonly kind: 'page'; readonly entries: readonly PlacedEntry[]; readonly next: string }
  /** Something after that place is kept no longer: it was missed. */
  | { readonly kind: 'expired' };

const SCAN_PAGE = 200;
/** A rare type is looked for so far in one request; the page is then shorter than asked for, with a cursor further on. */
const SCAN_MAX = 2_000;

/** What follows a place in a partner's feed, in order, without gaps or repetitions. */
export async function readFeed(feed: FeedStore, partnerId: string, query: FeedQuery): Promise<FeedPage> {
  const { after, types, visibility, limit } = query;
  const entries: PlacedEntry[] = [];
  const count = Math.max(limit, SCAN_PAGE);
  let next = after ?? (await feed.floor(partnerId));
  for (let scanned = 0; scanned < SCAN_MAX; ) {
    const found = await feed.after(partnerId, next, count);
    if (found === undefined) return { kind: 'expired' };
    for (const entry of found) {
      next = entry.position;
      scanned += 1;
      if (isAmong(entry.type, types) && isTold(entry.type, visibility)) entries.push(entry);
      if (entries.length === limit) return { kind: 'page', entries, next };
    }
    if (found.length < count) break;
  }
  return { kind: 'page', entries, next };
}
