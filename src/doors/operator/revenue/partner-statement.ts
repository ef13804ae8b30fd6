import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementFile, statementView } from '../../schemas/statement-view.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { contractsOn, type LedgerSide, operationIdOn, PARTNER_SIDE } from './ledger-side.ts';

/** `GET /admin/v1/partners/{id}/statements/{statement}`, and of a funder. */
export function registerPartnerStatement(
  door: OperatorDoor,
  { revenue }: { readonly revenue: RevenueDesk },
  side: LedgerSide = PARTNER_SIDE,
): void {
  door.openapi(routeOn(side), async (c) => {
    const { id: named, statement: id } = c.req.valid('param');
    contractsOn(side, revenue, named);
    const partnerId = side.partyOf(named);
    const standing = (await readStanding(revenue.ledger, partnerId)).byId.get(id);
    if (standing === undefined) throw new ProblemError('not_found', `${named} has no such statement`);
    if (c.req.valid('query').include === undefined) return c.json(statementView(standing, revenue.sign), 200);
    return statementFile(revenue, partnerId, standing);
  });
}

function routeOn(side: LedgerSide) {
  return createRoute({
    method: 'get',
    path: `${side.path}/statements/{statement}`,
    operationId: operationIdOn(side, 'readPartnerStatement'),
    tags: ['Revenue'],
    summary: `One statement of ${side.one}`,
    description:
      'With include=lines the answer is the file for those without an API: `sluice ledger verify` checks it offline ' +
      'against our keys at `/.well-known/jwks.json`. Any role.',
    request: {
      params: z.object({
        ...side.param,
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
}
