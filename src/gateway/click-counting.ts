import type { LoggedClick } from '../attribution/clicks/click.ts';
import { clicksTail, readClicks } from '../attribution/clicks/click-log.ts';
import type { LinkStore } from '../attribution/link-store.ts';
import { businessDay } from '../base/business-day.ts';
import { ClickCounter } from '../insight/clicks/click-counter.ts';
import { ClickCounts } from '../insight/clicks/click-counts.ts';
import { DEFAULT_TIME_ZONE } from '../insight/funnel-projection.ts';
import { findLink } from '../intake/find-link.ts';
import type { Ground } from './ground.ts';

/** What counts the clicks of all links; whoever else wants them is added before it starts. */
export function openClickCounter(
  { config, redis, registry, clock, failed }: Ground,
  links: LinkStore,
  isOff: (partnerId: string, linkCode: string, atMs: number) => boolean = () => false,
): ClickCounter<LoggedClick> {
  const { client, keys } = redis;
  return new ClickCounter<LoggedClick>({
    logs: {
      read: (shard, after, count) => readClicks(client, keys, shard, after, count),
      tail: (shard) => clicksTail(client, keys, shard),
    },
    counts: new ClickCounts(client, keys),
    rules: {
      dayOf: (productId, atMs) =>
        businessDay(atMs, registry.current().products.get(productId)?.timezone ?? DEFAULT_TIME_ZONE),
      isOff,
      capOf: async (code) => (await findLink(registry.current(), links, code))?.caps.clicks_per_day ?? null,
      isPaidPerClick: (partnerId) =>
        registry
          .current()
          .contractsOf(partnerId)
          ?.some(({ rules }) => rules.some(({ on }) => on === 'click')) === true,
      nowMs: () => clock.nowMs(),
    },
    share: config.process,
    failed: failed('counting clicks'),
  });
}
