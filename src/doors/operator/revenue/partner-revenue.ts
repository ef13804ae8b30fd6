import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { balanceView } from '../../../revenue/balance-view.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { commissionPage, commissionQuerySchema } from '../../schemas/commission-query.ts';
import { balanceSchema, commissionSchema } from '../../schemas/commission-schema.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementView } from '../../schemas/statement-view.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';
import { contractsOfPartner, partnerParam } from './known-partner.ts';

const params = z.object(partnerParam);
const problemsOfRead = problemResponses(...operatorProblems, 'not_found');

const statementsRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/statements',
  operationId: 'listPartnerStatements',
  tags: ['Revenue'],
  summary: 'Statements of a partner, oldest period first',
  description: 'What the partner sees. Any role.',
  request: { params, query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(statementSchema) } } },
    ...problemsOfRead,
  },
});

const commissionsRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/commissions',
  operationId: 'listPartnerCommissions',
  tags: ['Revenue'],
  summary: 'Commissions of a partner, newest event first',
  description: 'What the partner sees. Any role.',
  request: { params, query: commissionQuerySchema },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(commissionSchema) } } },
    ...problemsOfRead,
  },
});

const balanceRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/balance',
  operationId: 'getPartnerBalance',
  tags: ['Revenue'],
  summary: 'Where a partner’s money stands, by contract',
  description: 'What the partner sees. Any role.',
  request: { params },
  responses: {
    200: { description: 'Balances', content: { 'application/json': { schema: balanceSchema } } },
    ...problemsOfRead,
  },
});

/** `GET /admin/v1/partners/{id}/statements`, `…/commissions`, `…/balance`: what the partner sees, for operators. */
export function registerPartnerRevenue(door: OperatorDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(statementsRoute, async (c) => {
    const { id } = c.req.valid('param');
    contractsOfPartner(revenue, id);
    const { statements } = await readStanding(revenue.ledger, id);
    const views = statements.map((standing) => statementView(standing, revenue.sign));
    const keyOf = ({ period, contract }: (typeof views)[number]) => `${period.id} ${contract}`;
    return c.json(pageOfList(views, keyOf, c.req.valid('query')), 200);
  });

  door.openapi(commissionsRoute, async (c) => {
    const { id } = c.req.valid('param');
    contractsOfPartner(revenue, id);
    return c.json(await commissionPage(revenue, id, c.req.valid('query')), 200);
  });

  door.openapi(balanceRoute, async (c) => {
    const { id } = c.req.valid('param');
    const contracts = contractsOfPartner(revenue, id);
    return c.json({ data: balanceView(contracts, await revenue.ledger.balances(id)) }, 200);
  });
}
