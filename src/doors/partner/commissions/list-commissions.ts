import { createRoute } from '@hono/zod-openapi';
import { pageOf } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { commissionPage, commissionQuerySchema } from '../../schemas/commission-query.ts';
import { commissionSchema } from '../../schemas/commission-schema.ts';
import type { PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/commissions',
  operationId: 'listCommissions',
  tags: ['Revenue'],
  summary: 'Your commissions, newest event first',
  description: 'Every line that an event of yours has earned or taken back. `why` is its calculation in one sentence.',
  request: { query: commissionQuerySchema },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(commissionSchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListCommissions(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => c.json(await commissionPage(revenue, partyOf(c).id, c.req.valid('query')), 200));
}
