import { type Delivery, parseDelivery } from '../applications/push/delivery.ts';
import { messagePlace } from '../applications/push/lender-message.ts';
import { isMessageKind } from '../applications/push/message-kind.ts';
import { SHARD_COUNT } from '../base/ids.ts';
import { keyIdOf } from '../identity/seal.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import type { OutdatedText, SealedSource } from './sealed-source.ts';

const replaceScript = defineScript<'messages', boolean>({
  file: new URL('./replace-message.lua', import.meta.url),
  keys: ['messages'],
  reply: (raw) => raw === 1,
});

/** Deliveries that are looked at in one step. */
const SCAN_COUNT = 200;

/** The sealed messages to lenders that wait, or were given up, shard by shard. */
export function createSealedMessages(client: RedisClient, keys: Keyspace): SealedSource {
  async function* messagesOf(shard: number, activeId: string): AsyncGenerator<readonly OutdatedText[]> {
    const key = keys.shard(shard, 'deliveries');
    for (let cursor = '0'; ; ) {
      const [next, flat] = await client.hscan(key, cursor, 'COUNT', SCAN_COUNT);
      const texts = await Promise.all(readDeliveries(flat).map((delivery) => read(shard, delivery, activeId)));
      yield texts.flat();
      if (next === '0') return;
      cursor = next;
    }
  }

  const read = async (shard: number, delivery: Delivery, activeId: string): Promise<OutdatedText[]> => {
    const { id, applicationId } = delivery;
    const key = keys.shard(shard, 'messages', applicationId);
    const sealed = await client.hget(key, id);
    if (sealed === null || keyIdOf(sealed) === activeId) return [];
    const replace = (to: string) => replaceScript.run(client, { messages: key }, [id, sealed, to]);
    return [{ aad: messagePlace(applicationId, id), sealed, replace }];
  };

  return {
    name: 'messages to lenders',
    parts: SHARD_COUNT,
    async countOutdated(shard, activeId) {
      let count = 0;
      for await (const texts of messagesOf(shard, activeId)) count += texts.length;
      return count;
    },
    outdated: messagesOf,
  };
}

function readDeliveries(flat: readonly string[]): Delivery[] {
  const found: Delivery[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const delivery = parseDelivery(flat[at] ?? '', flat[at + 1] ?? '')?.delivery;
    if (delivery && isMessageKind(delivery.kind)) found.push(delivery);
  }
  return found;
}
