import { createRoute, z } from '@hono/zod-openapi';
import { payoffView } from '../../../applications/repayments/repayment-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import { quoteRepayment } from '../../../intake/quote-repayment.ts';
import { payoffRequestSchema, payoffSchema } from '../../schemas/repayment-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { ownRepayableLoan } from './own-loan.ts';
import { repaymentProblem, repaymentProblems } from './repayment-problem.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/loans/{id}/repayments/quote',
  operationId: 'quoteRepayment',
  tags: ['Loans'],
  summary: 'What it takes to repay now (还款试算)',
  description:
    'Instalments that are named are paid as they stand, also before they are due. `all` is everything that is left: what is ' +
    'due in full, of the rest the principal, with interest for the days since the period began (annual rate / 365 × actual ' +
    'days, never more than the next instalment asks for) and without the fees that fall due later. Where the lender quotes ' +
    'for the product itself, it is asked, for 3 s at most. Not found where your visibility does not reach repayments.',
  request: {
    params: z.object({ id: pathIdSchema('loan') }),
    body: jsonBody(payoffRequestSchema, 'Instalments to be repaid'),
  },
  responses: {
    200: viewAnswer(payoffSchema, 'What it takes'),
    ...problemResponses(...signedProblems, ...bodyProblems, ...repaymentProblems),
  },
});

export function registerPostRepaymentQuote(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const repayable = await ownRepayableLoan(intake, partyOf(c), c.req.valid('param').id);
    addLogFields(c, { application_id: repayable.application.id, loan_id: repayable.loan.id });
    const result = await quoteRepayment(intake, repayable, c.req.valid('json').installments);
    if (!result.ok) throw repaymentProblem(result);
    return c.json(payoffView(result.payoff), 200);
  });
}
