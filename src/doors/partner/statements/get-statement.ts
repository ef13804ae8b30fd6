import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementFile, statementView } from '../../schemas/statement-view.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { ownStatement } from './own-statement.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/statements/{id}',
  operationId: 'getStatement',
  tags: ['Revenue'],
  summary: 'One statement',
  description:
    'With include=lines the answer is a file that `sluice ledger verify` checks offline against our keys at ' +
    '`/.well-known/jwks.json`.',
  request: {
    params: z.object({ id: pathIdSchema('stm') }),
    query: z.strictObject({
      include: z.literal('lines').optional().openapi({ description: 'lines: its lines too, in their order' }),
    }),
  },
  responses: {
    200: { description: 'The statement', content: { 'application/json': { schema: statementSchema } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetStatement(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const standing = await ownStatement(revenue, partner.id, c.req.valid('param').id);
    if (c.req.valid('query').include === undefined) return c.json(statementView(standing, revenue.sign), 200);
    return statementFile(revenue, partner.id, standing);
  });
}
