import type { z } from '@hono/zod-openapi';
import { ProblemError } from '../../http/problem.ts';
import { bytesSource } from '../../revenue/reconciliation/reading/file-source.ts';
import { COLUMN_ROLES } from '../../revenue/reconciliation/reading/guess-columns.ts';
import { UnreadableFileError } from '../../revenue/reconciliation/reading/source-row.ts';
import type { ReconcileOutcome, ReconciliationDesk } from '../../revenue/reconciliation/reconciliation-desk.ts';
import { StatementMovedError } from '../../revenue/reconciliation/statement-moved-error.ts';
import type { reconcileQuery, reconciliationSchema } from '../schemas/reconciliation-schema.ts';

/** Largest file that is taken over HTTP: a good half million rows. Larger ones go by `sluice reconcile`. */
export const RECONCILED_FILE_MAX_BYTES = 32 * 1024 * 1024;

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export type ReconcileQuery = z.output<z.ZodObject<typeof reconcileQuery>>;
export type Made = Extract<ReconcileOutcome, { readonly report: unknown }>;

/**
 * Compares the body of a request with a statement.
 * @throws ProblemError 404 for an unknown statement, 422 `file_unreadable`, 409 `statement_revised`
 */
export async function runReconciliation(
  desk: ReconciliationDesk,
  counterpartyId: string,
  statementId: string,
  body: Uint8Array,
  query: ReconcileQuery,
): Promise<Made> {
  const named = COLUMN_ROLES.flatMap((role) => (query[role] === undefined ? [] : [[role, query[role]] as const]));
  const totals = query.totals === 'true';
  try {
    const outcome = await desk.reconcile(counterpartyId, statementId, {
      source: bytesSource(body),
      reading: {
        columns: Object.fromEntries(named),
        refKind: query.ref_kind,
        encoding: query.encoding,
        delimiter: query.delimiter,
        decimal: query.decimal,
        dateOrder: query.date_order,
        sheet: query.sheet,
        totals,
      },
      options: {
        tolerance: BigInt(query.tolerance),
        windowDays: query.date_window_days,
        groupBy: query.group_by ?? null,
        totals,
        datesOf: query.dates,
      },
    });
    if (outcome.result === 'unknown') throw new ProblemError('not_found');
    return outcome;
  } catch (error) {
    if (error instanceof UnreadableFileError) throw new ProblemError('file_unreadable', error.message);
    if (error instanceof StatementMovedError) throw new ProblemError('statement_revised', error.message);
    throw error;
  }
}

/** The report on the wire. @param base path of the reports at this door */
export function reconciliationView(report: Made['report'], base: string): z.output<typeof reconciliationSchema> {
  const { file, notes, other_currencies, explanations, ...rest } = report;
  return {
    ...rest,
    file: { ...file, stated_totals: file.stated_totals.map((total) => ({ ...total })) },
    explanations: { ...explanations },
    other_currencies: other_currencies.map((one) => ({ ...one })),
    notes: notes.map((note) => ({ ...note })),
    rows_url: `${base}/${report.id}/rows`,
  };
}
