import type { ApplicationStore } from '../../applications/store.ts';
import type { Door, DoorDeps } from '../../http/app.ts';
import type { SignedDeps } from '../../http/authenticate.ts';
import type { ApplicationIndex } from '../../insight/application-index.ts';
import type { ReportDeps } from '../../intake/attribute-at-lender.ts';
import type { LenderEventDeps } from '../../intake/lender-events.ts';
import type { Lender } from '../../registry/schema/lender.ts';

export type LenderDoor = Door<Lender>;

/** What the operations of the lender door work with. */
export interface LenderDeps extends DoorDeps {
  readonly signed: SignedDeps<Lender>;
  readonly lenderEvents: LenderEventDeps;
  readonly reports: ReportDeps;
  readonly index: Pick<ApplicationIndex, 'listOfLender'>;
  readonly store: Pick<ApplicationStore, 'load'>;
}
