import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { ReconciliationDesk } from '../../../revenue/reconciliation/reconciliation-desk.ts';
import { reconciliationView } from '../../reconciliations/run-reconciliation.ts';
import { ownReport, pageOfRows, rowsDownload } from '../../reconciliations/show-rows.ts';
import { reconciledRowSchema, reconciliationSchema, rowsQuery } from '../../schemas/reconciliation-schema.ts';
import type { PartnerDoor } from '../partner-deps.ts';

const params = z.object({ id: pathIdSchema('rec') });
const problems = problemResponses(...signedProblems, 'not_found');

const reportRoute = createRoute({
  method: 'get',
  path: '/v1/reconciliations/{id}',
  operationId: 'getReconciliation',
  tags: ['Revenue'],
  summary: 'What a comparison found',
  request: { params },
  responses: {
    200: { description: 'The report', content: { 'application/json': { schema: reconciliationSchema } } },
    ...problems,
  },
});

const rowsRoute = createRoute({
  method: 'get',
  path: '/v1/reconciliations/{id}/rows',
  operationId: 'listReconciledRows',
  tags: ['Revenue'],
  summary: 'Rows of a comparison, what differs first',
  description: 'Both sides of each row, with lines of your file, commissions of ours, and what may be its counterpart.',
  request: { params, query: z.strictObject({ ...pageQuery, ...rowsQuery }) },
  responses: {
    200: { description: 'A page', content: { 'application/json': { schema: pageOf(reconciledRowSchema) } } },
    ...problems,
  },
});

const csvRoute = createRoute({
  method: 'get',
  path: '/v1/reconciliations/{id}/rows.csv',
  operationId: 'downloadReconciledRows',
  tags: ['Revenue'],
  summary: 'Rows of a comparison as CSV',
  description: 'RFC 4180 in UTF-8, amounts as decimals of major units, texts that begin like a formula made harmless.',
  request: { params, query: z.strictObject(rowsQuery) },
  responses: { 200: { description: 'The file', content: { 'text/csv': { schema: z.string() } } }, ...problems },
});

/** `GET /v1/reconciliations/{id}`, `…/rows`, `…/rows.csv`. */
export function registerGetReconciliation(
  door: PartnerDoor,
  { reconciliation }: { readonly reconciliation: ReconciliationDesk },
): void {
  door.openapi(reportRoute, async (c) => {
    const report = await ownReport(reconciliation, partyOf(c).id, c.req.valid('param').id);
    return c.json(reconciliationView(report, '/v1/reconciliations'), 200);
  });

  door.openapi(rowsRoute, async (c) => {
    const { id } = partyOf(c);
    const report = await ownReport(reconciliation, id, c.req.valid('param').id);
    return c.json(await pageOfRows(reconciliation, id, report, c.req.valid('query')), 200);
  });

  door.openapi(csvRoute, async (c) => {
    const { id } = partyOf(c);
    const report = await ownReport(reconciliation, id, c.req.valid('param').id);
    return rowsDownload(reconciliation, id, report, c.req.valid('query'));
  });
}
