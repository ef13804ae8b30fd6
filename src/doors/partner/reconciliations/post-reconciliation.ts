import { createRoute, z } from '@hono/zod-openapi';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { limitedBy } from '../../../http/rate-limit-fields.ts';
import { addLogFields, partyOf, rawBodyOf } from '../../../http/request-context.ts';
import type { IntakeDeps } from '../../../intake/intake-deps.ts';
import { spendToday } from '../../../intake/spend-today.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import type { ReconciliationDesk } from '../../../revenue/reconciliation/reconciliation-desk.ts';
import {
  RECONCILED_FILE_MAX_BYTES,
  reconciliationView,
  runReconciliation,
} from '../../reconciliations/run-reconciliation.ts';
import { comparedAnswer, comparedFile } from '../../reconciliations/upload-answers.ts';
import { reconcileQuery } from '../../schemas/reconciliation-schema.ts';
import type { PartnerDoor } from '../partner-deps.ts';

const MEGABYTE = 1_000_000;
const route = createRoute({
  method: 'post',
  path: '/v1/statements/{id}/reconciliations',
  operationId: 'reconcileStatement',
  tags: ['Revenue'],
  summary: 'Compare your own file with a statement',
  description:
    'CSV or XLSX as your system writes it, against a draft or an issued statement. Columns are found by their headers, or ' +
    'named; how the last file was read is the default for the next. Nothing is booked: every row on both sides falls into ' +
    'one category, and Σ yours − Σ ours is the sum of the differences of all categories, exactly. The same file read the same ' +
    'way against the same revision is answered with the same report and `Idempotent-Replayed: true`. The file itself is not ' +
    'kept; the columns that were compared are, for 180 days.',
  'x-max-body-bytes': RECONCILED_FILE_MAX_BYTES,
  request: {
    params: z.object({ id: pathIdSchema('stm') }),
    query: z.strictObject(reconcileQuery),
    body: comparedFile,
  },
  responses: {
    201: comparedAnswer,
    ...problemResponses(...signedProblems, ...bodyProblems, 'not_found', 'file_unreadable', 'statement_revised'),
  },
});

export interface PostReconciliationDeps {
  readonly reconciliation: ReconciliationDesk;
  readonly intake: Pick<IntakeDeps, 'clock' | 'quotas'>;
}

/** `POST /v1/statements/{id}/reconciliations`. */
export function registerPostReconciliation(
  door: PartnerDoor,
  { reconciliation, intake }: PostReconciliationDeps,
): void {
  door.openapi(route, async (c) => {
    const partner = partyOf(c);
    const body = rawBodyOf(c);
    await spendUpload(intake, partner, body.length);
    const query = c.req.valid('query');
    const made = await runReconciliation(reconciliation, partner.id, c.req.valid('param').id, body, query);
    const { report, result } = made;
    addLogFields(c, { reconciliation_id: report.id, statement_id: report.statement_id, rows: report.file.rows });
    const headers: Record<string, string> = result === 'exists' ? { 'Idempotent-Replayed': 'true' } : {};
    return c.json(reconciliationView(report, '/v1/reconciliations'), 201, headers);
  });
}

/** @throws ProblemError 429 when the partner has sent as much today as it may */
async function spendUpload(
  intake: PostReconciliationDeps['intake'],
  { id, limits: { upload_megabytes_per_day: megabytes } }: TrafficPartner,
  bytes: number,
): Promise<void> {
  const { ok, resetInSeconds } = await spendToday(intake, id, 'uploads', bytes, megabytes * MEGABYTE);
  if (!ok) throw limitedBy('uploads', `more than ${megabytes} MB of files today`, resetInSeconds);
}
