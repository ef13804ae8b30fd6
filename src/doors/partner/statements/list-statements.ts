import { createRoute, z } from '@hono/zod-openapi';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { statementOrder } from '../../../revenue/period-store.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { readStanding, type StatementStanding } from '../../../revenue/settlement/read-standing.ts';
import type { CompactJwsSigner } from '../../../revenue/sign-statement.ts';
import { statementSchema } from '../../schemas/statement-schema.ts';
import { statementView } from '../../schemas/statement-view.ts';
import type { PartnerDoor } from '../partner-deps.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/statements',
  operationId: 'listStatements',
  tags: ['Revenue'],
  summary: 'Your statements, newest period first',
  description: 'Drafts of periods in review too: reconcile and dispute them before they are locked.',
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(statementSchema) } } },
    ...problemResponses(...signedProblems),
  },
});

export function registerListStatements(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const { statements } = await readStanding(revenue.ledger, partyOf(c).id);
    return c.json(newestFirst([...statements].reverse(), c.req.valid('query'), revenue.sign), 200);
  });
}

/** The cursor names the last one shown: a new statement at the front moves nothing behind it. */
function newestFirst(
  statements: readonly StatementStanding[],
  query: { cursor?: string | undefined; limit: number },
  sign: CompactJwsSigner,
) {
  const [after] = decodeCursor(query.cursor, 1) ?? [];
  const rest = statements.filter(({ statement }) => after === undefined || statementOrder(statement) < after);
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  return {
    data: page.map((standing) => statementView(standing, sign)),
    next_cursor:
      last === undefined || page.length === rest.length ? null : encodeCursor([statementOrder(last.statement)]),
  };
}
