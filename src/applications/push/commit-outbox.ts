import { shardOfId } from '../../base/ids.ts';
import { commit, type OutboxEffect } from '../../events/commit.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';

/** Changes what waits for an application by itself, whatever happens to the application meanwhile. */
export async function commitOutbox(
  client: RedisClient,
  keys: Keyspace,
  applicationId: string,
  effect: OutboxEffect,
): Promise<void> {
  const key = keys.shard(shardOfId(applicationId), 'app', applicationId);
  let version = Number((await client.hget(key, 'v')) ?? 0);
  for (;;) {
    const change = { id: applicationId, expectedVersion: version, document: null, events: [], effects: [effect] };
    const written = await commit(client, keys, change);
    if (written.ok) return;
    version = written.version;
  }
}
