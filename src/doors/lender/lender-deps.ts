import type { ApplicationStore } from '../../applications/store.ts';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Door, DoorDeps } from '../../http/app.ts';
import type { SignedDeps } from '../../http/authenticate.ts';
import type { ApplicationIndex } from '../../insight/application-index.ts';
import type { ReportDeps } from '../../intake/attribute-at-lender.ts';
import type { LenderEventDeps } from '../../intake/lender-events.ts';
import type { Lender } from '../../registry/schema/lender.ts';
import type { AppealDesk } from '../../screening/appeals/appeal-desk.ts';
import type { ListStore } from '../../screening/lists/list-store.ts';

export type LenderDoor = Door<Lender>;

/** What the operations of the lender door work with. */
export interface LenderDeps extends DoorDeps {
  readonly signed: SignedDeps<Lender>;
  readonly lenderEvents: LenderEventDeps;
  readonly reports: ReportDeps;
  readonly index: Pick<ApplicationIndex, 'listOfLender'>;
  readonly store: Pick<ApplicationStore, 'load'>;
  readonly lists: ListStore;
  readonly appeals: AppealDesk;
  /** Where what lenders ask of the lists, and change there, is recorded. */
  readonly audit: AuditLog;
}
