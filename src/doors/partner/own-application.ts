import type { Application } from '../../applications/model.ts';
import { ProblemError } from '../../http/problem.ts';
import type { IntakeDeps } from '../../intake/intake-deps.ts';

/**
 * A partner's own application. Unknown, another partner's and not yet answered ones are told apart by nothing.
 * @throws ProblemError 404
 */
export async function ownApplication(intake: IntakeDeps, partnerId: string, id: string): Promise<Application> {
  const application = await visibleApplication(intake, partnerId, id);
  if (application === undefined) throw new ProblemError('not_found');
  return application;
}

/** The application if this partner may see it; while it is being screened nobody has been told of it. */
export async function visibleApplication(
  { store }: IntakeDeps,
  partnerId: string,
  id: string,
): Promise<Application | undefined> {
  const application = (await store.load(id))?.application;
  const visible = application !== undefined && application.owner_id === partnerId && application.status !== 'screening';
  return visible ? application : undefined;
}
