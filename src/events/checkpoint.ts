import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** An event that a projection cannot apply, and those of the same subject that wait behind it. */
export interface Parked {
  readonly projection: string;
  readonly subject: string;
  readonly error: string;
  readonly since: string;
  readonly positions: readonly string[];
}

export type Change =
  | { readonly kind: 'cursor'; readonly projection: string; readonly position: string }
  | { readonly kind: 'park'; readonly parked: Parked }
  | { readonly kind: 'unpark'; readonly projection: string; readonly subject: string }
  | { readonly kind: 'done'; readonly request: string };

const script = defineScript<'lease' | 'cursors' | 'parked' | 'redrive', boolean>({
  file: new URL('./checkpoint.lua', import.meta.url),
  keys: ['lease', 'cursors', 'parked', 'redrive'],
  reply: (raw) => raw === 1,
});

/**
 * Records progress on a shard under the worker's fencing number.
 * @returns false when the lease has passed to another worker: nothing was written and the caller must stop
 */
export function writeCheckpoint(
  client: RedisClient,
  keys: Keyspace,
  shard: number,
  holder: { readonly owner: string; readonly fence: number },
  changes: readonly Change[],
): Promise<boolean> {
  return script.run(
    client,
    {
      lease: keys.shard(shard, 'lease'),
      cursors: keys.shard(shard, 'cursors'),
      parked: keys.shard(shard, 'parked'),
      redrive: keys.shard(shard, 'redrive'),
    },
    [holder.owner, String(holder.fence), ...changes.flatMap(flatten)],
  );
}

/** Every parked entry of a shard. */
export async function readParked(client: RedisClient, keys: Keyspace, shard: number): Promise<Parked[]> {
  const stored = await client.hvals(keys.shard(shard, 'parked'));
  return stored.map((json) => JSON.parse(json) as Parked);
}

/** Last position that each projection has applied. */
export function readCursors(client: RedisClient, keys: Keyspace, shard: number): Promise<Record<string, string>> {
  return client.hgetall(keys.shard(shard, 'cursors'));
}

export function parkedField(projection: string, subject: string): string {
  return `${projection}|${subject}`;
}

function flatten(change: Change): string[] {
  switch (change.kind) {
    case 'cursor':
      return ['cursor', change.projection, change.position];
    case 'park':
      return ['park', parkedField(change.parked.projection, change.parked.subject), JSON.stringify(change.parked)];
    case 'unpark':
      return ['unpark', parkedField(change.projection, change.subject), ''];
    case 'done':
      return ['done', change.request, ''];
  }
}
