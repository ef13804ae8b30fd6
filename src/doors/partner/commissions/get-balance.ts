import { createRoute } from '@hono/zod-openapi';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { balanceView } from '../../../revenue/balance-view.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { balanceSchema } from '../../schemas/commission-schema.ts';
import type { PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/balance',
  operationId: 'getBalance',
  tags: ['Revenue'],
  summary: 'Where your money stands, by contract',
  responses: {
    200: { description: 'Balances', content: { 'application/json': { schema: balanceSchema } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerGetBalance(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const { id } = partyOf(c);
    const balances = await revenue.ledger.balances(id);
    return c.json({ data: balanceView(revenue.contractsOf(id) ?? [], balances) }, 200);
  });
}
