import type { Application, Loan } from '../../../applications/model.ts';
import { productAsAccepted } from '../../../applications/product-as-accepted.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { IntakeDeps } from '../../../intake/intake-deps.ts';
import type { RepayableLoan } from '../../../intake/quote-repayment.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
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

/**
 * The same for whatever is about repayment: of a partner that sees nothing of it, it is not found.
 * @throws ProblemError 404
 */
export async function ownRepayableLoan(
  intake: IntakeDeps,
  partner: Pick<TrafficPartner, 'id' | 'visibility'>,
  id: string,
): Promise<RepayableLoan> {
  if (partner.visibility === 'none') throw new ProblemError('not_found', 'your visibility does not reach repayments');
  const { application, loan } = await ownLoan(intake, partner.id, id);
  const product = productAsAccepted(application, intake.registry().products.get(application.product_id));
  return { application, loan, product };
}
