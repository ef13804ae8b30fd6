import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { statementLineOf } from '../../../revenue/commission-line.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { statementLineSchema } from '../../schemas/statement-schema.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { ownStatement } from './own-statement.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/statements/{id}/lines',
  operationId: 'listStatementLines',
  tags: ['Revenue'],
  summary: 'Lines of a statement, by payable_at and id',
  request: { params: z.object({ id: pathIdSchema('stm') }), query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(statementLineSchema) } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerListStatementLines(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { cursor, limit } = c.req.valid('query');
    const { statement } = await ownStatement(revenue, partner.id, c.req.valid('param').id);
    const { contract, period } = statement;
    const after = decodeCursor(cursor, 1)?.[0] ?? null;
    const page = await revenue.ledger.linesOfPeriodPage(partner.id, contract, period.id, after, limit);
    const next = page.next === null ? null : encodeCursor([page.next]);
    return c.json({ data: page.lines.map(statementLineOf), next_cursor: next }, 200);
  });
}
