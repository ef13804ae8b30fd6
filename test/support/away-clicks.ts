import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwayClickIds } from '../../src/attribution/away/away-click-id.ts';
import { createCarriedClicks, type LinkOwner } from '../../src/attribution/away/carried-clicks.ts';
import { ClickSpool } from '../../src/attribution/away/click-spool.ts';
import { DoubtfulClicks } from '../../src/attribution/away/doubtful-clicks.ts';
import { GuardedClicks } from '../../src/attribution/away/guarded-clicks.ts';
import { ShardBreaker } from '../../src/attribution/away/shard-breaker.ts';
import { SpoolWatch } from '../../src/attribution/away/spool-watch.ts';
import type { ClickArrival } from '../../src/attribution/clicks/click.ts';
import { clickLogKey } from '../../src/attribution/clicks/click-log.ts';
import { ClickStore } from '../../src/attribution/clicks/click-store.ts';
import type { Clock } from '../../src/base/clock.ts';
import { randomDigits } from '../../src/base/random-digits.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';

export interface TestAway {
  readonly ids: AwayClickIds;
  readonly clicks: ClickStore;
  readonly breaker: ShardBreaker;
  readonly guarded: GuardedClicks;
  readonly spool: ClickSpool;
  readonly watch: SpoolWatch;
  readonly directory: string;
  /** What a person would have been told. */
  readonly told: unknown[];
}

export interface TestAwayOptions {
  readonly ownerOf?: (code: string) => LinkOwner | undefined;
  /** Of another process, to share its folder. */
  readonly directory?: string;
  readonly process?: number;
}

const ACME: LinkOwner = { partner_id: 'acme', product_id: 'quick-cash', lender_id: 'quickcredit' };
const LIFETIME_MS = 400 * 86_400_000;

/** Clicks whether Redis can be used or not, as a gateway makes them; nothing is replayed unless a test does it. */
export function createTestAway(
  { client, keys }: { readonly client: RedisClient; readonly keys: Keyspace },
  clock: Clock,
  { ownerOf = () => ACME, directory, process = 1 }: TestAwayOptions = {},
): TestAway {
  const folder = directory ?? join(mkdtempSync(join(tmpdir(), 'sluice-spool-')), 'spool');
  const told: unknown[] = [];
  const ids = new AwayClickIds('a-root-secret-for-tests-and-nothing-else');
  const readCarried = createCarriedClicks({ ids, ownerOf, clock, lifetimeMs: LIFETIME_MS });
  const clicks = new ClickStore(client, keys, clock, { readCarried });
  const breaker = new ShardBreaker({
    probe: (shard) => client.exists(clickLogKey(keys, shard)),
    closed: () => undefined,
    everyMs: 20,
  });
  const watch = new SpoolWatch((error) => told.push(error), Date.now);
  const spool = new ClickSpool({
    directory: folder,
    process,
    ids,
    clicks,
    doubtful: new DoubtfulClicks(client, keys),
    recorded: () => undefined,
    observer: watch,
    nowMs: Date.now,
  });
  const guarded = new GuardedClicks(clicks, breaker, (error) => told.push(error));
  return { ids, clicks, breaker, guarded, spool, watch, directory: folder, told };
}

let visitors = 0;

/** Somebody who was never seen before follows a link. */
export function someArrival(shard: number, changes: Partial<ClickArrival['facts']> = {}): ClickArrival {
  visitors += 1;
  return {
    shard,
    cookie: null,
    windowMs: 3_600_000,
    random: randomDigits(14),
    facts: {
      link_code: 'acme-home',
      partner_id: 'acme',
      product_id: 'quick-cash',
      lender_id: 'quickcredit',
      visitor: visitors.toString(16).padStart(32, '0'),
      bot: false,
      speculative: false,
      cause: null,
      entry: null,
      ip: '0'.repeat(16),
      dc: false,
      sub_ids: {},
      at_ms: Date.now(),
      ...changes,
    },
  };
}
