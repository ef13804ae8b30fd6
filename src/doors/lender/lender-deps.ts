import type { DocumentFiles } from '../../applications/documents/document-files.ts';
import type { DocumentRecords } from '../../applications/documents/document-records.ts';
import type { InboundLog } from '../../applications/inbound/inbound-log.ts';
import type { PulledDeliveries } from '../../applications/push/pulled-deliveries.ts';
import type { ApplicationStore } from '../../applications/store.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Clock } from '../../base/clock.ts';
import type { Door, DoorDeps } from '../../http/app.ts';
import type { SignedDeps } from '../../http/authenticate.ts';
import type { ApplicationIndex } from '../../insight/application-index.ts';
import type { TotalsStore } from '../../insight/totals/totals-store.ts';
import type { ReportDeps } from '../../intake/attribute-at-lender.ts';
import type { LenderEventDeps } from '../../intake/lender-events.ts';
import type { Lender } from '../../registry/schema/lender.ts';
import type { AppealDesk } from '../../screening/appeals/appeal-desk.ts';
import type { ListStore } from '../../screening/lists/list-store.ts';
import type { PauseDeps } from '../products/change-pauses.ts';

export type LenderDoor = Door<Lender>;

/** What the operations of the lender door work with. */
export interface LenderDeps extends DoorDeps {
  readonly totals: TotalsStore;
  /** Business time. */
  readonly clock: Clock;
  readonly signed: SignedDeps<Lender>;
  readonly lenderEvents: LenderEventDeps;
  /** What it posted lately. */
  readonly inbound: Pick<InboundLog, 'page'>;
  /** Deliveries of lenders that fetch them. */
  readonly pulled: Pick<PulledDeliveries, 'list' | 'answer'>;
  readonly reports: ReportDeps;
  readonly index: Pick<ApplicationIndex, 'listOfLender'>;
  readonly store: Pick<ApplicationStore, 'load'>;
  readonly documents: Pick<DocumentRecords, 'find' | 'usersOf'>;
  readonly documentFiles: Pick<DocumentFiles, 'check' | 'read'>;
  readonly lists: ListStore;
  readonly appeals: AppealDesk;
  /** Products with what is paused of them. */
  readonly products: PauseDeps;
  /** Where what lenders ask of the lists, and change there, is recorded. */
  readonly audit: AuditLog;
}
