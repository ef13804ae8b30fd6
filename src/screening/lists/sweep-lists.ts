import { setTimeout as delay } from 'node:timers/promises';
import { dayOf } from './entry-rules.ts';
import { tokenText } from './index-layout.ts';
import { type IndexTable, readTables } from './index-tables.ts';
import { unpackMemberships } from './membership.ts';
import { refPlaces, type StoreParts } from './store-parts.ts';

/** Buckets a script call looks at: well under a millisecond of the server's time. */
const BUCKETS_A_CALL = 8;

/**
 * Drops from the index what has expired. Expired entries count for nothing anyway; this gives their memory back. It may run
 * in several processes at once, and be ended at any time.
 * @param options.pauseMs between calls, so that a large list is swept in the background
 * @returns how many entries with details were dropped (the others are not told apart)
 */
export async function sweepLists(
  parts: StoreParts,
  options: { readonly pauseMs: number; readonly signal?: AbortSignal },
): Promise<number> {
  let dropped = 0;
  for (const table of await readTables(parts.client, parts.keys)) {
    if (options.signal?.aborted) break;
    dropped += await sweepTable(parts, table, options);
  }
  return dropped;
}

async function sweepTable(
  parts: StoreParts,
  { kind, form, family, shard }: IndexTable,
  { pauseMs, signal }: { readonly pauseMs: number; readonly signal?: AbortSignal },
): Promise<number> {
  const today = dayOf(parts.clock.nowMs());
  let from = 0;
  let count = 0;
  do {
    const { next, dropped } = await parts.writer.sweep(family, shard, { from, buckets: BUCKETS_A_CALL, today });
    for (const record of dropped) await dropReference(parts, { kind, form }, record);
    count += dropped.length;
    from = next;
    if (pauseMs > 0) await delay(pauseMs);
  } while (from > 0 && !signal?.aborted);
  return count;
}

/** The document stays for a while by itself; what led a lookup to it goes. */
async function dropReference(
  { details }: StoreParts,
  { kind, form }: Pick<IndexTable, 'kind' | 'form'>,
  record: Buffer,
): Promise<void> {
  const [membership] = unpackMemberships(record.subarray(16));
  if (membership === undefined) return;
  const token = { kind, form, token: tokenText(record.subarray(0, 16)) };
  await details.dropRefs(refPlaces([token], membership.list, membership.source));
}
