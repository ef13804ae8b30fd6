import type { InboundLog } from '../../applications/inbound/inbound-log.ts';
import type { DeadLetters } from '../../applications/push/dead-letters.ts';
import type { LenderHealth } from '../../applications/push/lender-health.ts';
import type { OutboxOverview } from '../../applications/push/outbox-overview.ts';
import type { CoreProber } from '../../applications/push/probes/core-prober.ts';
import type { SnapshotStore } from '../../applications/receivables/snapshot-store.ts';
import type { ApplicationStore } from '../../applications/store.ts';
import type { LinkStore } from '../../attribution/link-store.ts';
import type { QualityDesk } from '../../attribution/quality/quality-desk.ts';
import type { RegistrationStore } from '../../attribution/registration-store.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { AuditReader } from '../../audit/audit-reader.ts';
import type { Clock } from '../../base/clock.ts';
import type { DeliveryDesk } from '../../delivery/delivery-desk.ts';
import type { Door, DoorDeps } from '../../http/app.ts';
import type { Actor, BearerDeps } from '../../http/bearer.ts';
import type { FunnelReader } from '../../insight/funnel-reader.ts';
import type { PageReader } from '../../insight/pages/page-reader.ts';
import type { TotalsStore } from '../../insight/totals/totals-store.ts';
import type { LenderEventDeps } from '../../intake/lender-events.ts';
import type { KeyDesk } from '../../keys/key-desk.ts';
import type { OperatorStore } from '../../operators/operator-store.ts';
import type { SubjectDesk } from '../../privacy/subject-desk.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ReconciliationDesk } from '../../revenue/reconciliation/reconciliation-desk.ts';
import type { RevenueDesk } from '../../revenue/revenue-desk.ts';
import type { AppealDesk } from '../../screening/appeals/appeal-desk.ts';
import type { AutoHolds } from '../../screening/lists/auto/auto-holds.ts';
import type { HitStore } from '../../screening/lists/hits/hit-store.ts';
import type { ListStore } from '../../screening/lists/list-store.ts';
import type { AlarmStore } from '../../screening/probe-watch/alarm-store.ts';
import type { OurKeysRing } from '../../trust/our-keys-ring.ts';
import type { LinkEarnings } from '../partner/partner-deps.ts';
import type { PauseDeps } from '../products/change-pauses.ts';

export type OperatorDoor = Door<Actor>;

/** Where to: by so much (`30d`), or to an RFC 3339 instant. */
export type ClockMoveRequest = { readonly advance: string } | { readonly to: string };

/** The sandbox clock as operators move it. Times in epoch milliseconds. */
export interface ClockMoverPort {
  now(): number;
  /** Resolves when everything that fell due on the way has been applied, or says what is wrong with the request. */
  move(
    body: ClockMoveRequest,
  ): Promise<{ readonly now: number } | { readonly pointer: string; readonly message: string }>;
}

/** What the operations of the operator door work with. */
export interface OperatorDeps extends DoorDeps {
  readonly bearer: BearerDeps;
  /** Where acts are recorded; operations use `audited()`. */
  readonly audit: AuditLog;
  readonly auditReader: AuditReader;
  /** Signs a head of the audit log: a compact JWS by our published key. */
  readonly signAuditHead: (payload: string) => string;
  readonly operators: OperatorStore;
  readonly signingKeys: Pick<OurKeysRing, 'generations' | 'rotate'>;
  /** Keys of counterparties. */
  readonly keyDesk: KeyDesk;
  readonly revenue: RevenueDesk;
  /** Compares files of counterparties with their statements. */
  readonly reconciliation: ReconciliationDesk;
  /** What partners are told. */
  readonly delivery: DeliveryDesk;
  /** What the watch over partners' questions has found. */
  readonly alarms: Pick<AlarmStore, 'list' | 'find' | 'acknowledge'>;
  /** What was found about the traffic of links. */
  readonly quality: Pick<QualityDesk, 'list' | 'find' | 'lift' | 'hold' | 'partnerOf'>;
  /** What is held about people. */
  readonly subjects: SubjectDesk;
  readonly lists: ListStore;
  readonly listHits: HitStore;
  readonly autoHolds: AutoHolds;
  readonly appeals: AppealDesk;
  /** Products with what is paused of them. */
  readonly products: PauseDeps;
  readonly registry: () => Registry;
  readonly store: Pick<ApplicationStore, 'load' | 'inbox'>;
  readonly registrations: Pick<RegistrationStore, 'load'>;
  readonly funnel: Pick<FunnelReader, 'partnerFunnel' | 'linkStats'>;
  readonly links: Pick<LinkStore, 'list' | 'find' | 'pauses'>;
  /** What links have earned their partners. */
  readonly earnings: LinkEarnings;
  readonly pages: PageReader;
  readonly totals: TotalsStore;
  readonly receivables: Pick<SnapshotStore, 'read'>;
  /** Business time. */
  readonly clock: Clock;
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** Deliveries to lenders that were given up. */
  readonly deadLetters: Pick<DeadLetters, 'list' | 'find' | 'revive' | 'drop'>;
  readonly lenderOutboxes: Pick<OutboxOverview, 'byLender'>;
  readonly lenderHealth: Pick<LenderHealth, 'read'>;
  readonly prober: Pick<CoreProber, 'probe'>;
  /** What lenders posted lately. */
  readonly inbound: Pick<InboundLog, 'page'>;
  readonly lenderEvents: Pick<LenderEventDeps, 'store'>;
  /** Real time: deliveries run on it even while a sandbox clock is moved. */
  readonly realClock: Clock;
  /** Tells the sender in this process that a shard has something to send. */
  readonly kick: (shard: number) => void;
  /** Only in sandbox: nobody moves real time. */
  readonly clockMover: ClockMoverPort | null;
}
