import { join } from 'node:path';
import { Outbox } from '../applications/push/outbox.ts';
import { ApplicationStore } from '../applications/store.ts';
import { ClickSpool } from '../attribution/click-spool.ts';
import { ClickStore } from '../attribution/click-store.ts';
import { LinkStore } from '../attribution/link-store.ts';
import { RegistrationStore } from '../attribution/registration-store.ts';
import { TouchStore } from '../attribution/touch-store.ts';
import { Visitors } from '../attribution/visitors.ts';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config.ts';
import { ApplicationIndex } from '../insight/application-index.ts';
import { FunnelReader } from '../insight/funnel-reader.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { LenderEventDeps } from '../intake/lender-events.ts';
import type { RegistrySource } from '../registry/watch-registry.ts';
import { LedgerStore } from '../revenue/ledger-store.ts';
import type { ContractTerms } from '../revenue/terms.ts';
import { ClaimStore } from '../screening/claim-store.ts';
import type { OpenRedis } from './open-redis.ts';
import type { Secrets } from './secrets.ts';

/** What lies under the doors and workers of one gateway: every store once, and what the use-cases are given. */
export interface Rooms {
  readonly store: ApplicationStore;
  readonly clicks: ClickStore;
  readonly spool: ClickSpool;
  readonly links: LinkStore;
  readonly touches: TouchStore;
  readonly registrations: RegistrationStore;
  readonly visitors: Visitors;
  readonly outbox: Outbox;
  readonly index: ApplicationIndex;
  readonly funnel: FunnelReader;
  readonly ledger: LedgerStore;
  readonly intake: IntakeDeps;
  readonly lenderEvents: LenderEventDeps;
  /** All versions of all contracts of a counterparty; undefined when there is no such counterparty. */
  contractsOf(partnerId: string): readonly ContractTerms[] | undefined;
}

export interface Ground {
  readonly config: Config;
  readonly redis: OpenRedis;
  readonly registry: RegistrySource;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly failed: (where: string) => (error: unknown) => void;
}

export function createRooms({ config, redis, registry, secrets, clock, failed }: Ground): Rooms {
  const { client, keys } = redis;
  const current = (): ReturnType<RegistrySource['current']> => registry.current();
  const store = new ApplicationStore(client, keys, clock);
  const clicks = new ClickStore(client, keys, clock);
  return {
    store,
    clicks,
    spool: new ClickSpool(join(config.dataDir, 'spool', 'clicks.ndjson'), clicks, failed('click spool')),
    links: new LinkStore(client, keys),
    touches: new TouchStore(client, keys),
    registrations: new RegistrationStore(client, keys),
    visitors: new Visitors(secrets.root, clock),
    outbox: new Outbox(client, keys),
    index: new ApplicationIndex({
      client,
      keys,
      statusOf: async (id) => (await store.load(id))?.application.status,
    }),
    funnel: new FunnelReader(client, keys),
    ledger: new LedgerStore(client, keys),
    intake: {
      registry: current,
      store,
      claims: new ClaimStore(client, keys),
      tokenizer: secrets.tokenizer,
      sealer: secrets.sealer,
      fingerprintKey: secrets.fingerprintKey,
      clock,
    },
    lenderEvents: { store, products: (id) => current().products.get(id), clock },
    contractsOf: (partnerId) => current().traffic.get(partnerId)?.terms,
  };
}
