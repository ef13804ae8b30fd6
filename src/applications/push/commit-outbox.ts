import { shardOfId } from '../../base/ids.ts';
import { commit, type Effect } from '../../events/commit.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';

/** Changes what waits for an application by itself, in one step, whatever happens to the application meanwhile. */
export async function commitOutbox(
  client: RedisClient,
  keys: Keyspace,
  applicationId: string,
  ...effects: readonly Effect[]
): Promise<void> {
  const key = keys.shard(shardOfId(applicationId), 'app', applicationId);
  let version = Number((await client.hget(key, 'v')) ?? 0);
  for (;;) {
    const change = { id: applicationId, expectedVersion: version, document: null, events: [], effects };
    const written = await commit(client, keys, change);
    if (written.ok) return;
    version = written.version;
  }
}
