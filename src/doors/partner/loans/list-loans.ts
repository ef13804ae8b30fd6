import { createRoute, z } from '@hono/zod-openapi';
import { loanView } from '../../../applications/lifecycle/loan-view.ts';
import { idSchema } from '../../../http/common-schemas.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { loanSchema, loanStatusSchema } from '../../schemas/loan-schema.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import { offsetPage } from '../offset-page.ts';
import { ownApplication } from '../own-application.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const querySchema = z.strictObject({
  ...pageQuery,
  application_id: idSchema('app').openapi({ description: 'Loans under this application' }),
  status: loanStatusSchema.optional().openapi({ description: 'Only those that stand here, as you see it' }),
});

const route = createRoute({
  method: 'get',
  path: '/v1/loans',
  operationId: 'listLoans',
  tags: ['Loans'],
  summary: 'Loans under one application, oldest first',
  description: 'With `status` a page may hold fewer than `limit`, even none, and not be the last.',
  request: { query: querySchema },
  responses: { 200: viewAnswer(pageOf(loanSchema), 'A page'), ...problemResponses(...signedProblems, 'not_found') },
});

export function registerListLoans(door: PartnerDoor, { intake }: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const { application_id, status, ...page } = c.req.valid('query');
    const { id: partnerId, visibility } = partyOf(c);
    const application = await ownApplication(intake, partnerId, application_id);
    const views = application.loans.map((loan) => loanView(application, loan, visibility));
    // Filtered after it was cut: a loan that changes its status moves no other from one page to the next.
    const { data, next_cursor } = offsetPage(views, page);
    return c.json({ data: data.filter((view) => status === undefined || view.status === status), next_cursor }, 200);
  });
}
