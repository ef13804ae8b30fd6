import { type LenderMessage, messagePlace } from '../applications/push/lender-message.ts';
import { shardOfId } from '../base/ids.ts';
import type { Sealer } from '../identity/seal.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { PersonalStore } from './personal-store.ts';

export interface PersonalMessagesDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly sealer: Pick<Sealer, 'openJson'>;
}

/**
 * Messages to lenders that have not been delivered, or were given up, as personal data: papers, cards. An erasure takes them
 * in the step that erases the record; what was written since, here.
 */
export function createPersonalMessages({ client, keys, sealer }: PersonalMessagesDeps): PersonalStore {
  const keyOf = (applicationId: string): string => keys.shard(shardOfId(applicationId), 'messages', applicationId);
  return {
    name: 'messages',
    async read(applicationId, actor) {
      const sealed = await client.hgetall(keyOf(applicationId));
      return Object.entries(sealed).map(([delivery_id, text]) => {
        const access = { purpose: 'operator_export', applicationId, actor } as const;
        const opened = sealer.openJson(text, messagePlace(applicationId, delivery_id), access);
        if (!opened.ok) return { delivery_id, unreadable: opened.code };
        const { kind, body } = opened.plain as LenderMessage;
        // A code is nobody's to read but the lender's.
        const { otp: _, ...shown } = body;
        return { delivery_id, kind, body: shown };
      });
    },
    async erase(applicationId) {
      const count = await client.hlen(keyOf(applicationId));
      await client.del(keyOf(applicationId));
      return count;
    },
  };
}
