import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** A worker that dies is replaced after this long; one that lives renews three times as often. */
export const LEASE_MS = 4_500;

const script = defineScript<'lease' | 'fence', number>({
  file: new URL('./lease.lua', import.meta.url),
  keys: ['lease', 'fence'],
  reply: Number,
});

/** Takes or renews the lease of a shard. @returns its fencing number, or 0 while another worker holds it */
export function takeLease(client: RedisClient, keys: Keyspace, shard: number, owner: string): Promise<number> {
  return script.run(client, leaseKeys(keys, shard), [owner, LEASE_MS]);
}

/** Gives a shard up, so that the next worker need not wait for the lease to run out. */
export async function dropLease(client: RedisClient, keys: Keyspace, shard: number, owner: string): Promise<void> {
  await script.run(client, leaseKeys(keys, shard), [owner, 0]);
}

function leaseKeys(keys: Keyspace, shard: number): { lease: string; fence: string } {
  return { lease: keys.shard(shard, 'lease'), fence: keys.shard(shard, 'fence') };
}
