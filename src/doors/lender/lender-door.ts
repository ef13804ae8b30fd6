import { createDoor } from '../../http/app.ts';
import { signedBy } from '../../http/authenticate.ts';
import { registerPostSignatureDiagnosis } from '../partner/diagnostics/post-signature-diagnosis.ts';
import { registerAnswerAppeal } from './appeals/answer-appeal.ts';
import { registerLenderAppeals } from './appeals/lender-appeals.ts';
import { registerDailyTotals } from './daily-totals/put-daily-totals.ts';
import { registerAnswerDelivery } from './deliveries/answer-delivery.ts';
import { registerListDeliveries } from './deliveries/list-deliveries.ts';
import { registerGetDocument } from './documents/get-document.ts';
import { registerGetEvent } from './get-event.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';
import { registerListApplications } from './list-applications.ts';
import { registerListEvents } from './list-events.ts';
import { registerChangeLenderEntries } from './lists/change-lender-entries.ts';
import { registerCheckLenderLists } from './lists/check-lender-lists.ts';
import { registerListLenderChanges } from './lists/list-lender-changes.ts';
import { registerPauseOwnProduct } from './products/pause-own-product.ts';
import { registerReceiveEvents } from './receive-events.ts';
import { registerReportApplication } from './report-application.ts';
import { registerReportRegistration } from './report-registration.ts';

/** `/lender/v1`: lenders' cores, by signed requests. One line an operation, in the order of the documentation. */
export function createLenderDoor(deps: LenderDeps): LenderDoor {
  const door: LenderDoor = createDoor(
    {
      name: 'lender',
      authenticate: signedBy(deps.signed),
      alwaysSigned: (lender) => lender.sign_responses === 'always',
    },
    deps,
  );
  registerReceiveEvents(door, deps);
  registerListEvents(door, deps);
  registerGetEvent(door, deps);
  registerListDeliveries(door, deps);
  registerAnswerDelivery(door, deps);
  registerDailyTotals(door, deps);
  registerListApplications(door, deps);
  registerGetDocument(door, deps);
  registerReportRegistration(door, deps);
  registerReportApplication(door, deps);
  registerPauseOwnProduct(door, deps);
  registerChangeLenderEntries(door, deps);
  registerCheckLenderLists(door, deps);
  registerListLenderChanges(door, deps);
  registerLenderAppeals(door, deps);
  registerAnswerAppeal(door, deps);
  registerPostSignatureDiagnosis(door, deps, {
    path: '/lender/v1/diagnostics/signature',
    operationId: 'diagnoseLenderSignature',
    tag: 'Integration',
  });
  return door;
}
