import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementFile, statementView } from '../../schemas/statement-view.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { contractsOfPartner, partnerParam } from './known-partner.ts';

const route = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/statements/{statement}',
  operationId: 'readPartnerStatement',
  tags: ['Revenue'],
  summary: 'One statement of a partner',
  description:
    'With include=lines the answer is the file for a partner without an API: `sluice ledger verify` checks it offline ' +
    'against our keys at `/.well-known/jwks.json`. Any role.',
  request: {
    params: z.object({
      ...partnerParam,
      statement: pathIdSchema('stm').openapi({ description: 'Statement', param: { name: 'statement', in: 'path' } }),
    }),
    query: z.strictObject({
      include: z.literal('lines').optional().openapi({ description: 'lines: its lines too, in their order' }),
    }),
  },
  responses: {
    200: { description: 'The statement', content: { 'application/json': { schema: statementSchema } } },
    ...problemResponses(...operatorProblems, 'not_found'),
  },
});

/** `GET /admin/v1/partners/{id}/statements/{statement}`. */
export function registerPartnerStatement(door: OperatorDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const { id: partnerId, statement: id } = c.req.valid('param');
    contractsOfPartner(revenue, partnerId);
    const standing = (await readStanding(revenue.ledger, partnerId)).byId.get(id);
    if (standing === undefined) throw new ProblemError('not_found', `${partnerId} has no such statement`);
    if (c.req.valid('query').include === undefined) return c.json(statementView(standing, revenue.sign), 200);
    return statementFile(revenue, partnerId, standing);
  });
}
