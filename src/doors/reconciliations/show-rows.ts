import { ReadableStream } from 'node:stream/web';
import type { z } from '@hono/zod-openapi';
import { decodeCursor, encodeCursor, foreignCursor } from '../../http/pagination.ts';
import { ProblemError } from '../../http/problem.ts';
import { allRows, type RowsQuery, rowsPage, type ShownRow } from '../../revenue/reconciliation/list-rows.ts';
import type { ReconciliationDesk } from '../../revenue/reconciliation/reconciliation-desk.ts';
import type { ReconciliationReport } from '../../revenue/reconciliation/report.ts';
import { isCategory, type RowPosition } from '../../revenue/reconciliation/row-files.ts';
import { reconciliationCsv } from '../../revenue/reconciliation/rows-csv.ts';
import { textInChunks } from '../../revenue/text-in-chunks.ts';
import type { reconciledRowSchema } from '../schemas/reconciliation-schema.ts';

/**
 * A counterparty's report. Unknown and another one's are told apart by nothing.
 * @throws ProblemError 404
 */
export async function ownReport(
  desk: ReconciliationDesk,
  counterpartyId: string,
  id: string,
): Promise<ReconciliationReport> {
  const report = await desk.find(counterpartyId, id);
  if (report === undefined) throw new ProblemError('not_found', 'there is no such reconciliation, or its time is over');
  return report;
}

/**
 * The rows lie in the data folder, which gateways on several machines are to share.
 * @throws ProblemError 404 where they are not there
 */
async function assertRows(desk: ReconciliationDesk, { id }: ReconciliationReport): Promise<void> {
  if (await desk.deps.files.has(id)) return;
  throw new ProblemError('not_found', 'the rows are not in the data folder: compare the file again');
}

/** A page of its rows. */
export async function pageOfRows(
  desk: ReconciliationDesk,
  counterpartyId: string,
  report: ReconciliationReport,
  query: RowsQuery & { readonly cursor?: string | undefined; readonly limit: number },
) {
  const { category, explanation, limit } = query;
  const after = positionOf(query.cursor);
  await assertRows(desk, report);
  const page = await rowsPage(desk.deps, counterpartyId, report, { category, explanation, after, limit });
  const { next } = page;
  return {
    data: page.data.map(rowView),
    next_cursor: next === null ? null : encodeCursor([next.category, String(next.offset)]),
  };
}

/** All of its rows as a file, written while they are read. */
export async function rowsDownload(
  desk: ReconciliationDesk,
  counterpartyId: string,
  report: ReconciliationReport,
  query: RowsQuery,
): Promise<Response> {
  await assertRows(desk, report);
  const rows = allRows(desk.deps, counterpartyId, report, query);
  const body = ReadableStream.from(textInChunks(reconciliationCsv(rows, report.currency)));
  const name = `${report.id}.csv`;
  return new Response(body, {
    headers: { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': `attachment; filename="${name}"` },
  });
}

/** Rows without who of ours decided. */
function rowView({ resolution, ...row }: ShownRow): z.output<typeof reconciledRowSchema> {
  if (resolution === null) return { ...copied(row), resolution };
  const { by: _by, ...shown } = resolution;
  return { ...copied(row), resolution: shown };
}

function copied({ theirs, ours, proposals, ...row }: Omit<ShownRow, 'resolution'>) {
  return {
    ...row,
    theirs: theirs && { ...theirs, lines: [...theirs.lines] },
    ours: ours && { ...ours, commission_ids: [...ours.commission_ids] },
    proposals: proposals.map((proposal) => ({ ...proposal, because: [...proposal.because] })),
  };
}

function positionOf(cursor: string | undefined): RowPosition | undefined {
  const parts = decodeCursor(cursor, 2);
  if (parts === undefined) return undefined;
  const [category = '', offset = ''] = parts;
  if (!isCategory(category) || !/^\d{1,15}$/.test(offset)) throw foreignCursor();
  return { category, offset: Number(offset) };
}
