/** ISO 4217 currencies whose minor unit is not a hundredth. */
const DIGITS: ReadonlyMap<string, number> = new Map([
  ...digitsOf(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...digitsOf(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...digitsOf(4, 'CLF UYW'),
]);
const USUAL_DIGITS = 2;

/** How many decimal digits the major unit of a currency has (ISO 4217). */
export function currencyDigits(currency: string): number {
  return DIGITS.get(currency) ?? USUAL_DIGITS;
}

/** Minor units as a decimal of major units with all the currency's digits: 1050n CNY → "10.50". */
export function toDecimal(minor: bigint, currency: string): string {
  const digits = currencyDigits(currency);
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  if (digits === 0) return sign + text;
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The reverse of `toDecimal`, accepting nothing else ("10.5", "+1.00", "-0.00" are null). */
export function fromDecimal(text: string, currency: string): bigint | null {
  if (!/^-?\d+(\.\d+)?$/.test(text)) return null;
  const minor = BigInt(text.replace('.', ''));
  return toDecimal(minor, currency) === text ? minor : null;
}

/** Amount with its currency, for sentences: "10.50 CNY". */
export function spoken(minor: bigint, currency: string): string {
  return `${toDecimal(minor, currency)} ${currency}`;
}

function digitsOf(digits: number, codes: string): [string, number][] {
  return codes.split(' ').map((code) => [code, digits]);
}
