import type { Application, Loan } from '../../../applications/model.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { IntakeDeps } from '../../../intake/intake-deps.ts';
import { visibleApplication } from '../own-application.ts';

/**
 * A partner's own loan with its application. Unknown and another partner's are told apart by nothing.
 * @throws ProblemError 404
 */
export async function ownLoan(
  intake: IntakeDeps,
  partnerId: string,
  id: string,
): Promise<{ readonly application: Application; readonly loan: Loan }> {
  const applicationId = await intake.store.applicationOfLoan(id);
  const application = applicationId && (await visibleApplication(intake, partnerId, applicationId));
  const loan = application ? application.loans.find((one) => one.id === id) : undefined;
  if (!application || loan === undefined) throw new ProblemError('not_found');
  return { application, loan };
}
