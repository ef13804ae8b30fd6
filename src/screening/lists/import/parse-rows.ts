import { parse } from 'csv-parse/sync';

/** One row as it stands in a file. */
export interface ListRow {
  readonly line: number;
  readonly value: string;
  readonly expiresOn: string | null;
  readonly note: string | null;
}

/** A row that cannot be read or entered. `value` is shown masked, never as it stands. */
export interface RowFault {
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly value: string;
}

export type FileFormat = 'csv' | 'ndjson';

export const COLUMNS = ['value', 'expires_on', 'note'] as const;
export type Column = (typeof COLUMNS)[number];

export interface ParsedRows {
  readonly rows: ListRow[];
  readonly faults: RowFault[];
  /** Lines that were read, blank ones among them. */
  readonly lines: number;
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
/** A quoted field may run over several lines, but no entry is longer; a quote that is never closed is a fault of its line. */
const RECORD_MAX_BYTES = 8 * 1024;

/** Where the last whole record of some bytes ends; 0 when none does. */
export function endOfRecords(format: FileFormat): (bytes: Buffer) => number {
  return (bytes) => {
    if (format === 'ndjson' || !bytes.includes(QUOTE)) return bytes.lastIndexOf(NEWLINE) + 1;
    let end = 0;
    for (const record of quotedRecords(bytes, false)) end = record.to;
    return end;
  };
}

/**
 * The rows of a part that begins and ends with a record.
 * @param firstLine number of its first line
 * @param columns as the header named them, in order
 */
export function parseRows(
  bytes: Buffer,
  format: FileFormat,
  firstLine: number,
  columns: readonly Column[],
): ParsedRows {
  const into: ParsedRows & { lines: number } = { rows: [], faults: [], lines: 0 };
  if (format === 'csv' && bytes.includes(QUOTE)) {
    for (const { from, to, lines } of quotedRecords(bytes, true)) {
      addCsv(withoutBreak(bytes.toString('utf8', from, to)), firstLine + into.lines, columns, into);
      into.lines += lines;
    }
    return into;
  }
  const add = format === 'csv' ? addCsv : addJson;
  const texts = bytes.toString('utf8').split('\n');
  if (texts.at(-1) === '') texts.pop();
  for (const text of texts) {
    add(withoutBreak(text), firstLine + into.lines, columns, into);
    into.lines += 1;
  }
  return into;
}

/** The columns that a header names; undefined when it is none: `value` is needed, other names are not known. */
export function parseHeader(text: string): readonly Column[] | undefined {
  const names = fieldsOf(withoutBreak(text).replace(/^\ufeff/, ''))?.map((name) => name.trim().toLowerCase());
  if (!names?.includes('value') || new Set(names).size < names.length) return undefined;
  const columns = names.filter((name): name is Column => COLUMNS.some((column) => column === name));
  return columns.length === names.length ? columns : undefined;
}

/** Records of a text with quotes: lines, joined while a quote is open. */
function* quotedRecords(bytes: Buffer, isWhole: boolean): Generator<{ from: number; to: number; lines: number }> {
  let from = 0;
  while (from < bytes.length) {
    const record = quotedRecord(bytes, from, isWhole);
    if (record === undefined) return;
    yield { from, ...record };
    from = record.to;
  }
}

/** The record that begins at a place; undefined when it goes on after these bytes. */
function quotedRecord(
  bytes: Buffer,
  from: number,
  isWhole: boolean,
): { readonly to: number; readonly lines: number } | undefined {
  let [to, lines, firstEnd, isOpen] = [from, 0, 0, false];
  while (to < bytes.length && to - from <= RECORD_MAX_BYTES) {
    const newline = bytes.indexOf(NEWLINE, to);
    if (newline < 0 && !isWhole) return undefined;
    const end = newline < 0 ? bytes.length : newline + 1;
    const line = bytes.subarray(to, end);
    for (let at = line.indexOf(QUOTE); at >= 0; at = line.indexOf(QUOTE, at + 1)) isOpen = !isOpen;
    [to, lines] = [end, lines + 1];
    firstEnd ||= end;
    if (!isOpen) return { to, lines };
  }
  // Never closed: the line stands alone, and what follows it is read as if it had not been there.
  const isCutOff = to >= bytes.length && to - from <= RECORD_MAX_BYTES && !isWhole;
  return isCutOff ? undefined : { to: firstEnd, lines: 1 };
}

function addCsv(text: string, line: number, columns: readonly Column[], { rows, faults }: ParsedRows): void {
  if (text === '') return;
  if (columns.length === 1 && !text.includes(',') && !text.includes('"')) {
    rows.push({ line, value: text, expiresOn: null, note: null });
    return;
  }
  const fields = fieldsOf(text);
  if (fields === undefined) {
    faults.push({
      line,
      code: 'csv_malformed',
      message: 'is no CSV record: a quote is not closed or misplaced',
      value: text,
    });
    return;
  }
  if (fields.length > columns.length) {
    const message = `has ${fields.length} fields; the header names ${columns.length}`;
    faults.push({ line, code: 'csv_fields', message, value: fields[0] ?? '' });
    return;
  }
  const field = (name: Column): string | null => fields[columns.indexOf(name)] || null;
  rows.push({ line, value: field('value') ?? '', expiresOn: field('expires_on'), note: field('note') });
}

/** The fields of one record; undefined when it is no CSV. Without a quote it is what stands between the commas. */
function fieldsOf(text: string): string[] | undefined {
  if (!text.includes('"')) return text.split(',');
  try {
    const records = parse(text, { relax_column_count: true }) as string[][];
    return records.length === 1 ? records[0] : undefined;
  } catch {
    return undefined;
  }
}

function addJson(text: string, line: number, _columns: readonly Column[], { rows, faults }: ParsedRows): void {
  if (text.trim() === '') return;
  const row = readJson(text);
  if ('code' in row) faults.push({ line, ...row, value: '' });
  else rows.push({ line, ...row });
}

function readJson(text: string): Omit<ListRow, 'line'> | { readonly code: string; readonly message: string } {
  const read = jsonObject(text);
  if (read === undefined) return { code: 'json_invalid', message: 'is no JSON object' };
  if (Object.keys(read).some((key) => !COLUMNS.some((column) => column === key))) {
    return { code: 'unknown_field', message: `has another key than ${COLUMNS.join(', ')}` };
  }
  const { value, expires_on: expiresOn = null, note = null } = read;
  if (typeof value !== 'string') return { code: 'value_missing', message: 'needs a text under the key value' };
  if (!isTextOrNull(expiresOn) || !isTextOrNull(note)) {
    return { code: 'json_invalid', message: 'holds something else than text' };
  }
  return { value, expiresOn: expiresOn || null, note: note || null };
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? { ...read } : undefined;
  } catch {
    return undefined;
  }
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function withoutBreak(text: string): string {
  const end = text.endsWith('\n') ? text.length - 1 : text.length;
  return text.charCodeAt(end - 1) === 0x0d ? text.slice(0, end - 1) : text.slice(0, end);
}
