import type { FoundMapping } from './find-columns.ts';
import { type DecimalMark, decimalEvidence, readAmount } from './read-amount.ts';
import { type DateOrder, dateOrderEvidence, readDate } from './read-date.ts';
import { type Cell, cellText, isEmptyRow, type SourceRow } from './source-row.ts';

/** One row of a counterparty's file, as far as it is compared. Nothing else of it is kept. */
export interface TheirRow {
  readonly line: number;
  /** null = the row has none. */
  readonly ref: string | null;
  /** Minor units of `currency`. */
  readonly amount: bigint;
  readonly currency: string;
  /** Local day, null = the row has none. */
  readonly day: string | null;
  /** As written, a decimal without its percent sign; null = the row has none. */
  readonly rate: string | null;
}

export type ReadRow =
  | { readonly kind: 'row'; readonly row: TheirRow }
  | { readonly kind: 'invalid'; readonly line: number; readonly why: string; readonly ref: string | null }
  | { readonly kind: 'empty' | 'heading' }
  /** A row that adds up others: told, not counted. */
  | { readonly kind: 'total'; readonly row: TheirRow | null; readonly line: number };

export interface RowReading {
  readonly mapping: FoundMapping;
  /** Of the statement. */
  readonly currency: string;
  readonly timezone: string;
  readonly decimal: DecimalMark;
  readonly dateOrder: DateOrder | undefined;
}

const TOTAL =
  /^(本页|本月|累计)?(合\s*计|总\s*计|小\s*计|总额|汇总|共计|grand total|sub-?total|total|totals|sum|summe|gesamt|итого)(金额)?\s*:?$/i;
const REF_MAX = 128;

/** Reads one row. What cannot be read says why. */
export function readTheirRow(source: SourceRow, reading: RowReading): ReadRow {
  const { mapping, currency, timezone } = reading;
  const { positions, headerLine } = mapping;
  if (isEmptyRow(source)) return { kind: 'empty' };
  if (source.line <= headerLine || isHeaderAgain(source, mapping)) return { kind: 'heading' };
  const cell = (role: keyof typeof positions): Cell => {
    const position = positions[role];
    return position === null ? null : source.cells[position];
  };
  const isTotal = source.cells.some((one) => typeof one === 'string' && TOTAL.test(cellText(one)));
  const ref = isTotal ? { ok: true as const, ref: null } : readRef(cell('ref'));
  const known = ref.ok ? ref.ref : null;
  const invalid = (why: string): ReadRow => {
    if (isTotal) return { kind: 'total', row: null, line: source.line };
    return { kind: 'invalid', line: source.line, why, ref: known };
  };
  if (!ref.ok) return invalid(ref.why);
  const amountCell = cell('amount');
  const said = cellText(cell('currency')).toUpperCase();
  const named = said === '' ? null : (CURRENCY_WORDS[said] ?? said);
  if (named !== null && !/^[A-Z]{3}$/.test(named))
    return invalid(`currency ${JSON.stringify(said.slice(0, 16))} is none`);
  const amount = readAmount(amountCell, named ?? currency, reading.decimal);
  if (!amount.ok) {
    // A file read by positions has headings that nobody has named.
    if (headerLine === 0 && !/\d/.test(cellText(amountCell)) && cellText(amountCell) !== '') return { kind: 'heading' };
    return invalid(amount.why);
  }
  const day = readDate(cell('date'), timezone, reading.dateOrder);
  if (!day.ok) return invalid(day.why);
  const rate = readRate(cell('rate'));
  if (rate === undefined) return invalid(`rate ${JSON.stringify(cellText(cell('rate')).slice(0, 16))} is no number`);
  const row: TheirRow = {
    line: source.line,
    ref: ref.ref,
    amount: amount.minor,
    currency: named ?? amount.currency ?? currency,
    day: day.day,
    rate,
  };
  return isTotal ? { kind: 'total', row, line: source.line } : { kind: 'row', row };
}

/** The decimal mark and the order of dates of a file, from a sample of its rows. */
export function readHabits(
  rows: readonly SourceRow[],
  { positions, headerLine }: FoundMapping,
  currency: string,
): { readonly decimal: DecimalMark; readonly dateOrder: DateOrder | undefined } {
  const votes = { '.': 0, ',': 0 };
  const orders = new Set<DateOrder>();
  for (const { line, cells } of rows) {
    if (line <= headerLine) continue;
    const evidence = positions.amount === null ? undefined : decimalEvidence(cells[positions.amount], currency);
    if (evidence !== undefined) votes[evidence.mark] += evidence.sure ? SURE_VOTES : 1;
    const order = positions.date === null ? undefined : dateOrderEvidence(cells[positions.date]);
    if (order !== undefined) orders.add(order);
  }
  const [only] = orders;
  return { decimal: votes[','] > votes['.'] ? ',' : '.', dateOrder: orders.size === 1 ? only : undefined };
}

/** One amount that can mean one thing only outweighs the doubtful ones of a sample. */
const SURE_VOTES = 10_000;

const CURRENCY_WORDS: Readonly<Record<string, string>> = {
  人民币: 'CNY',
  RMB: 'CNY',
  '¥': 'CNY',
  元: 'CNY',
  美元: 'USD',
  港币: 'HKD',
  港元: 'HKD',
  欧元: 'EUR',
};

type ReadRef = { readonly ok: true; readonly ref: string | null } | { readonly ok: false; readonly why: string };

/** A reference as text. What a spreadsheet has turned into a rounded number is none any more. */
export function readRef(cell: Cell): ReadRef {
  if (typeof cell === 'number' && !Number.isSafeInteger(cell)) {
    return { ok: false, why: 'reference is a number that a spreadsheet has rounded: make its column text' };
  }
  let text = cellText(cell);
  // What keeps a spreadsheet from reading text as a number or a formula: ="00123", '00123
  text = /^="(.*)"$/.exec(text)?.[1] ?? text.replace(/^'/, '');
  text = text.trim();
  if (/^\d(\.\d+)?E\+\d+$/i.test(text)) {
    return { ok: false, why: `reference ${text} was rounded by a spreadsheet: make its column text` };
  }
  if (text.length > REF_MAX) return { ok: false, why: `reference has more than ${REF_MAX} characters` };
  return { ok: true, ref: text === '' ? null : text };
}

/** undefined = what stands there is no number. */
function readRate(cell: Cell): string | null | undefined {
  if (typeof cell === 'number') return String(Number(cell.toPrecision(12)));
  const text = cellText(cell).replaceAll(/[%\s]/g, '').replace(',', '.');
  if (text === '' || text === '-') return null;
  return /^-?\d{1,9}(\.\d{1,12})?$/.test(text) ? text : undefined;
}

/** Exports of several pages repeat their header. */
function isHeaderAgain({ cells }: SourceRow, { positions, names, headerLine }: FoundMapping): boolean {
  if (headerLine === 0 || positions.amount === null) return false;
  return names.amount !== '' && cellText(cells[positions.amount]) === names.amount;
}
