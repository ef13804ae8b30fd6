import type { Application } from '../../../applications/model.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { IntakeDeps } from '../../../intake/intake-deps.ts';
import { visibleApplication } from '../own-application.ts';

/**
 * The application of a partner's own action, card or repayment. Unknown and another partner's are told apart by nothing.
 * @throws ProblemError 404
 */
export async function ownerOf(intake: IntakeDeps, partnerId: string, objectId: string): Promise<Application> {
  const applicationId = await intake.store.applicationOf(objectId);
  const application = applicationId && (await visibleApplication(intake, partnerId, applicationId));
  if (!application) throw new ProblemError('not_found');
  return application;
}
