import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementView } from '../../schemas/statement-view.ts';
import { offsetPage } from '../offset-page.ts';
import type { PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/statements',
  operationId: 'listStatements',
  tags: ['Revenue'],
  summary: 'Your statements, newest period first',
  description: 'Drafts of periods in review too: reconcile and dispute them before they are locked.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(statementSchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListStatements(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const statements = await revenue.periods.statements(partyOf(c).id);
    const views = statements.map((statement) => statementView(statement));
    return c.json(offsetPage(views, c.req.valid('query')), 200);
  });
}
