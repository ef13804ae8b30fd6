import { createDoor } from '../../http/app.ts';
import { signedBy } from '../../http/authenticate.ts';
import { registerPostSignatureDiagnosis } from '../partner/diagnostics/post-signature-diagnosis.ts';
import type { LenderDeps, LenderDoor } from './lender-deps.ts';
import { registerListApplications } from './list-applications.ts';
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
  registerPostSignatureDiagnosis(door, deps, {
    path: '/lender/v1/diagnostics/signature',
    operationId: 'diagnoseLenderSignature',
    tag: 'Integration',
  });
  return door;
}
