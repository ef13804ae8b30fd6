import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { commissionView } from '../../../revenue/commission-view.ts';
import { standingOf } from '../../../revenue/list-commissions.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { commissionSchema } from '../../schemas/commission-schema.ts';
import type { PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/commissions/{id}',
  operationId: 'getCommission',
  tags: ['Revenue'],
  summary: 'One commission of yours',
  description: 'As it stands now: held, payable, on a statement, paid or void, and how much of it was taken back.',
  request: { params: z.object({ id: pathIdSchema('com') }) },
  responses: {
    200: { description: 'The commission', content: { 'application/json': { schema: commissionSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

/** `GET /v1/commissions/{id}`. */
export function registerGetCommission(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const { id: partnerId } = partyOf(c);
    const [line] = await revenue.ledger.lines(partnerId, [c.req.valid('param').id]);
    if (line === undefined) throw new ProblemError('not_found', 'you have no such commission');
    const standing = await standingOf(revenue.ledger, revenue.periods, partnerId);
    return c.json(commissionView(line, standing), 200);
  });
}
