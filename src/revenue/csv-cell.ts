/**
 * Text that a spreadsheet would run as a formula, with any apostrophes already before it (full-width signs count too in
 * East Asian locales). Such cells get one more apostrophe, so that reading them back can take exactly one away.
 */
export const FORMULA_START = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** A text as a CSV cell (RFC 4180) that no spreadsheet runs. */
export function csvText(text: string): string {
  return csvNumber(FORMULA_START.test(text) ? `'${text}` : text);
}

/** A number that we write ourselves as a CSV cell: never guarded, a minus is a minus. */
export function csvNumber(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
