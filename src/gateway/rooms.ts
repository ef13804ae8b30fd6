import { join } from 'node:path';
import type { Logger } from 'pino';
import { DocumentFiles } from '../applications/documents/document-files.ts';
import { DocumentRecords } from '../applications/documents/document-records.ts';
import { InboundLog } from '../applications/inbound/inbound-log.ts';
import { LateCalls } from '../applications/push/late-calls.ts';
import { Outbox } from '../applications/push/outbox.ts';
import { QuoteStore } from '../applications/quote/quote-store.ts';
import { SnapshotStore } from '../applications/receivables/snapshot-store.ts';
import { ApplicationStore } from '../applications/store.ts';
import { createSandboxVerifier } from '../applications/verification/sandbox-verifier.ts';
import type { LoggedClick } from '../attribution/clicks/click.ts';
import { Visitors } from '../attribution/clicks/visitors.ts';
import { HandoffStore } from '../attribution/handoffs/handoff-store.ts';
import { LinkStore } from '../attribution/link-store.ts';
import { RegistrationStore } from '../attribution/registration-store.ts';
import { TouchStore } from '../attribution/touch-store.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { AuditReader } from '../audit/audit-reader.ts';
import { DAY_MS, systemClock } from '../base/clock.ts';
import type { Metrics } from '../http/metrics.ts';
import { ApplicationIndex } from '../insight/application-index.ts';
import type { ClickCounter } from '../insight/clicks/click-counter.ts';
import { DEFAULT_TIME_ZONE } from '../insight/funnel-projection.ts';
import { FunnelReader } from '../insight/funnel-reader.ts';
import { PageCounter } from '../insight/pages/page-counter.ts';
import { PageReader } from '../insight/pages/page-reader.ts';
import { TotalsStore } from '../insight/totals/totals-store.ts';
import { identitiesOf } from '../intake/identities-of.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { LenderEventDeps } from '../intake/lender-events.ts';
import { LinkCapBoard } from '../intake/link-cap-board.ts';
import { createQuotas } from '../limits/quotas.ts';
import { OperatorStore } from '../operators/operator-store.ts';
import type { RegistrySource } from '../registry/watch-registry.ts';
import { LedgerStore } from '../revenue/ledger-store.ts';
import type { ContractTerms } from '../revenue/terms.ts';
import { ClaimStore } from '../screening/claim-store.ts';
import { DeviceCounts } from '../screening/device-counts.ts';
import { MaskedPeople } from '../screening/masked-people.ts';
import type { AlarmStore } from '../screening/probe-watch/alarm-store.ts';
import { openClickCounter } from './click-counting.ts';
import { type ClickRooms, openClicks } from './clicks-away.ts';
import type { Ground } from './ground.ts';
import { createListRooms, type ListRooms } from './list-rooms.ts';
import { openTrafficQuality, type TrafficQualityRooms } from './traffic-quality.ts';

export type { Ground } from './ground.ts';

/** What lies under the doors and workers of one gateway: every store once, and what the use-cases are given. */
export interface Rooms extends ListRooms, ClickRooms, TrafficQualityRooms {
  readonly store: ApplicationStore;
  /** The bytes of applicants' documents. */
  readonly documentFiles: DocumentFiles;
  /** Connected when the workers start. */
  readonly calls: LateCalls;
  readonly links: LinkStore;
  /** Which of them are full for today; started with the workers. */
  readonly linkCaps: LinkCapBoard;
  /** Counts what is clicked; started with the workers. */
  readonly clickCounter: ClickCounter<LoggedClick>;
  readonly touches: TouchStore;
  readonly registrations: RegistrationStore;
  readonly handoffs: HandoffStore;
  readonly visitors: Visitors;
  readonly outbox: Outbox;
  readonly index: ApplicationIndex;
  readonly funnel: FunnelReader;
  readonly pageCounter: PageCounter;
  readonly pageReader: PageReader;
  readonly totals: TotalsStore;
  readonly receivables: SnapshotStore;
  readonly ledger: LedgerStore;
  readonly audit: AuditLog;
  readonly auditReader: AuditReader;
  readonly operators: OperatorStore;
  readonly intake: IntakeDeps;
  readonly alarms: AlarmStore;
  readonly lenderEvents: LenderEventDeps;
  /** What lenders posted lately. */
  readonly inbound: InboundLog;
  /** All versions of all contracts of a counterparty; undefined when there is no such counterparty. */
  contractsOf(partnerId: string): readonly ContractTerms[] | undefined;
}

/** What screening asks and watches beyond its stores. */
export interface Screens extends Pick<IntakeDeps, 'live' | 'probeWatch'> {
  readonly alarms: AlarmStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export function createRooms(ground: Ground, screens: Screens): Rooms {
  const { config, redis, registry, secrets, clock, catalogue, failed } = ground;
  const { client, keys } = redis;
  const current = (): ReturnType<RegistrySource['current']> => registry.current();
  const store = new ApplicationStore(client, keys, clock);
  const clickLifetimeMs = config.retention.clickDays * DAY_MS;
  const links = new LinkStore(client, keys);
  const funnel = new FunnelReader(client, keys);
  const quotas = createQuotas(client, keys);
  const trafficQuality = openTrafficQuality(ground, { ...screens, links, funnel });
  const clickCounter = openClickCounter(ground, links, (...click) => trafficQuality.billing.isOff(...click));
  const clickRooms = openClicks(ground, links, clickCounter.mark);
  const touches = new TouchStore(client, keys, clickLifetimeMs);
  const touchSources = { clicks: clickRooms.clicks, touches, handoffs: new HandoffStore(client, keys) };
  const listRooms = createListRooms(redis, { config, secrets, clock });
  const calls = new LateCalls();
  const inbound = new InboundLog({ client, keys, failed: failed('log of lender events') });
  return {
    store,
    documentFiles: new DocumentFiles(join(config.dataDir, 'documents'), secrets.frames),
    calls,
    ...clickRooms,
    ...trafficQuality,
    clickCounter,
    links,
    linkCaps: new LinkCapBoard({
      registry: current,
      places: quotas.places,
      funnel,
      clock,
      failed: failed('caps of links'),
    }),
    ...touchSources,
    registrations: new RegistrationStore(client, keys),
    visitors: new Visitors(secrets.root, clock),
    outbox: new Outbox(client, keys),
    index: new ApplicationIndex({
      client,
      keys,
      statusOf: async (id) => (await store.load(id))?.application.status,
    }),
    funnel,
    pageCounter: new PageCounter({
      client,
      keys,
      clock,
      timeZoneOf: (productId) => current().products.get(productId)?.timezone ?? DEFAULT_TIME_ZONE,
    }),
    pageReader: new PageReader(client, keys),
    totals: new TotalsStore(client, keys),
    receivables: new SnapshotStore(client, keys),
    ledger: new LedgerStore(client, keys),
    ...listRooms,
    audit: new AuditLog({
      client,
      keys,
      rootSecret: secrets.root,
      onRegression: (seen, found) =>
        failed('audit log')(new Error(`the audit log ended at ${seen.seq}, now at ${found.seq}: entries are gone`)),
    }),
    auditReader: new AuditReader(client, keys),
    operators: new OperatorStore(client, keys),
    intake: {
      ...touchSources,
      registry: current,
      store,
      documents: new DocumentRecords(client, keys),
      quotes: new QuoteStore(client, keys),
      claims: new ClaimStore(client, keys),
      quotas,
      links,
      pauses: catalogue,
      tokenizer: secrets.tokenizer,
      sealer: secrets.sealer,
      fingerprintKey: secrets.fingerprintKey,
      clock,
      lists: listRooms.lists,
      listHits: listRooms.listHits,
      maskedPeople: new MaskedPeople(client, keys),
      devices: new DeviceCounts(client, keys),
      live: screens.live,
      // In live nobody is checked by us until an operator has a provider for it.
      ...(config.mode === 'sandbox' ? { verifier: createSandboxVerifier() } : {}),
      probeWatch: screens.probeWatch,
      calls,
      realClock: systemClock,
    },
    alarms: screens.alarms,
    lenderEvents: {
      store,
      products: (id) => current().products.get(id),
      clock,
      inbound,
      identitiesOf: (id) => identitiesOf({ store, sealer: secrets.sealer }, id),
    },
    inbound,
    contractsOf: (partnerId) => current().contractsOf(partnerId),
  };
}
