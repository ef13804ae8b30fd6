import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields, rawBodyOf } from '../../../http/request-context.ts';
import {
  type Made,
  RECONCILED_FILE_MAX_BYTES,
  reconciliationView,
  runReconciliation,
} from '../../reconciliations/run-reconciliation.ts';
import { comparedAnswer, comparedFile } from '../../reconciliations/upload-answers.ts';
import { reconcileQuery } from '../../schemas/reconciliation-schema.ts';
import { audited, reasonHeader } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { type CounterpartyPaths, counterpartyParam, knownParty, reportsPath } from './counterparty-paths.ts';

/** `POST …/statements/{statement}/reconciliations`: a file that came by mail. */
export function registerReconcileFile(
  door: OperatorDoor,
  deps: Pick<OperatorDeps, 'revenue' | 'reconciliation' | 'audit' | 'logger'>,
  paths: CounterpartyPaths,
): void {
  const { revenue, reconciliation } = deps;
  const route = createRoute({
    method: 'post',
    path: `${paths.path}/statements/{statement}/reconciliations`,
    operationId: `reconcile${paths.name}File`,
    tags: ['Revenue'],
    summary: `Compare ${paths.whose} file with a statement`,
    description:
      'CSV or XLSX, as the counterparty sent it. Nothing is booked; rows are resolved afterwards. Larger files: ' +
      '`sluice reconcile`. Audited as reconciliation.make. Roles: finance.',
    'x-max-body-bytes': RECONCILED_FILE_MAX_BYTES,
    request: {
      params: z.object({
        ...counterpartyParam,
        statement: pathIdSchema('stm').openapi({ description: 'Statement', param: { name: 'statement', in: 'path' } }),
      }),
      query: z.strictObject(reconcileQuery),
      headers: reasonHeader,
      body: comparedFile,
    },
    responses: {
      201: comparedAnswer,
      ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'file_unreadable', 'statement_revised'),
    },
  });

  door.openapi(route, async (c) => {
    const { id, statement } = c.req.valid('param');
    const partyId = knownParty(revenue, paths, id);
    const what = {
      action: 'reconciliation.make',
      object: { kind: 'statement', id: statement },
      after: ({ report }: Made) => ({
        reconciliation_id: report.id,
        file_sha256: report.file_sha256,
        difference: report.totals.difference,
      }),
    };
    const { report, result } = await audited(c, deps, what, () =>
      runReconciliation(reconciliation, partyId, statement, rawBodyOf(c), c.req.valid('query')),
    );
    addLogFields(c, { counterparty: partyId, reconciliation_id: report.id, rows: report.file.rows });
    const headers: Record<string, string> = result === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(reconciliationView(report, reportsPath(paths, id)), 201, headers);
  });
}
