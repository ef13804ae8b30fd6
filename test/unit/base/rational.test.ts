import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoundingMode } from '../../../src/base/rational.ts';
import { Rational, ROUNDING_MODES } from '../../../src/base/rational.ts';

const integers = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const rationals = fc
  .tuple(integers, fc.bigInt({ min: 1n, max: 10n ** 12n }))
  .map(([numerator, denominator]) => Rational.of(numerator, denominator));
const decimals = fc
  .tuple(fc.constantFrom('', '-'), fc.stringMatching(/^\d{1,12}$/), fc.stringMatching(/^\d{1,9}$/))
  .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`);

describe('a rational', () => {
  test('is kept in lowest terms with a positive denominator', () => {
    expect(String(Rational.of(6, -4))).toBe('-3/2');
    expect(String(Rational.of(0, -7))).toBe('0');
    expect(String(Rational.of(10n, 5n))).toBe('2');
  });

  test('reads decimal strings exactly', () => {
    expect(String(Rational.parse('0.18'))).toBe('9/50');
    expect(String(Rational.parse('-12.50'))).toBe('-25/2');
    expect(Rational.parse('0.1').add(Rational.parse('0.2')).equals(Rational.parse('0.3'))).toBe(true);
  });

  test.each(['', '.5', '5.', '1e3', ' 1', '1,5', '0x10', 'NaN', '--1', '1/2', '9'.repeat(101)])(
    '%j is no decimal',
    (text) => {
      expect(Rational.isDecimal(text)).toBe(false);
      expect(() => Rational.parse(text)).toThrow(SyntaxError);
    },
  );

  test('division by zero and inexact numbers are errors', () => {
    expect(() => Rational.of(1, 0)).toThrow(RangeError);
    expect(() => Rational.ONE.div(Rational.ZERO)).toThrow(RangeError);
    expect(() => Rational.ZERO.pow(-1)).toThrow(RangeError);
    expect(() => Rational.of(0.5)).toThrow(RangeError);
    expect(() => Rational.of(2 ** 53)).toThrow(RangeError);
  });

  test('arithmetic is a field: nothing is ever lost', () => {
    fc.assert(
      fc.property(rationals, rationals, rationals, (a, b, c) => {
        expect(a.add(b).equals(b.add(a))).toBe(true);
        expect(a.add(b).sub(b).equals(a)).toBe(true);
        expect(a.mul(b.add(c)).equals(a.mul(b).add(a.mul(c)))).toBe(true);
        fc.pre(!b.isZero());
        expect(a.div(b).mul(b).equals(a)).toBe(true);
      }),
    );
  });

  test('powers are repeated products', () => {
    fc.assert(
      fc.property(rationals, fc.integer({ min: 0, max: 6 }), (a, n) => {
        const product = Array.from({ length: n }, () => a).reduce((so, far) => so.mul(far), Rational.ONE);
        expect(a.pow(n).equals(product)).toBe(true);
        if (!a.isZero()) expect(a.pow(-n).mul(a.pow(n)).equals(Rational.ONE)).toBe(true);
      }),
    );
  });

  test('order agrees with subtraction', () => {
    fc.assert(
      fc.property(rationals, rationals, (a, b) => {
        const difference = a.sub(b).numerator;
        expect(a.compare(b)).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0);
        expect(a.compare(b) + b.compare(a)).toBe(0);
      }),
    );
  });
});

describe('rounding', () => {
  test.each<[string, bigint, bigint, bigint]>([
    ['0.5', 0n, 1n, 0n],
    ['1.5', 2n, 2n, 1n],
    ['2.5', 2n, 3n, 2n],
    ['2.4999', 2n, 2n, 2n],
    ['2.5001', 3n, 3n, 2n],
    ['-0.5', 0n, -1n, -1n],
    ['-1.5', -2n, -2n, -2n],
    ['-2.5', -2n, -3n, -3n],
    ['-2.4', -2n, -2n, -3n],
    ['-2.6', -3n, -3n, -3n],
    ['7', 7n, 7n, 7n],
  ])('%s → half even %s, half up %s, floor %s', (text, halfEven, halfUp, floor) => {
    const value = Rational.parse(text);
    expect([value.round('half_even'), value.round('half_up'), value.round('floor')]).toEqual([halfEven, halfUp, floor]);
  });

  test('counts units of the last place asked for', () => {
    expect(Rational.parse('1.235').round('half_even', 2)).toBe(124n);
    expect(Rational.parse('1.245').round('half_even', 2)).toBe(124n);
    expect(Rational.parse('1250').round('half_even', -2)).toBe(12n);
  });

  test('never moves a value by more than half a unit (floor: less than one, downwards)', () => {
    fc.assert(
      fc.property(rationals, fc.constantFrom(...ROUNDING_MODES), (value, mode) => {
        const error = value.sub(Rational.of(value.round(mode)));
        if (mode === 'floor') {
          expect(error.compare(Rational.ZERO)).not.toBe(-1);
          expect(error.compare(Rational.ONE)).toBe(-1);
        } else {
          const magnitude = error.compare(Rational.ZERO) < 0 ? error.negate() : error;
          expect(magnitude.compare(Rational.of(1, 2))).not.toBe(1);
        }
      }),
    );
  });

  test('to the nearest is symmetric about zero and keeps order', () => {
    fc.assert(
      fc.property(rationals, rationals, fc.constantFrom<RoundingMode>('half_even', 'half_up'), (a, b, mode) => {
        expect(a.negate().round(mode)).toBe(-a.round(mode));
        if (a.compare(b) <= 0) expect(a.round(mode) <= b.round(mode)).toBe(true);
      }),
    );
  });

  test('decimal text comes back as the same value, with exactly the digits asked for', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        const value = Rational.parse(text);
        expect(Rational.parse(value.toDecimal(9)).equals(value)).toBe(true);
        expect(value.toDecimal(9)).toMatch(/^-?\d+\.\d{9}$/);
      }),
    );
    expect(Rational.of(9, 50).toDecimal(8)).toBe('0.18000000');
    expect(Rational.of(-1, 1000).toDecimal(2)).toBe('0.00');
    expect(Rational.of(-7, 2).toDecimal(0)).toBe('-4');
  });
});
