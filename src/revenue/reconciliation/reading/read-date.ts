import { localDate } from '../../calendar.ts';
import { type Cell, cellText } from './source-row.ts';

/** Which comes first in dates such as 05/01/2026. */
export type DateOrder = 'dmy' | 'mdy';

/** A day as `YYYY-MM-DD`, null for an empty cell. */
export type ReadDate =
  | { readonly ok: true; readonly day: string | null }
  | { readonly ok: false; readonly why: string };

const YEAR_FIRST = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})(?:\d{4}|\d{6})?$/;
const YEAR_LAST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[T ].*)?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i;
const SERIAL = /^\d{5}(\.\d+)?$/;
/** Day 0 of spreadsheets (of the 1900 system, from March 1900 on) and a range that no other number of a date is in. */
const SERIAL_EPOCH_MS = Date.UTC(1899, 11, 30);
const SERIAL_RANGE = { min: 32_874, max: 73_050 } as const;
const DAY_MS = 86_400_000;

/**
 * Reads a date, with or without a time: ISO, `2026/1/5`, `2026年1月5日`, `20260105`, a spreadsheet's serial number, and
 * `05.01.2026` where it can mean one day only or `order` says which. An instant with a zone is the day that it was in `timezone`.
 */
export function readDate(cell: Cell, timezone: string, order: DateOrder | undefined): ReadDate {
  if (cell instanceof Date) {
    return Number.isNaN(cell.getTime()) ? fault('is none') : { ok: true, day: cell.toISOString().slice(0, 10) };
  }
  const text = cellText(cell);
  if (text === '') return { ok: true, day: null };
  if (typeof cell === 'number' || SERIAL.test(text)) return serial(Number(text), text);
  if (ZONED.test(text)) {
    const ms = Date.parse(text.replace(' ', 'T'));
    return Number.isNaN(ms) ? fault(`${JSON.stringify(text)} is none`) : { ok: true, day: localDate(ms, timezone) };
  }
  const first = YEAR_FIRST.exec(text) ?? COMPACT.exec(text);
  if (first !== null) return day(first[1], first[2], first[3], text);
  const last = YEAR_LAST.exec(text);
  if (last === null) return fault(`${JSON.stringify(text.slice(0, 32))} is none`);
  const [, one = '', two = '', year] = last;
  const meant = orderOf(one, two) ?? order;
  if (meant === undefined && one !== two) return fault(`${text} can be two days: name date_order=dmy or mdy`);
  return meant === 'mdy' ? day(year, one, two, text) : day(year, two, one, text);
}

/** What a cell tells about the order of days and months in its file; undefined = nothing. */
export function dateOrderEvidence(cell: Cell): DateOrder | undefined {
  const last = typeof cell === 'string' ? YEAR_LAST.exec(cellText(cell)) : null;
  return last === null ? undefined : orderOf(last[1] ?? '', last[2] ?? '');
}

function orderOf(one: string, two: string): DateOrder | undefined {
  if (Number(one) > 12) return 'dmy';
  return Number(two) > 12 ? 'mdy' : undefined;
}

function serial(value: number, text: string): ReadDate {
  if (Number.isInteger(value) && COMPACT.test(text)) {
    const compact = COMPACT.exec(text);
    return day(compact?.[1], compact?.[2], compact?.[3], text);
  }
  if (value < SERIAL_RANGE.min || value > SERIAL_RANGE.max) return fault(`${text.slice(0, 32)} is none`);
  return { ok: true, day: new Date(SERIAL_EPOCH_MS + Math.floor(value) * DAY_MS).toISOString().slice(0, 10) };
}

function day(year = '', month = '', date = '', text = ''): ReadDate {
  const iso = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const ms = Date.parse(`${iso}T00:00:00Z`);
  const isReal = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(iso);
  return isReal ? { ok: true, day: iso } : fault(`${JSON.stringify(text.slice(0, 32))} is none`);
}

function fault(what: string): ReadDate {
  return { ok: false, why: `date ${what}` };
}
