import { createRoute, z } from '@hono/zod-openapi';
import { loanView } from '../../../applications/lifecycle/loan-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { cancelLoan } from '../../../intake/cancel-loan.ts';
import { reasonInTheOpen } from '../../../intake/reason-in-the-open.ts';
import { loanSchema } from '../../schemas/loan-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { acceptedProduct } from '../accepted-product.ts';
import { cancelSchema } from '../cancel-schema.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { ownLoan } from './own-loan.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/loans/{id}/cancel',
  operationId: 'cancelLoan',
  tags: ['Loans'],
  summary: 'Ask the lender to cancel a loan: before payout, or within the cooling-off days (冷静期)',
  description:
    'The lender decides, since the money may be on its way. `200`: it agrees, and the loan is cancelled with its `loan.cancelled`. `202`: it has not answered yet. `409 cancellation_refused`: it does not; the loan goes on.',
  request: { params: z.object({ id: pathIdSchema('loan') }), body: jsonBody(cancelSchema, 'Why') },
  responses: {
    200: { ...viewAnswer(loanSchema, 'The loan; the lender agrees'), headers: replayHeaders },
    202: { ...viewAnswer(loanSchema, 'The loan; the lender has not answered yet'), headers: replayHeaders },
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'illegal_transition', 'cancellation_refused'),
  },
});

export function registerPostLoanCancellation(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { application: found, loan: before } = await ownLoan(intake, partner.id, c.req.valid('param').id);
    const product = acceptedProduct(intake.registry(), found);
    const reason = await reasonInTheOpen(intake, found.id, c.req.valid('json').reason);
    const result = await cancelLoan(intake, found, before.id, reason, product);
    if (result.kind === 'illegal') {
      throw new ProblemError('illegal_transition', result.message, { members: { legal: [] } });
    }
    if (result.kind === 'refused') throw new ProblemError('cancellation_refused', result.reason);
    const { application, loan, status, replayed } = result;
    addLogFields(c, { application_id: application.id, loan_id: loan.id, status });
    const headers: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(loanView(application, loan, partner.visibility), status === 'pending' ? 202 : 200, headers);
  });
}
