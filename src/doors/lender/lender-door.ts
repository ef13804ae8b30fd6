import { createDoor } from '../../http/app.ts';
import { signedBy } from '../../http/authenticate.ts';
import { registerPostSignatureDiagnosis } from '../partner/diagnostics/post-signature-diagnosis.ts';
import { registerAnswerAppeal } from './appeals/answer-appeal.ts';
import { registerLenderAppeals } from './appeals/lender-appeals.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';
import { registerListApplications } from './list-applications.ts';
import { registerChangeLenderEntries } from './lists/change-lender-entries.ts';
import { registerCheckLenderLists } from './lists/check-lender-lists.ts';
import { registerListLenderChanges } from './lists/list-lender-changes.ts';
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
  registerListApplications(door, deps);
  registerReportRegistration(door, deps);
  registerReportApplication(door, deps);
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
