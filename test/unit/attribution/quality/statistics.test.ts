import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  median,
  poissonAtMost,
  robustDeviation,
  wilsonBounds,
} from '../../../../src/attribution/quality/statistics.ts';

describe('statistics of traffic', () => {
  test('one wild value in five does not move the usual', () => {
    expect(median([10, 12, 11, 9, 100_000])).toBe(11);
    expect(median([1, 3])).toBe(2);
    expect(median([])).toBe(0);
    expect(robustDeviation([10, 12, 11, 9, 100_000])).toBeCloseTo(1.4826);
  });

  test('Wilson’s bounds agree with published ones, and hold the share seen', () => {
    // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29 at 95 %.
    for (const [part, whole, lower, upper] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const bounds = wilsonBounds(part, whole, 1.959_964);
      expect(bounds.lower).toBeCloseTo(lower, 4);
      expect(bounds.upper).toBeCloseTo(upper, 4);
    }
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (whole, share) => {
        const part = Math.round(share * whole);
        const { lower, upper } = wilsonBounds(part, whole);
        expect(lower).toBeLessThanOrEqual(part / whole + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(part / whole - 1e-9);
      }),
    );
  });

  test('the chance of few events agrees with tables, and is never more than one', () => {
    expect(poissonAtMost(0, 3)).toBeCloseTo(Math.exp(-3), 12);
    expect(poissonAtMost(2, 5)).toBeCloseTo(0.124_652, 6);
    expect(poissonAtMost(10, 10)).toBeCloseTo(0.583_04, 6);
    expect(poissonAtMost(500, 1_000)).toBeLessThan(1e-50);
    expect(poissonAtMost(5_000, 10)).toBeLessThanOrEqual(1);
    expect(poissonAtMost(0, 0)).toBe(1);
  });
});
