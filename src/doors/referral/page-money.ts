import type { Language } from '../../http/accept-language.ts';
import { currencyDigits, toDecimal } from '../../revenue/decimal-money.ts';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' };
const MAJOR_DIGITS_MAX = 11;

/** Minor units as people read them, such as ¥5,000 or ¥10.50. */
export function shownMoney(minor: number, currency: string, language: Language): string {
  // The formatter takes decimal text exactly (ECMA-402 2023); no number is made of it.
  const text = toDecimal(BigInt(minor), currency) as `${number}`;
  const isWhole = minor % 10 ** currencyDigits(currency) === 0;
  const format = new Intl.NumberFormat(LOCALES[language], {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    ...(isWhole ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {}),
  });
  return format.format(text);
}

/** Minor units as the text that `readMajor` reads, without needless zeros. */
export function majorText(minor: number, currency: string): string {
  return toDecimal(BigInt(minor), currency).replace(/\.0+$/, '');
}

/** What somebody typed as an amount of major units: "5000", "5,000.5", full-width digits. Null when it is no amount. */
export function readMajor(typed: string, currency: string): number | null {
  const text = typed.normalize('NFKC').replace(/[,\s¥$元]/g, '');
  const [whole = '', fraction = '', ...rest] = text.split('.');
  const digits = currencyDigits(currency);
  if (rest.length > 0 || !/^\d+$/.test(whole) || !/^\d*$/.test(fraction)) return null;
  if (whole.length > MAJOR_DIGITS_MAX || fraction.length > digits) return null;
  return Number(BigInt(whole + fraction.padEnd(digits, '0')));
}

/** A fraction a year as people read it: "0.18" → "18%". Rates are shown, never reckoned with. */
export function percentText(fraction: string): string {
  return `${Number((Number(fraction) * 100).toFixed(2))}%`;
}
