/**
 * How a fraction becomes a whole number.
 * - `half_even`: to the nearest, ties to the even neighbour (IEEE 754 roundTiesToEven).
 * - `half_up`: to the nearest, ties away from zero, so that a reversal rounds to the exact opposite.
 * - `floor`: toward negative infinity.
 */
export const ROUNDING_MODES = ['half_even', 'half_up', 'floor'] as const;
export type RoundingMode = (typeof ROUNDING_MODES)[number];

/** A decimal string: optional sign, digits, optional fraction; no exponent, no spaces, no bare point. */
const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;
/** Longer texts are no rates; the bound keeps a hostile one from becoming a huge number. */
const DECIMAL_MAX_CHARACTERS = 100;

/**
 * An exact fraction of two bigints, immutable, in lowest terms with a positive denominator. Rates and shares are computed
 * with it and rounded once, at the end, by a named mode.
 */
export class Rational {
  static readonly ZERO = new Rational(0n, 1n);
  static readonly ONE = new Rational(1n, 1n);

  readonly numerator: bigint;
  readonly denominator: bigint;

  private constructor(numerator: bigint, denominator: bigint) {
    this.numerator = numerator;
    this.denominator = denominator;
  }

  /**
   * `numerator / denominator`. Numbers must be safe integers.
   * @throws RangeError on a zero denominator or a number that is no safe integer
   */
  static of(numerator: bigint | number, denominator: bigint | number = 1n): Rational {
    const top = exactInteger(numerator);
    const bottom = exactInteger(denominator);
    if (bottom === 0n) throw new RangeError('A rational needs a denominator other than zero.');
    const divisor = greatestCommonDivisor(top, bottom) * (bottom < 0n ? -1n : 1n);
    return new Rational(top / divisor, bottom / divisor);
  }

  /**
   * Reads a decimal string such as `"0.18"` or `"-12.5"`.
   * @throws SyntaxError when the text is no decimal (see `isDecimal`)
   */
  static parse(text: string): Rational {
    const match = text.length <= DECIMAL_MAX_CHARACTERS ? DECIMAL.exec(text) : null;
    if (match === null) throw new SyntaxError(`Not a decimal number: ${JSON.stringify(text.slice(0, 40))}.`);
    const [, sign, whole = '', fraction = ''] = match;
    const magnitude = BigInt(whole + fraction);
    return Rational.of(sign === '-' ? -magnitude : magnitude, 10n ** BigInt(fraction.length));
  }

  /** Whether `parse` reads the text. */
  static isDecimal(text: string): boolean {
    return text.length <= DECIMAL_MAX_CHARACTERS && DECIMAL.test(text);
  }

  add(other: Rational): Rational {
    return Rational.of(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  sub(other: Rational): Rational {
    return this.add(other.negate());
  }

  mul(other: Rational): Rational {
    return Rational.of(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  /** @throws RangeError when the other is zero */
  div(other: Rational): Rational {
    return Rational.of(this.numerator * other.denominator, this.denominator * other.numerator);
  }

  /**
   * A whole power; a negative exponent inverts.
   * @throws RangeError when the exponent is no safe integer, or zero is raised to a negative one
   */
  pow(exponent: number): Rational {
    const power = exactInteger(exponent);
    if (power < 0n) return Rational.of(this.denominator ** -power, this.numerator ** -power);
    // Powers of coprime numbers are coprime: no need to reduce again.
    return new Rational(this.numerator ** power, this.denominator ** power);
  }

  negate(): Rational {
    return new Rational(-this.numerator, this.denominator);
  }

  /** −1, 0 or 1: less than, equal to, greater than the other. */
  compare(other: Rational): -1 | 0 | 1 {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator;
    if (difference === 0n) return 0;
    return difference < 0n ? -1 : 1;
  }

  equals(other: Rational): boolean {
    return this.compare(other) === 0;
  }

  isZero(): boolean {
    return this.numerator === 0n;
  }

  /**
   * Rounds to `digits` decimal places and answers the value counted in units of the last place:
   * `parse("1.235").round("half_even", 2)` is `124n`. A negative `digits` rounds to tens, hundreds and so on.
   */
  round(mode: RoundingMode, digits = 0): bigint {
    const scale = 10n ** BigInt(Math.abs(digits));
    const top = digits >= 0 ? this.numerator * scale : this.numerator;
    const bottom = digits >= 0 ? this.denominator : this.denominator * scale;
    return roundedQuotient(top, bottom, mode);
  }

  /** The value rounded to `digits` places as a decimal string with exactly that many: `"0.18000000"`; never `"-0"`. */
  toDecimal(digits: number, mode: RoundingMode = 'half_even'): string {
    const units = this.round(mode, digits);
    const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0');
    const sign = units < 0n ? '-' : '';
    if (digits === 0) return sign + text;
    return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
  }

  /** `numerator/denominator`, for messages and logs. */
  toString(): string {
    return this.denominator === 1n ? `${this.numerator}` : `${this.numerator}/${this.denominator}`;
  }
}

/**
 * `top / bottom` as a whole number. For fractions too large to be kept in lowest terms: reducing them costs more than all else.
 * @param bottom > 0
 */
export function roundedQuotient(top: bigint, bottom: bigint, mode: RoundingMode): bigint {
  const truncated = top / bottom;
  const below = top < 0n && truncated * bottom !== top ? truncated - 1n : truncated;
  const twiceRemainder = (top - below * bottom) * 2n;
  if (mode === 'floor' || twiceRemainder < bottom) return below;
  if (twiceRemainder > bottom) return below + 1n;
  if (mode === 'half_even') return below % 2n === 0n ? below : below + 1n;
  return top < 0n ? below : below + 1n;
}

function exactInteger(value: bigint | number): bigint {
  if (typeof value === 'bigint') return value;
  if (!Number.isSafeInteger(value)) throw new RangeError(`Not a safe integer: ${value}.`);
  return BigInt(value);
}

/** Euclid's algorithm; at least 1, so that it may be divided by. */
function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x === 0n ? 1n : x;
}
