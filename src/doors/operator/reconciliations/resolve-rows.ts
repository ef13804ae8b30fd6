import { createRoute, z } from '@hono/zod-openapi';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, operatorProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { ReconciliationReport } from '../../../revenue/reconciliation/report.ts';
import {
  RESOLVE_ACTIONS,
  UNRESOLVED_REASONS,
  WRITE_OFF_MAX_MINOR,
} from '../../../revenue/reconciliation/resolution.ts';
import { RESOLVED_ROWS_MAX, type ResolveOutcome, resolveRows } from '../../../revenue/reconciliation/resolve-rows.ts';
import { StatementMovedError } from '../../../revenue/reconciliation/statement-moved-error.ts';
import { ownReport } from '../../reconciliations/show-rows.ts';
import { categorySchema, explanationSchema, rowResolutionSchema } from '../../schemas/reconciliation-schema.ts';
import { audited } from '../audited.ts';
import type { OperatorDeps, OperatorDoor } from '../operator-deps.ts';
import { contractsOfPartner } from '../revenue/known-partner.ts';
import { type CounterpartyPaths, knownParty, reportParams } from './counterparty-paths.ts';

const rowId = z.string().min(1).max(64).openapi({ description: 'Row', example: 'line_17' });

const requestSchema = z
  .strictObject({
    rows: z
      .array(rowId)
      .min(1)
      .max(RESOLVED_ROWS_MAX)
      .optional()
      .openapi({ description: 'These rows; or name a category' }),
    category: categorySchema.optional(),
    explanation: explanationSchema.optional(),
    action: z.enum(RESOLVE_ACTIONS).openapi({
      description:
        'accept_theirs: the difference is booked. write_off: the same, for differences within limit. keep_ours: nothing is ' +
        'booked. dispute: rows become lines of one dispute, settled there',
      example: 'accept_theirs',
    }),
    limit: z
      .int()
      .min(0)
      .max(WRITE_OFF_MAX_MINOR)
      .default(0)
      .openapi({ description: 'Largest difference that is written off, minor units', example: 100 }),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(400)
      .openapi({ description: 'Why; the counterparty reads it', example: 'Agreed by mail' }),
    refresh: z
      .boolean()
      .default(true)
      .openapi({ description: 'Take what was booked into the draft, where the period is in review', example: true }),
  })
  .refine(({ rows, category }) => (rows === undefined) !== (category === undefined), {
    path: ['rows'],
    message: 'name rows, or a category',
  })
  .openapi('ReconciliationResolution', { description: 'What becomes of rows that differ' });

const answerSchema = z
  .object({
    resolved: z
      .array(z.object({ row: rowId, resolution: rowResolutionSchema }))
      .openapi({ description: 'Rows that this request has resolved' }),
    already: z.int().openapi({ description: 'Rows that were resolved before', example: 0 }),
    skipped: z
      .array(
        z.object({
          row: rowId,
          why: z.enum(UNRESOLVED_REASONS).openapi({
            description: 'will_be_paid: it is held or in another period; booking it would pay it twice',
            example: 'will_be_paid',
          }),
        }),
      )
      .openapi({ description: 'Rows that cannot be resolved so' }),
    unknown: z.array(rowId).openapi({ description: 'Ids that the report does not have' }),
    booked: z
      .object({
        count: z.int().openapi({ description: 'Lines', example: 1 }),
        amount: z.int().openapi({ description: 'Their sum, signed minor units', example: -12_000 }),
      })
      .openapi({ description: 'What stands in the ledger for these rows' }),
    dispute_id: z
      .string()
      .nullable()
      .openapi({ description: 'The dispute that was opened', example: 'dsp_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    more: z.boolean().openapi({ description: 'More rows of the category are open: ask again', example: false }),
  })
  .openapi('ReconciliationResolved', { description: 'What became of rows' });

type Deps = Pick<OperatorDeps, 'revenue' | 'reconciliation' | 'audit' | 'logger'>;

/** `POST …/reconciliations/{reconciliation}/resolve`. */
export function registerResolveRows(door: OperatorDoor, deps: Deps, paths: CounterpartyPaths): void {
  const { revenue, reconciliation: desk } = deps;
  const route = createRoute({
    method: 'post',
    path: `${paths.path}/reconciliations/{reconciliation}/resolve`,
    operationId: `resolve${paths.name}Reconciliation`,
    tags: ['Revenue'],
    summary: `Resolve rows of a comparison of ${paths.whose} file`,
    description:
      `Singly by id, or up to ${RESOLVED_ROWS_MAX} of a category at once. What is accepted is booked as a correction: into the ` +
      'draft where the period is in review, else into the next. An issue is booked once, in whichever report it is resolved. ' +
      'Audited as reconciliation.resolve. Roles: finance.',
    request: { params: reportParams, body: jsonBody(requestSchema, 'What becomes of them') },
    responses: {
      200: { description: 'What became of them', content: { 'application/json': { schema: answerSchema } } },
      ...problemResponses(...operatorProblems, ...bodyProblems, 'not_found', 'statement_revised'),
    },
  });

  door.openapi(route, async (c) => {
    const { name: by } = partyOf(c);
    const { id, reconciliation: reportId } = c.req.valid('param');
    const partyId = knownParty(revenue, paths, id);
    const report = await ownReport(desk, partyId, reportId);
    const { rows = null, refresh, ...wish } = c.req.valid('json');
    const versions = contractsOfPartner(revenue, partyId).filter(({ contract }) => contract === report.contract);
    addLogFields(c, { counterparty: partyId, reconciliation_id: reportId, action: wish.action });
    const what = {
      action: 'reconciliation.resolve',
      object: { kind: 'reconciliation', id: reportId },
      reason: wish.reason,
      after: (outcome: ResolveOutcome) => ({
        action: wish.action,
        category: wish.category ?? null,
        resolved: outcome.resolved.length,
        skipped: outcome.skipped.length,
        booked: sumOf(outcome),
        dispute_id: outcome.disputeId,
      }),
    };
    const { category, explanation } = wish;
    const outcome = await audited(c, deps, what, () =>
      resolveRows(desk.deps, partyId, report, { ...wish, rows, category, explanation, by }, versions).catch(
        movedProblem,
      ),
    );
    if (refresh) await refreshDraft(deps, partyId, report, outcome, by);
    return c.json(answerOf(outcome), 200);
  });
}

function movedProblem(error: unknown): never {
  if (!(error instanceof StatementMovedError)) throw error;
  throw new ProblemError('statement_revised', `compare the file again (${error.message})`);
}

/** Of a period that is locked there is no draft to refresh: the lines lie in the next. */
async function refreshDraft(
  { revenue }: Deps,
  partnerId: string,
  { contract, period }: ReconciliationReport,
  { lines }: ResolveOutcome,
  actor: string,
): Promise<void> {
  if (lines.some(({ original_period }) => original_period === period)) {
    await revenue.closer.refresh({ partnerId, contract, period, actor });
  }
}

function answerOf({ resolved, already, skipped, unknown, disputeId, more, lines }: ResolveOutcome) {
  return {
    resolved: resolved.map(({ row, resolution: { by: _by, ...resolution } }) => ({ row, resolution })),
    already,
    skipped: skipped.map((one) => ({ ...one })),
    unknown: [...unknown],
    booked: { count: lines.length, amount: sumOf({ lines }) },
    dispute_id: disputeId,
    more,
  };
}

function sumOf({ lines }: Pick<ResolveOutcome, 'lines'>): number {
  return lines.reduce((sum, { amount }) => sum + amount, 0);
}
