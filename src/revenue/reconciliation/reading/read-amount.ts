import { currencyDigits } from '../../decimal-money.ts';
import { type Cell, cellText } from './source-row.ts';

export type DecimalMark = '.' | ',';

export type ReadAmount =
  /** `currency`: what the cell itself names; null = nothing. */
  | { readonly ok: true; readonly minor: bigint; readonly currency: string | null }
  | { readonly ok: false; readonly why: string };

/** What a money sign says, unless the sign is of several currencies and one of them is expected. */
const SIGNS: Readonly<Record<string, readonly string[]>> = {
  '¥': ['CNY', 'JPY'],
  元: ['CNY'],
  RMB: ['CNY'],
  $: ['USD'],
  US$: ['USD'],
  HK$: ['HKD'],
  '€': ['EUR'],
  '£': ['GBP'],
};
const SIGN = '(US\\$|HK\\$|RMB|[A-Z]{3}|[¥$€£元])';
const LEADING = new RegExp(`^([-+(]?)\\s*${SIGN}\\s*(?=[-+(.,\\d])`);
const TRAILING = new RegExp(`(?<=[\\d.,)-])\\s*${SIGN}(\\)?)$`);
/** Spaces of every kind, apostrophes: they only group digits. */
const GROUPING = /[\s'’_]/g;
const AMOUNT_MAX_DIGITS = 15;
/** A spreadsheet shows and keeps so many decimal digits; what lies behind them is noise of its binary number. */
const SPREADSHEET_DIGITS = 15;

/**
 * Reads money as people write it: `1,234.56`, `1.234,56`, `1 234,56`, `¥1,234`, `CNY 12.00`, `(12.00)`, `12.00-`, full-width.
 * Exact: digits become minor units without ever being a binary fraction.
 * @param currency expected: says how many decimals there may be
 */
export function readAmount(cell: Cell, currency: string, decimal: DecimalMark): ReadAmount {
  if (typeof cell === 'number') return readNumber(cell, currency);
  const text = cellText(cell).replaceAll('−', '-').replaceAll('–', '-');
  if (text === '') return fault('is empty');
  const { digits: unsigned, named, isNegative } = peel(text, currency);
  const plain = unsigned.replaceAll(GROUPING, '');
  const money = named ?? currency;
  const shape =
    decimal === '.' ? /^(\d{1,3}(?:,\d{2,3})+|\d*)(?:\.(\d*))?$/ : /^(\d{1,3}(?:\.\d{2,3})+|\d*)(?:,(\d*))?$/;
  const match = shape.exec(plain);
  const [, whole = '', fraction = ''] = match ?? [];
  if (match === null || whole + fraction === '') {
    return fault(`${quote(text)} is no amount${/[.,]/.test(plain) ? ` with ${decimal} as its decimal mark` : ''}`);
  }
  return exact(whole.replaceAll(/[.,]/g, ''), fraction, isNegative, money, named, text);
}

/** What a cell tells about the decimal mark of its file; undefined = nothing. `sure` where it can mean nothing else. */
export function decimalEvidence(
  cell: Cell,
  currency: string,
): { readonly mark: DecimalMark; readonly sure: boolean } | undefined {
  if (typeof cell !== 'string') return undefined;
  const { digits } = peel(cellText(cell), currency);
  const plain = digits.replaceAll(GROUPING, '');
  if (!/^\d[\d.,]*$/.test(plain)) return undefined;
  const marks = plain.replaceAll(/\d/g, '');
  const last = marks.at(-1) as DecimalMark | undefined;
  if (last === undefined) return undefined;
  const other: DecimalMark = last === '.' ? ',' : '.';
  if (marks.includes(other)) return { mark: last, sure: true };
  if (marks.length > 1) return { mark: other, sure: true };
  const behind = plain.length - 1 - plain.indexOf(last);
  if (behind !== 3) return { mark: last, sure: true };
  return currencyDigits(currency) === 3 ? undefined : { mark: other, sure: false };
}

/** Takes sign, brackets and currency away from around the digits. */
function peel(text: string, expected: string) {
  let digits = text.toUpperCase();
  let named: string | null = null;
  const take = (sign: string | undefined): void => {
    if (sign === undefined) return;
    const meant = SIGNS[sign];
    named = meant === undefined ? sign : meant.includes(expected) ? expected : (meant[0] ?? null);
  };
  const front = LEADING.exec(digits);
  if (front !== null) {
    take(front[2]);
    digits = (front[1] ?? '') + digits.slice(front[0].length);
  }
  const back = TRAILING.exec(digits);
  if (back !== null) {
    take(back[1]);
    digits = digits.slice(0, back.index) + (back[2] ?? '');
  }
  let isNegative = false;
  const bracketed = /^\((.*)\)$/.exec(digits);
  if (bracketed !== null) {
    isNegative = true;
    digits = bracketed[1] ?? '';
  }
  const signed = /^([-+]?)\s*(.*?)\s*(-?)$/s.exec(digits);
  const [, before = '', inside = digits, after = ''] = signed ?? [];
  if (before === '-' || after === '-') isNegative = !isNegative;
  return { digits: inside, named: named as string | null, isNegative };
}

function readNumber(value: number, currency: string): ReadAmount {
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(SPREADSHEET_DIGITS)));
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return fault(`${text} is no amount`);
  return exact(match[2] ?? '', match[3] ?? '', match[1] === '-', currency, null, text);
}

function exact(
  whole: string,
  fraction: string,
  isNegative: boolean,
  currency: string,
  named: string | null,
  text: string,
): ReadAmount {
  const digits = currencyDigits(currency);
  const kept = fraction.slice(0, digits).padEnd(digits, '0');
  if (/[1-9]/.test(fraction.slice(digits))) return fault(`${quote(text)} has more decimals than ${currency} has`);
  const all = whole.replace(/^0+/, '') + kept;
  if (all.length > AMOUNT_MAX_DIGITS) return fault(`${quote(text)} is too large`);
  const minor = BigInt(all === '' ? '0' : all);
  return { ok: true, minor: isNegative ? -minor : minor, currency: named };
}

function fault(why: string): ReadAmount {
  return { ok: false, why: `amount ${why}` };
}

/** What was read, short enough to be told. */
function quote(text: string): string {
  return JSON.stringify(text.length > 32 ? `${text.slice(0, 32)}…` : text);
}
