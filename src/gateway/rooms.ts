import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DocumentFiles } from '../applications/documents/document-files.ts';
import { DocumentRecords } from '../applications/documents/document-records.ts';
import { InboundLog } from '../applications/inbound/inbound-log.ts';
import { LateCalls } from '../applications/push/late-calls.ts';
import { Outbox } from '../applications/push/outbox.ts';
import { QuoteStore } from '../applications/quote/quote-store.ts';
import { SnapshotStore } from '../applications/receivables/snapshot-store.ts';
import { ApplicationStore } from '../applications/store.ts';
import { createSandboxVerifier } from '../applications/verification/sandbox-verifier.ts';
import { ClickSpool } from '../attribution/click-spool.ts';
import { ClickStore } from '../attribution/click-store.ts';
import { HandoffStore } from '../attribution/handoffs/handoff-store.ts';
import { LinkStore } from '../attribution/link-store.ts';
import { RegistrationStore } from '../attribution/registration-store.ts';
import { TouchStore } from '../attribution/touch-store.ts';
import { Visitors } from '../attribution/visitors.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { AuditReader } from '../audit/audit-reader.ts';
import { type Clock, DAY_MS, systemClock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../config.ts';
import { ApplicationIndex } from '../insight/application-index.ts';
import { FunnelReader } from '../insight/funnel-reader.ts';
import { TotalsStore } from '../insight/totals/totals-store.ts';
import { identitiesOf } from '../intake/identities-of.ts';
import type { IntakeDeps } from '../intake/intake-deps.ts';
import type { LenderEventDeps } from '../intake/lender-events.ts';
import { createQuotas } from '../limits/quotas.ts';
import { OperatorStore } from '../operators/operator-store.ts';
import type { RegistrySource } from '../registry/watch-registry.ts';
import { LedgerStore } from '../revenue/ledger-store.ts';
import type { ContractTerms } from '../revenue/terms.ts';
import { ClaimStore } from '../screening/claim-store.ts';
import { DeviceCounts } from '../screening/device-counts.ts';
import { MaskedPeople } from '../screening/masked-people.ts';
import type { AlarmStore } from '../screening/probe-watch/alarm-store.ts';
import type { OurKeysRing } from '../trust/our-keys-ring.ts';
import { createListRooms, type ListRooms } from './list-rooms.ts';
import type { OpenRedis } from './open-redis.ts';
import type { Secrets } from './secrets.ts';

/** What lies under the doors and workers of one gateway: every store once, and what the use-cases are given. */
export interface Rooms extends ListRooms {
  readonly store: ApplicationStore;
  /** The bytes of applicants' documents. */
  readonly documentFiles: DocumentFiles;
  /** Connected when the workers start. */
  readonly calls: LateCalls;
  readonly clicks: ClickStore;
  /** Where this process keeps clicks while Redis is away. */
  readonly spool: ClickSpool;
  /** That one, and those of processes that are there no longer. */
  readonly spools: readonly ClickSpool[];
  readonly links: LinkStore;
  readonly touches: TouchStore;
  readonly registrations: RegistrationStore;
  readonly handoffs: HandoffStore;
  readonly visitors: Visitors;
  readonly outbox: Outbox;
  readonly index: ApplicationIndex;
  readonly funnel: FunnelReader;
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

export interface Ground {
  readonly config: Config;
  readonly redis: OpenRedis;
  readonly registry: RegistrySource;
  readonly secrets: Secrets;
  /** What we sign with; everything that signs asks it each time. */
  readonly ourKeys: OurKeysRing;
  readonly clock: Clock;
  /** Products as they are now, with what is paused of them. */
  readonly catalogue: Catalogue;
  readonly failed: (where: string) => (error: unknown) => void;
}

/** What screening asks and watches beyond its stores. */
export interface Screens extends Pick<IntakeDeps, 'live' | 'probeWatch'> {
  readonly alarms: AlarmStore;
}

export function createRooms(ground: Ground, screens: Screens): Rooms {
  const { config, redis, registry, secrets, clock, catalogue, failed } = ground;
  const { client, keys } = redis;
  const current = (): ReturnType<RegistrySource['current']> => registry.current();
  const store = new ApplicationStore(client, keys, clock);
  const clickLifetimeMs = config.retention.clickDays * DAY_MS;
  const clicks = new ClickStore(client, keys, clock, clickLifetimeMs);
  const [spool, ...left] = spoolFiles(config).map((file) => new ClickSpool(file, clicks, failed('click spool')));
  if (!spool) throw new Error('no click spool');
  const listRooms = createListRooms(redis, { config, secrets, clock });
  const calls = new LateCalls();
  const inbound = new InboundLog({ client, keys, failed: failed('log of lender events') });
  return {
    store,
    documentFiles: new DocumentFiles(join(config.dataDir, 'documents'), secrets.frames),
    calls,
    clicks,
    spool,
    spools: [spool, ...left],
    links: new LinkStore(client, keys),
    touches: new TouchStore(client, keys, clickLifetimeMs),
    registrations: new RegistrationStore(client, keys),
    handoffs: new HandoffStore(client, keys),
    visitors: new Visitors(secrets.root, clock),
    outbox: new Outbox(client, keys),
    index: new ApplicationIndex({
      client,
      keys,
      statusOf: async (id) => (await store.load(id))?.application.status,
    }),
    funnel: new FunnelReader(client, keys),
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
      registry: current,
      store,
      documents: new DocumentRecords(client, keys),
      quotes: new QuoteStore(client, keys),
      claims: new ClaimStore(client, keys),
      quotas: createQuotas(client, keys),
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

/**
 * A file for each process, since each moves its own aside to replay it. The first process also replays what is left of
 * processes beyond today's number.
 */
function spoolFiles({ dataDir, process: { index, count } }: Config): readonly string[] {
  const directory = join(dataDir, 'spool');
  const nameOf = (of: number): string => (of === 1 ? 'clicks.ndjson' : `clicks-${of}.ndjson`);
  const own = join(directory, nameOf(index));
  if (index > 1 || !existsSync(directory)) return [own];
  const indexes = readdirSync(directory).map((name) => Number(/^clicks-(\d+)\.ndjson/.exec(name)?.[1] ?? 0));
  const left = [...new Set(indexes)].filter((other) => other > count);
  return [own, ...left.map((other) => join(directory, nameOf(other)))];
}
