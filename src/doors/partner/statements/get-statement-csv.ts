import { ReadableStream } from 'node:stream/web';
import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { statementCsv } from '../../../revenue/statement-file.ts';
import type { PartnerDoor } from '../partner-deps.ts';
import { ownStatement } from './own-statement.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/statements/{id}/lines.csv',
  operationId: 'downloadStatementLines',
  tags: ['Revenue'],
  summary: 'Lines of a statement as CSV',
  description: 'RFC 4180 in UTF-8, amounts as decimals of major units. `sha256sum` of the file is lines_sha256.',
  request: { params: z.object({ id: pathIdSchema('stm') }) },
  responses: {
    200: { description: 'The file', content: { 'text/csv': { schema: z.string() } } },
    ...problemResponses(...signedProblems, 'not_found'),
  },
});

export function registerGetStatementCsv(door: PartnerDoor, { revenue }: { readonly revenue: RevenueDesk }): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const { statement } = await ownStatement(revenue, partner.id, c.req.valid('param').id);
    const csv = ReadableStream.from(statementCsv(revenue.ledger, partner.id, statement));
    return new Response(csv, {
      headers: {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="${statement.id}.csv"`,
      },
    });
  });
}
