import {
  COLUMN_ROLES,
  type ColumnNames,
  type ColumnPositions,
  type ColumnRole,
  guessColumn,
  guessRef,
  HEADER_ROWS,
  isPositional,
  namedColumn,
  type RefKind,
} from './guess-columns.ts';
import { cellText, type SourceRow } from './source-row.ts';

/** How a file is to be read: what was said, or what was remembered of the last one. */
export interface MappingWish {
  readonly columns: ColumnNames;
  readonly refKind: RefKind | undefined;
  /** Whether rows are sums of a day or of all: such a file has no references. */
  readonly totals: boolean;
}

/** How a file is read. */
export interface FoundMapping {
  readonly source: 'given' | 'remembered' | 'guessed';
  readonly positions: ColumnPositions;
  /** The headers of those columns, `#n` where there is no header. */
  readonly names: Readonly<Record<ColumnRole, string | null>>;
  readonly refKind: RefKind;
  /** Line of the header; 0 = there is none. */
  readonly headerLine: number;
}

export type FindOutcome =
  | { readonly ok: true; readonly mapping: FoundMapping }
  /** `seen`: the row that looks most like a header. */
  | { readonly ok: false; readonly why: string; readonly seen: readonly string[] };

const SEEN_MAX = 40;
const SEEN_CHARACTERS = 60;

/**
 * Finds the header and the columns among the first rows. What was named must be there; the rest is what was remembered, if
 * all of it is there, else what the headers say by themselves.
 * @param remembered mapping of the last file of this counterparty
 */
export function findColumns(
  rows: readonly SourceRow[],
  wish: MappingWish,
  remembered: { readonly columns: ColumnNames; readonly refKind: RefKind } | undefined,
): FindOutcome {
  if (isPositional(wish.columns)) return positional(wish);
  const headers = rows.slice(0, HEADER_ROWS).filter(({ cells }) => cells.filter((cell) => cellText(cell)).length > 0);
  const isSaid = Object.keys(wish.columns).length > 0;
  if (!isSaid && remembered !== undefined) {
    const again = { ...wish, columns: remembered.columns, refKind: wish.refKind ?? remembered.refKind };
    const kept = isPositional(again.columns) ? positional(again) : firstFit(headers, again, false);
    if (kept.ok) return { ok: true, mapping: { ...kept.mapping, source: 'remembered' } };
  }
  const found = firstFit(headers, wish, true);
  return found.ok && !isSaid ? { ok: true, mapping: { ...found.mapping, source: 'guessed' } } : found;
}

function firstFit(headers: readonly SourceRow[], wish: MappingWish, guess: boolean): FindOutcome {
  let nearest: { readonly row: SourceRow; readonly missing: readonly string[] } | undefined;
  for (const row of headers) {
    const { mapping, missing } = mappingBy(row, wish, guess);
    if (mapping !== null) return { ok: true, mapping };
    if (nearest === undefined || missing.length < nearest.missing.length) nearest = { row, missing };
  }
  const seen = (nearest?.row.cells ?? []).map((cell) => cellText(cell).slice(0, SEEN_CHARACTERS)).slice(0, SEEN_MAX);
  const missing = nearest?.missing.join(', ') ?? 'any row';
  return { ok: false, why: `no header row with ${missing} in the first ${HEADER_ROWS} rows`, seen };
}

function mappingBy(row: SourceRow, { columns, refKind, totals }: MappingWish, guess: boolean) {
  const missing: string[] = [];
  const positions: Record<ColumnRole, number | null> = {
    ref: null,
    amount: null,
    date: null,
    currency: null,
    rate: null,
  };
  let kind = refKind;
  for (const role of COLUMN_ROLES) {
    const name = columns[role];
    if (name !== undefined) {
      positions[role] = namedColumn(row.cells, name);
      if (positions[role] === null) missing.push(`a column "${name}"`);
    } else if (guess && role !== 'ref') positions[role] = guessColumn(row.cells, role);
    else if (guess && !totals) {
      const guessed = guessRef(row.cells, refKind);
      positions.ref = guessed?.position ?? null;
      kind ??= guessed?.kind;
    }
  }
  if (columns.amount === undefined && positions.amount === null) missing.push('an amount column (name it: amount=)');
  if (!totals && columns.ref === undefined && positions.ref === null) {
    missing.push('a reference column (name it: ref=, or say totals=true)');
  }
  if (missing.length > 0) return { mapping: null, missing };
  const names = Object.fromEntries(
    COLUMN_ROLES.map((role) => {
      const position = positions[role];
      return [role, position === null ? null : cellText(row.cells[position])];
    }),
  ) as Record<ColumnRole, string | null>;
  // A column that is named without saying what it holds may say it itself.
  kind ??= columns.ref === undefined ? 'partner_ref' : (guessRef([columns.ref], undefined)?.kind ?? 'partner_ref');
  const mapping: FoundMapping = { source: 'given', positions, names, refKind: kind, headerLine: row.line };
  return { mapping, missing };
}

function positional({ columns, refKind, totals }: MappingWish): FindOutcome {
  const at = (role: ColumnRole): number | null => {
    const name = columns[role];
    return name === undefined ? null : Number(name.slice(1)) - 1;
  };
  if (columns.amount === undefined || (columns.ref === undefined && !totals)) {
    return { ok: false, why: 'name the columns of both reference and amount', seen: [] };
  }
  const positions = Object.fromEntries(COLUMN_ROLES.map((role) => [role, at(role)])) as Record<
    ColumnRole,
    number | null
  >;
  const names = Object.fromEntries(COLUMN_ROLES.map((role) => [role, columns[role] ?? null])) as Record<
    ColumnRole,
    string | null
  >;
  const mapping = { source: 'given', positions, names, refKind: refKind ?? 'partner_ref', headerLine: 0 } as const;
  return { ok: true, mapping };
}
