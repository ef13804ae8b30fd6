/** A fraction that is never reduced: numerator over a positive denominator. */
export interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

export function fraction(n: bigint, d = 1n): Fraction {
  return { n, d };
}

/** "12.5" → 125 / 10 */
export function fractionOfDecimal(text: string): Fraction {
  const [whole = '0', digits = ''] = text.split('.');
  return { n: BigInt(whole + digits), d: BigInt(`1${'0'.repeat(digits.length)}`) };
}

export function plus(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

export function times(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.n, d: a.d * b.d };
}

/** Of amounts that are not negative: digits are written out until they decide. */
export function rounded({ n, d }: Fraction, mode: 'half_even' | 'half_up' | 'floor'): bigint {
  const [whole, rest] = [n / d, n % d];
  if (mode === 'floor' || rest === 0n) return whole;
  const tenth = (rest * 10n) / d;
  const isExact = (rest * 10n) % d === 0n;
  if (tenth > 5n || (tenth === 5n && !isExact)) return whole + 1n;
  if (tenth < 5n) return whole;
  if (mode === 'half_up') return whole + 1n;
  return [1, 3, 5, 7, 9].includes(Number(whole % 10n)) ? whole + 1n : whole;
}
