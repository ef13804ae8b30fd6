import { createRoute, z } from '@hono/zod-openapi';
import { repaymentView } from '../../../applications/repayments/repayment-view.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { repaymentSchema } from '../../schemas/repayment-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { offsetPage } from '../offset-page.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { ownRepayableLoan } from './own-loan.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/loans/{id}/repayments',
  operationId: 'listRepayments',
  tags: ['Loans'],
  summary: 'Repayments that you asked for, oldest first',
  description: 'What the lender collects by itself is in the schedule.',
  request: { params: z.object({ id: pathIdSchema('loan') }), query: z.strictObject(pageQuery) },
  responses: {
    200: viewAnswer(pageOf(repaymentSchema), 'A page'),
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerListRepayments(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { application, loan } = await ownRepayableLoan(intake, partyOf(c), c.req.valid('param').id);
    const views = (loan.repayments ?? []).map((repayment) => repaymentView(application, loan, repayment));
    return c.json(offsetPage(views, c.req.valid('query')), 200);
  });
}
