import type { Projection } from '../events/projection.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { funnelKey, funnelMarksKey, LINK_DAY_KEEP_SECONDS } from './funnel-keys.ts';
import { type FunnelStep, funnelStepOf } from './funnel-step.ts';

export interface FunnelProjectionDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** IANA zone of a product's business day; of a product that is gone, or of none, the operator's. */
  readonly timeZoneOf: (productId: string | null) => string;
}

const countEvent = defineScript<'marks' | 'total' | 'product' | 'link' | 'day' | 'linkDay', boolean>({
  file: new URL('./count-event.lua', import.meta.url),
  keys: ['marks', 'total', 'product', 'link', 'day', 'linkDay'],
  reply: (raw) => raw === 1,
});

/** Zone of the business day where no product says otherwise. */
export const DEFAULT_TIME_ZONE = 'Asia/Shanghai';

/** Counts clicks, registrations, applications, refusals, grants and disbursals of each partner, each event once. */
export function createFunnelProjection({ client, keys, timeZoneOf }: FunnelProjectionDeps): Projection {
  return {
    name: 'funnel',
    async apply(event) {
      const step = funnelStepOf(event, timeZoneOf);
      if (step === null) return;
      await countEvent.run(client, keysOf(keys, step), [
        event.subject,
        event.position,
        step.productId === null ? '0' : '1',
        step.linkCode === null ? '0' : '1',
        LINK_DAY_KEEP_SECONDS,
        ...step.counts.flatMap(({ measure, amount, firstOnly }) => [measure, amount, firstOnly ? '1' : '0']),
      ]);
    },
  };
}

/** Keys of dimensions that the event does not have are named, since scripts declare all their keys, and left alone. */
function keysOf(keys: Keyspace, { partnerId, productId, linkCode, day }: FunnelStep) {
  return {
    marks: funnelMarksKey(keys, partnerId),
    total: funnelKey(keys, partnerId, { by: 'total' }),
    product: funnelKey(keys, partnerId, { by: 'product', value: productId ?? '' }),
    link: funnelKey(keys, partnerId, { by: 'link', value: linkCode ?? '' }),
    day: funnelKey(keys, partnerId, { by: 'day', value: day }),
    linkDay: funnelKey(keys, partnerId, { by: 'link_day', value: linkCode ?? '', day }),
  };
}
