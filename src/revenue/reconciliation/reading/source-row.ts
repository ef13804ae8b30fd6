/** A cell as the format gives it: text in CSV; numbers and dates too in a workbook. */
export type Cell = string | number | boolean | Date | null | undefined;

/** One row of a file. */
export interface SourceRow {
  /** Number of the line in a CSV, of the row in a workbook, from 1. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

/** Characters of one row: beyond, a quote is open that was never meant to be one. */
export const ROW_CHARACTERS_MAX = 64 * 1024;

/** A file of which no row can be read; the message says what was seen, for the one who sent it. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/** Text of a cell, without the space around it and with full-width characters as their usual ones. */
export function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return PLAIN.test(cell) ? cell.trim() : cell.normalize('NFKC').trim();
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? '' : cell.toISOString();
  return String(cell);
}

/** ASCII needs no normalising. */
const PLAIN = /^[\x20-\x7e]*$/;

export function isEmptyRow({ cells }: SourceRow): boolean {
  return cells.every((cell) => cellText(cell) === '');
}
