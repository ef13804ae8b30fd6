import { msOf } from '../base/clock.ts';
import { isId } from '../base/ids.ts';
import type { LogEvent } from '../events/event.ts';
import type { Projection } from '../events/projection.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { lenderIndexKey, updatedIndexKey, userIndexKey } from './index-keys.ts';

export interface IndexProjectionDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** How the partner names the person of an application; null when it does not, or the application is gone. Never changes. */
  readonly partnerUserRefOf: (applicationId: string) => Promise<string | null>;
}

/**
 * Keeps the lists of applications by last change. Adding is idempotent by itself, and a score only ever grows, so neither
 * a repeated event nor a replay from the beginning changes anything.
 */
export function createIndexProjection({ client, keys, partnerUserRefOf }: IndexProjectionDeps): Projection {
  const add = (key: string, event: LogEvent): Promise<unknown> =>
    client.zadd(key, 'GT', msOf(event.recorded_at), event.subject);
  return {
    name: 'index',
    async apply(event) {
      const { context, subject } = event;
      // An intent is nobody's business before it is decided.
      if (context === null || !isId('app', subject) || event.type === 'application.screening') return;
      const { owner_id: ownerId, lender_id: lenderId } = context;
      const writes: Promise<unknown>[] = [];
      if (ownerId !== null) {
        const partnerUserRef = await partnerUserRefOf(subject);
        writes.push(add(updatedIndexKey(keys, ownerId), event));
        if (partnerUserRef !== null) writes.push(add(userIndexKey(keys, ownerId, partnerUserRef), event));
      }
      if (isGivenToLender(event)) writes.push(add(lenderIndexKey(keys, lenderId), event));
      await Promise.all(writes);
    },
  };
}

/** Whom our screening refuses, the lender never hears of. */
function isGivenToLender({ type, context }: LogEvent): boolean {
  return type !== 'application.refused' || context?.accepted_at != null;
}
