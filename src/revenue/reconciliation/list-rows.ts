import type { Category, Explanation } from './matching/reconciled-row.ts';
import type { ReconciliationDeskDeps } from './reconciliation-desk.ts';
import type { ReconciliationReport } from './report.ts';
import { issueOf, type RowResolution } from './resolution.ts';
import type { RowPosition } from './row-files.ts';
import { SHOWN_CATEGORIES, type StoredRow } from './stored-row.ts';

export interface RowsQuery {
  readonly category?: Category | undefined;
  readonly explanation?: Explanation | undefined;
}

/** A row with what became of it. */
export interface ShownRow extends StoredRow {
  readonly resolution: RowResolution | null;
}

export interface RowsPage {
  readonly data: readonly ShownRow[];
  /** Where the next page begins; null = this was the last. */
  readonly next: RowPosition | null;
}

/** A rare explanation is looked for so far in one request; the page is then shorter than asked for. */
const SCAN_MAX = 20_000;
/** Rows of which resolutions are read at once. */
const BATCH_ROWS = 500;

/** A page of a report's rows: what differs first, category by category. */
export async function rowsPage(
  deps: Pick<ReconciliationDeskDeps, 'files' | 'reports'>,
  counterpartyId: string,
  report: ReconciliationReport,
  query: RowsQuery & { readonly after: RowPosition | undefined; readonly limit: number },
): Promise<RowsPage> {
  const rows: StoredRow[] = [];
  let scanned = 0;
  let position: RowPosition | null = null;
  for (const category of categoriesFrom(query, query.after)) {
    if (report.categories[category].count === 0) continue;
    const offset = query.after?.category === category ? query.after.offset : 0;
    for await (const { row, next } of deps.files.read(report.id, { category, offset })) {
      // Only now it is known that there is another row behind the page.
      if (rows.length === query.limit || scanned === SCAN_MAX) {
        return { data: await withResolutions(deps, counterpartyId, report, rows), next: position };
      }
      position = { category, offset: next };
      scanned += 1;
      if (isWanted(row, query)) rows.push(row);
    }
  }
  return { data: await withResolutions(deps, counterpartyId, report, rows), next: null };
}

/** All rows of a report, in batches, with what became of them. */
export async function* allRows(
  deps: Pick<ReconciliationDeskDeps, 'files' | 'reports'>,
  counterpartyId: string,
  report: ReconciliationReport,
  query: RowsQuery,
): AsyncGenerator<ShownRow> {
  let batch: StoredRow[] = [];
  for (const category of categoriesFrom(query, undefined)) {
    if (report.categories[category].count === 0) continue;
    for await (const { row } of deps.files.read(report.id, { category, offset: 0 })) {
      if (isWanted(row, query)) batch.push(row);
      if (batch.length < BATCH_ROWS) continue;
      yield* await withResolutions(deps, counterpartyId, report, batch);
      batch = [];
    }
  }
  yield* await withResolutions(deps, counterpartyId, report, batch);
}

async function withResolutions(
  { reports }: Pick<ReconciliationDeskDeps, 'reports'>,
  counterpartyId: string,
  report: ReconciliationReport,
  rows: readonly StoredRow[],
): Promise<ShownRow[]> {
  const issues = rows.map((row) => (row.category === 'matched' ? null : issueOf(row)));
  const asked = issues.flatMap((issue) => issue ?? []);
  const found = await reports.resolutions(counterpartyId, report.statement_id, asked);
  return rows.map((row, index) => ({ ...row, resolution: found.get(issues[index] ?? '') ?? null }));
}

function categoriesFrom({ category }: RowsQuery, after: RowPosition | undefined): readonly Category[] {
  if (category !== undefined) return [category];
  return after === undefined ? SHOWN_CATEGORIES : SHOWN_CATEGORIES.slice(SHOWN_CATEGORIES.indexOf(after.category));
}

function isWanted({ explanation }: StoredRow, query: RowsQuery): boolean {
  return query.explanation === undefined || explanation === query.explanation;
}
