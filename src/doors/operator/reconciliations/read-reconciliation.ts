import { createRoute, z } from '@hono/zod-openapi';
import { pageOf, pageQuery } from '../../../http/pagination.ts';
import { operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { reconciliationView } from '../../reconciliations/run-reconciliation.ts';
import { ownReport, pageOfRows, rowsDownload } from '../../reconciliations/show-rows.ts';
import { reconciledRowSchema, reconciliationSchema, rowsQuery } from '../../schemas/reconciliation-schema.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { type CounterpartyPaths, knownParty, reportParams, reportsPath } from './counterparty-paths.ts';

const problems = problemResponses(...operatorProblems, 'not_found');

/** `GET …/reconciliations/{reconciliation}`, `…/rows`, `…/rows.csv`. */
export function registerReadReconciliation(
  door: OperatorDoor,
  { revenue, reconciliation: desk }: Pick<OperatorDeps, 'revenue' | 'reconciliation'>,
  paths: CounterpartyPaths,
): void {
  const path = `${paths.path}/reconciliations/{reconciliation}`;
  const reportRoute = createRoute({
    method: 'get',
    path,
    operationId: `read${paths.name}Reconciliation`,
    tags: ['Revenue'],
    summary: `What a comparison of ${paths.whose} file found`,
    description: 'Any role.',
    request: { params: reportParams },
    responses: {
      200: { description: 'The report', content: { 'application/json': { schema: reconciliationSchema } } },
      ...problems,
    },
  });
  const rowsRoute = createRoute({
    method: 'get',
    path: `${path}/rows`,
    operationId: `list${paths.name}ReconciledRows`,
    tags: ['Revenue'],
    summary: `Rows of a comparison of ${paths.whose} file, what differs first`,
    description: 'Any role.',
    request: { params: reportParams, query: z.strictObject({ ...pageQuery, ...rowsQuery }) },
    responses: {
      200: { description: 'A page', content: { 'application/json': { schema: pageOf(reconciledRowSchema) } } },
      ...problems,
    },
  });
  const csvRoute = createRoute({
    method: 'get',
    path: `${path}/rows.csv`,
    operationId: `download${paths.name}ReconciledRows`,
    tags: ['Revenue'],
    summary: `Rows of a comparison of ${paths.whose} file as CSV`,
    description: 'Any role.',
    request: { params: reportParams, query: z.strictObject(rowsQuery) },
    responses: { 200: { description: 'The file', content: { 'text/csv': { schema: z.string() } } }, ...problems },
  });

  door.openapi(reportRoute, async (c) => {
    const { id, reconciliation } = c.req.valid('param');
    const report = await ownReport(desk, knownParty(revenue, paths, id), reconciliation);
    return c.json(reconciliationView(report, reportsPath(paths, id)), 200);
  });

  door.openapi(rowsRoute, async (c) => {
    const { id, reconciliation } = c.req.valid('param');
    const partyId = knownParty(revenue, paths, id);
    const report = await ownReport(desk, partyId, reconciliation);
    return c.json(await pageOfRows(desk, partyId, report, c.req.valid('query')), 200);
  });

  door.openapi(csvRoute, async (c) => {
    const { id, reconciliation } = c.req.valid('param');
    const partyId = knownParty(revenue, paths, id);
    return rowsDownload(desk, partyId, await ownReport(desk, partyId, reconciliation), c.req.valid('query'));
  });
}
