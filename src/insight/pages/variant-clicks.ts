import { shardTag } from '../../base/ids.ts';
import { readVariantMark } from '../../base/variant-mark.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { ClickConsumer, CountedClick } from '../clicks/counted-click.ts';
import { pagesKeys } from './pages-keys.ts';

/** An arrival with the variant that it got. */
export type ReceivedClick = CountedClick & { readonly facts: { readonly variant?: string | undefined } };

const countClicks = defineScript<'marks' | 'variants', number>({
  file: new URL('./count-clicks.lua', import.meta.url),
  keys: ['marks', 'variants'],
  reply: Number,
});

/** Counts the people that each variant received: clicks of persons, each once in its window. Links without variants cost nothing. */
export function createVariantClicks(client: RedisClient, keys: Keyspace): ClickConsumer<ReceivedClick> {
  return {
    name: 'variants',
    async consume(shard, clicks) {
      for (const own of byLink(clicks).values()) {
        const [first] = own;
        if (first === undefined) continue;
        const { partner_id: partnerId, link_code: linkCode } = first.click.facts;
        await countClicks.run(
          client,
          { marks: pagesKeys.marks(keys, partnerId), variants: pagesKeys.variants(keys, partnerId, linkCode) },
          [`${linkCode}|${shardTag(shard)}`, ...own.flatMap(({ click, counter }) => [click.position, counter])],
        );
      }
    },
  };
}

interface Received {
  readonly click: ReceivedClick;
  readonly counter: string;
}

function byLink(clicks: readonly ReceivedClick[]): ReadonlyMap<string, Received[]> {
  const found = new Map<string, Received[]>();
  for (const click of clicks) {
    const { variant, bot, speculative, partner_id: partnerId, link_code: linkCode } = click.facts;
    const mark = readVariantMark(variant);
    if (mark === undefined || bot || speculative || click.repeats !== null) continue;
    const name = `${partnerId}|${linkCode}`;
    const received = { click, counter: `${mark.split}|${mark.id}|clicks` };
    const own = found.get(name);
    if (own === undefined) found.set(name, [received]);
    else own.push(received);
  }
  return found;
}
