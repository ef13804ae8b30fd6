import { createRoute, z } from '@hono/zod-openapi';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { periodViews } from '../../../revenue/period-view.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { contractNamed, contractQuery } from '../revenue/known-partner.ts';
import { contractsOn, type LedgerSide, operationIdOn, PARTNER_SIDE } from '../revenue/ledger-side.ts';
import { periodSchema } from './period-schema.ts';

const answer = z.object({ data: z.array(periodSchema).openapi({ description: 'Newest first, at most 400' }) });

/** `GET /admin/v1/partners/{id}/periods`, and of a funder. */
export function registerListPeriods(
  door: OperatorDoor,
  { revenue }: { readonly revenue: RevenueDesk },
  side: LedgerSide = PARTNER_SIDE,
): void {
  door.openapi(routeOn(side), async (c) => {
    const { id } = c.req.valid('param');
    const contracts = contractsOn(side, revenue, id);
    const contract = contractNamed(contracts, c.req.valid('query').contract);
    const versions = contracts.filter((terms) => terms.contract === contract);
    const periods = await revenue.periods.periodsOf(side.partyOf(id), contract);
    const data = periodViews(versions, periods, revenue.clock.nowMs());
    return c.json({ data: data.map((view) => ({ ...view, waived: [...view.waived] })) }, 200);
  });
}

function routeOn(side: LedgerSide) {
  return createRoute({
    method: 'get',
    path: `${side.path}/periods`,
    operationId: operationIdOn(side, 'listPeriods'),
    tags: ['Revenue'],
    summary: `Periods of a contract with ${side.one}`,
    description: 'From the first period with anything in it to the one that is running. Any role.',
    request: { params: z.object(side.param), query: z.strictObject(contractQuery) },
    responses: {
      200: { description: 'Periods', content: { 'application/json': { schema: answer } } },
      ...problemResponses(...operatorProblems, 'not_found', 'unknown_contract'),
    },
  });
}
