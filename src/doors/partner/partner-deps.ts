import type { DocumentFiles } from '../../applications/documents/document-files.ts';
import type { LinkStore } from '../../attribution/link-store.ts';
import type { QualityDesk } from '../../attribution/quality/quality-desk.ts';
import type { DeliveryDesk } from '../../delivery/delivery-desk.ts';
import type { Door, DoorDeps } from '../../http/app.ts';
import type { SignedDeps } from '../../http/authenticate.ts';
import type { ApplicationIndex } from '../../insight/application-index.ts';
import type { FunnelReader } from '../../insight/funnel-reader.ts';
import type { PageReader } from '../../insight/pages/page-reader.ts';
import type { IntakeDeps } from '../../intake/intake-deps.ts';
import type { HandoffDeps } from '../../intake/make-handoff.ts';
import type { KnownKey } from '../../keys/known-keys.ts';
import type { TrafficPartner } from '../../registry/schema/traffic-partner.ts';
import type { ReconciliationDesk } from '../../revenue/reconciliation/reconciliation-desk.ts';
import type { RevenueDesk } from '../../revenue/revenue-desk.ts';
import type { ShelfSource } from './products/shelf.ts';

export type PartnerDoor = Door<TrafficPartner>;

/** What the ledger says a partner has earned by one link so far. */
export interface LinkEarnings {
  /** Minor units of `currency`: accruals less clawbacks, pending ones too; 0 where nothing was earned. */
  ofLink(partnerId: string, code: string, currency: string): Promise<number>;
}

/** What the operations of the partner door work with. */
export interface PartnerDeps extends DoorDeps {
  readonly handoffs: HandoffDeps;
  readonly signed: SignedDeps<TrafficPartner>;
  /** All keys of a partner, of whatever source. */
  readonly keysOf: (partnerId: string) => readonly KnownKey[];
  readonly intake: IntakeDeps;
  /** Where the bytes of documents lie. */
  readonly documentFiles: Pick<DocumentFiles, 'write' | 'exists' | 'remove'>;
  /** What of products is not in their files. */
  readonly catalogue: ShelfSource;
  readonly applications: Pick<ApplicationIndex, 'list'>;
  readonly links: Pick<LinkStore, 'create' | 'list' | 'find' | 'pauses'>;
  readonly funnel: Pick<FunnelReader, 'linkStats' | 'linkDays'>;
  readonly pages: PageReader;
  readonly earnings: LinkEarnings;
  /** What was found about the traffic of links. */
  readonly quality: Pick<QualityDesk, 'list'>;
  readonly revenue: RevenueDesk;
  /** Compares files of counterparties with their statements. */
  readonly reconciliation: ReconciliationDesk;
  /** What partners are told. */
  readonly delivery: DeliveryDesk;
}
