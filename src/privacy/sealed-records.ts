import { SHARD_COUNT, shardOfId } from '../base/ids.ts';
import { KEY_ID_PREFIX_LENGTH, keyIdOf } from '../identity/seal.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import type { RetentionStore } from './retention-store.ts';
import type { OutdatedText, SealedSource } from './sealed-source.ts';

const replaceScript = defineScript<'sealed', boolean>({
  file: new URL('./replace-sealed.lua', import.meta.url),
  keys: ['sealed'],
  reply: (raw) => raw === 1,
});

/** Records that are read whole at the same time. */
const BATCH = 50;

/** The sealed records of applications, shard by shard. */
export function createSealedRecords(client: RedisClient, keys: Keyspace, retention: RetentionStore): SealedSource {
  const keyOf = (id: string): string => keys.shard(shardOfId(id), 'sealed', id);

  async function* outdatedIds(shard: number, activeId: string): AsyncGenerator<readonly string[]> {
    for await (const ids of retention.sealedOf(shard)) {
      const heads = await Promise.all(ids.map((id) => client.getrange(keyOf(id), 0, KEY_ID_PREFIX_LENGTH - 1)));
      yield ids.filter((_, index) => heads[index] !== '' && keyIdOf(heads[index] ?? '') !== activeId);
    }
  }

  const read = async (id: string): Promise<OutdatedText[]> => {
    const sealed = await client.get(keyOf(id));
    // Erased since.
    if (sealed === null) return [];
    const replace = (next: string) => replaceScript.run(client, { sealed: keyOf(id) }, [sealed, next]);
    return [{ aad: id, sealed, replace }];
  };

  return {
    name: 'applications',
    parts: SHARD_COUNT,
    async countOutdated(shard, activeId) {
      let count = 0;
      for await (const ids of outdatedIds(shard, activeId)) count += ids.length;
      return count;
    },
    async *outdated(shard, activeId) {
      for await (const ids of outdatedIds(shard, activeId)) {
        for (let from = 0; from < ids.length; from += BATCH) {
          yield (await Promise.all(ids.slice(from, from + BATCH).map(read))).flat();
        }
      }
    },
  };
}
