import { createRoute, z } from '@hono/zod-openapi';
import { msOf } from '../../../base/clock.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { type BalanceView, balanceView } from '../../../revenue/balance-view.ts';
import { balancesBookedBy } from '../../../revenue/balances-at.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { commissionPage, commissionQuerySchema } from '../../schemas/commission-query.ts';
import { balanceSchema, commissionSchema, receivableBalanceSchema } from '../../schemas/commission-schema.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementView } from '../../schemas/statement-view.ts';
import type { OperatorDoor } from '../operator-deps.ts';
import { pageOfList } from '../page-of-list.ts';
import { contractsOn, FUNDER_SIDE, type LedgerSide, operationIdOn, PARTNER_SIDE } from './ledger-side.ts';

const problemsOfRead = problemResponses(...operatorProblems, 'not_found');

type Deps = { readonly revenue: RevenueDesk };

/** `GET /admin/v1/partners/{id}/statements`, `…/commissions`, `…/balance`: what the partner sees, for operators. */
export function registerPartnerRevenue(door: OperatorDoor, deps: Deps): void {
  const { revenue } = deps;
  registerStatements(door, deps, PARTNER_SIDE);
  registerLines(door, deps, PARTNER_SIDE);
  door.openapi(balanceRoute, async (c) => {
    const { id } = c.req.valid('param');
    const contracts = contractsOn(PARTNER_SIDE, revenue, id);
    const { balances, asOf } = await balancesOf(revenue, id, c.req.valid('query').at);
    return c.json({ data: balanceView(contracts, balances), as_of: asOf }, 200);
  });
}

/** `GET /admin/v1/funders/{id}/statements`, `…/receivables`, `…/balance`: what a funder owes us. */
export function registerFunderRevenue(door: OperatorDoor, deps: Deps): void {
  const { revenue } = deps;
  registerStatements(door, deps, FUNDER_SIDE);
  registerLines(door, deps, FUNDER_SIDE);
  door.openapi(funderBalanceRoute, async (c) => {
    const { id } = c.req.valid('param');
    const contracts = contractsOn(FUNDER_SIDE, revenue, id);
    const { balances, asOf } = await balancesOf(revenue, FUNDER_SIDE.partyOf(id), c.req.valid('query').at);
    return c.json({ data: balanceView(contracts, balances).map(receivableView), as_of: asOf }, 200);
  });
}

/** Balances now, or as the ledger had them at an instant. */
async function balancesOf({ ledger }: RevenueDesk, partyId: string, at: string | undefined) {
  if (at === undefined) return { balances: await ledger.balances(partyId), asOf: null };
  const { balances, head } = await balancesBookedBy(ledger, partyId, msOf(at));
  return { balances, asOf: { at, ...head } };
}

const balanceQuery = z.strictObject({
  at: instantSchema.optional().openapi({
    description: 'As the ledger had it then: everything booked by this instant and nothing later. Absent = now',
    example: '2026-02-01T00:00:00Z',
  }),
});

const asOf = {
  as_of: z
    .object({
      at: instantSchema.openapi({ description: 'The instant asked for' }),
      seq: z.int().openapi({ description: 'Last entry that is in it; 0 = none', example: 4711 }),
      hash: z.string().openapi({ description: 'Its hash', example: '0'.repeat(64) }),
    })
    .nullable()
    .openapi({ description: 'Where the ledger stood; null = now' }),
};

const partnerBalanceSchema = z
  .object({ ...balanceSchema.shape, ...asOf })
  .openapi('PartnerBalance', { description: 'Balances of the ledger, now or as they stood' });

const funderBalanceSchema = z
  .object({ ...receivableBalanceSchema.shape, ...asOf })
  .openapi('FunderBalance', { description: 'Balances of a funder’s ledger, now or as they stood' });

/** The accounts of a ledger by the names that they have for who is owed the money. */
function receivableView({ contract, currency, pending, payable, stated, paid }: BalanceView) {
  return { contract, currency, pending, receivable: payable, stated, received: paid };
}

function registerStatements(door: OperatorDoor, { revenue }: Deps, side: LedgerSide): void {
  door.openapi(statementsRoute(side), async (c) => {
    const { id } = c.req.valid('param');
    contractsOn(side, revenue, id);
    const { statements } = await readStanding(revenue.ledger, side.partyOf(id));
    const views = statements.map((standing) => statementView(standing, revenue.sign));
    const keyOf = ({ period, contract }: (typeof views)[number]) => `${period.id} ${contract}`;
    return c.json(pageOfList(views, keyOf, c.req.valid('query')), 200);
  });
}

function registerLines(door: OperatorDoor, { revenue }: Deps, side: LedgerSide): void {
  door.openapi(linesRoute(side), async (c) => {
    const { id } = c.req.valid('param');
    contractsOn(side, revenue, id);
    return c.json(await commissionPage(revenue, side.partyOf(id), c.req.valid('query')), 200);
  });
}

function statementsRoute(side: LedgerSide) {
  return createRoute({
    method: 'get',
    path: `${side.path}/statements`,
    operationId: operationIdOn(side, 'listPartnerStatements'),
    tags: ['Revenue'],
    summary: `Statements of ${side.one}, oldest period first`,
    description: side.kind === 'partner' ? 'What the partner sees. Any role.' : 'What it owes us. Any role.',
    request: { params: z.object(side.param), query: z.strictObject(pageQuery) },
    responses: {
      200: { description: 'A page', content: { 'application/json': { schema: pageOf(statementSchema) } } },
      ...problemsOfRead,
    },
  });
}

function linesRoute(side: LedgerSide) {
  const isPartner = side.kind === 'partner';
  return createRoute({
    method: 'get',
    path: `${side.path}/${isPartner ? 'commissions' : 'receivables'}`,
    operationId: isPartner ? 'listPartnerCommissions' : 'listFunderReceivables',
    tags: ['Revenue'],
    summary: isPartner
      ? 'Commissions of a partner, newest event first'
      : 'Lines of what a funder owes us, newest event first',
    description: isPartner
      ? 'What the partner sees. Any role.'
      : 'The same shape as a commission; positive = owed to us. Any role.',
    request: { params: z.object(side.param), query: commissionQuerySchema },
    responses: {
      200: { description: 'A page', content: { 'application/json': { schema: pageOf(commissionSchema) } } },
      ...problemsOfRead,
    },
  });
}

const balanceRoute = createRoute({
  method: 'get',
  path: '/admin/v1/partners/{id}/balance',
  operationId: 'getPartnerBalance',
  tags: ['Revenue'],
  summary: 'Where a partner’s money stands, by contract',
  description: 'What the partner sees; with ?at= as it stood then. Any role.',
  request: { params: z.object(PARTNER_SIDE.param), query: balanceQuery },
  responses: {
    200: {
      description: 'Balances',
      content: { 'application/json': { schema: partnerBalanceSchema } },
    },
    ...problemsOfRead,
  },
});

const funderBalanceRoute = createRoute({
  method: 'get',
  path: '/admin/v1/funders/{id}/balance',
  operationId: 'getFunderBalance',
  tags: ['Revenue'],
  summary: 'Where the money that a funder owes us stands, by contract',
  description: 'The accounts of its ledger; positive = owed to us. Any role.',
  request: { params: z.object(FUNDER_SIDE.param), query: balanceQuery },
  responses: {
    200: {
      description: 'Balances',
      content: { 'application/json': { schema: funderBalanceSchema } },
    },
    ...problemsOfRead,
  },
});
