import { join } from 'node:path';
import { AwayClickIds } from '../attribution/away/away-click-id.ts';
import { createCarriedClicks } from '../attribution/away/carried-clicks.ts';
import { ClickSpool } from '../attribution/away/click-spool.ts';
import { DoubtfulClicks } from '../attribution/away/doubtful-clicks.ts';
import { GuardedClicks } from '../attribution/away/guarded-clicks.ts';
import { ShardBreaker } from '../attribution/away/shard-breaker.ts';
import { SpoolWatch } from '../attribution/away/spool-watch.ts';
import { clickLogKey } from '../attribution/clicks/click-log.ts';
import { ClickStore } from '../attribution/clicks/click-store.ts';
import type { LinkStore } from '../attribution/link-store.ts';
import { type Clock, DAY_MS, systemClock } from '../base/clock.ts';
import type { Config } from '../config.ts';
import { findLink } from '../intake/find-link.ts';
import type { RegistrySource } from '../registry/watch-registry.ts';
import type { OpenRedis } from './open-redis.ts';
import type { Secrets } from './secrets.ts';

export interface ClickGround {
  readonly config: Config;
  readonly redis: OpenRedis;
  readonly registry: RegistrySource;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly failed: (where: string) => (error: unknown) => void;
}

/** Clicks, whether Redis can be used or not. */
export interface ClickRooms {
  readonly clicks: ClickStore;
  /** Records new clicks, and fails at once where Redis is known to be away. */
  readonly guardedClicks: GuardedClicks;
  /** Where clicks are kept until Redis is back. */
  readonly spool: ClickSpool;
  readonly spoolWatch: SpoolWatch;
  readonly clickBreaker: ShardBreaker;
}

/** @param recorded told of the shard of each click that was recorded out of the spool */
export function openClicks(ground: ClickGround, links: LinkStore, recorded: (shard: number) => void): ClickRooms {
  const { config, redis, registry, secrets, clock, failed } = ground;
  const { client, keys } = redis;
  const lifetimeMs = config.retention.clickDays * DAY_MS;
  const ids = new AwayClickIds(secrets.root);
  const ownerOf = async (code: string) => {
    const target = await findLink(registry.current(), links, code);
    return (
      target && {
        partner_id: target.partner.id,
        product_id: target.product.id,
        lender_id: target.product.lender_id,
      }
    );
  };
  const readCarried = createCarriedClicks({ ids, ownerOf, clock, lifetimeMs });
  const clicks = new ClickStore(client, keys, clock, { lifetimeMs, readCarried });
  const clickBreaker = new ShardBreaker({
    probe: (shard) => client.exists(clickLogKey(keys, shard)),
    closed: () => spool.kick(),
  });
  const spoolWatch = new SpoolWatch(failed('click spool'), systemClock.nowMs);
  const spool = new ClickSpool({
    directory: join(config.dataDir, 'spool'),
    process: config.process.index,
    ids,
    clicks,
    doubtful: new DoubtfulClicks(client, keys),
    recorded,
    observer: spoolWatch,
    isAway: () => clickBreaker.isAnyAway,
    nowMs: systemClock.nowMs,
  });
  const guardedClicks = new GuardedClicks(clicks, clickBreaker, (error) => spoolWatch.failed(error));
  return { clicks, guardedClicks, spool, spoolWatch, clickBreaker };
}
