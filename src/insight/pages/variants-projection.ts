import type { EventType } from '../../events/event.ts';
import type { Projection } from '../../events/projection.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { pagesKeys } from './pages-keys.ts';
import type { VariantStep } from './variant-results.ts';

const countOutcome = defineScript<'outcomes' | 'variants', boolean>({
  file: new URL('./count-outcome.lua', import.meta.url),
  keys: ['outcomes', 'variants'],
  reply: (raw) => raw === 1,
});

const OUTCOMES: Partial<Readonly<Record<EventType, { readonly letter: string; readonly step: VariantStep }>>> = {
  'application.received': { letter: 'a', step: 'accepted' },
  'credit.granted': { letter: 'g', step: 'granted' },
  'loan.disbursed': { letter: 'd', step: 'disbursed' },
};

/**
 * Counts what became of people by the variant that received them: a click counts once, however many applications it brought.
 * It counts with the link that they came by, also where another touch earns.
 */
export function createVariantsProjection(client: RedisClient, keys: Keyspace): Projection {
  return {
    name: 'variants',
    async apply({ type, context }) {
      const outcome = OUTCOMES[type];
      if (outcome === undefined || context === null) return;
      const { variant } = context;
      if (variant === undefined) return;
      const { partner_id: partnerId, link_code: linkCode, click_id: clickId, id, split } = variant;
      await countOutcome.run(
        client,
        { outcomes: pagesKeys.outcomes(keys, partnerId), variants: pagesKeys.variants(keys, partnerId, linkCode) },
        [clickId, outcome.letter, `${split}|${id}|${outcome.step}`],
      );
    },
  };
}
