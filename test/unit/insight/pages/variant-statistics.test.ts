import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateDifference, wilsonInterval } from '../../../../src/insight/pages/rate-interval.ts';
import { mixtureBound, plannedClicks, sequentialTest } from '../../../../src/insight/pages/sequential-test.ts';
import { isUnevenlySplit } from '../../../../src/insight/pages/split-check.ts';

/** mulberry32: the same draws on every run. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface World {
  readonly control: number;
  readonly variant: number;
  readonly clicksPerDay: number;
  readonly days: number;
  /** Share of the conversions that come on a later day than their click. */
  readonly late: number;
}

/** How often somebody who looks every day is told of a difference: by this test, and by an ordinary one at 95 %. */
function toldOfDifference(world: World, runs: number, seed: number): { sequential: number; ordinary: number } {
  const draw = dice(seed);
  let sequential = 0;
  let ordinary = 0;
  for (let run = 0; run < runs; run += 1) {
    const told = lookEveryDay(world, draw);
    if (told.sequential) sequential += 1;
    if (told.ordinary) ordinary += 1;
  }
  return { sequential: sequential / runs, ordinary: ordinary / runs };
}

function lookEveryDay(world: World, draw: () => number): { sequential: boolean; ordinary: boolean } {
  const arms = [world.control, world.variant].map((rate) => ({ rate, successes: 0, coming: 0, trials: 0 }));
  const told = { sequential: false, ordinary: false };
  for (let day = 0; day < world.days; day += 1) {
    for (const arm of arms) {
      arm.successes += arm.coming;
      arm.coming = 0;
      arm.trials += world.clicksPerDay;
      for (let click = 0; click < world.clicksPerDay; click += 1) {
        if (draw() >= arm.rate) continue;
        if (draw() < world.late) arm.coming += 1;
        else arm.successes += 1;
      }
    }
    const [control, variant] = arms as [(typeof arms)[number], (typeof arms)[number]];
    const verdict = sequentialTest([{ control, variant }], 1);
    told.sequential ||= verdict === 'better' || verdict === 'worse';
    const pooled = (control.successes + variant.successes) / (control.trials + variant.trials);
    const error = Math.sqrt(pooled * (1 - pooled) * (1 / control.trials + 1 / variant.trials));
    const z = (variant.successes / variant.trials - control.successes / control.trials) / error;
    told.ordinary ||= Math.abs(z) > 1.96;
  }
  return told;
}

describe('a verdict that is looked at every day', () => {
  test.each([
    { rate: 0.1, clicksPerDay: 200, late: 0 },
    { rate: 0.1, clicksPerDay: 60, late: 0.7 },
    { rate: 0.02, clicksPerDay: 200, late: 0.3 },
    { rate: 0.4, clicksPerDay: 40, late: 0 },
  ])('finds a winner among equals at most once in twenty ($rate, $clicksPerDay clicks a day)', (equal) => {
    const world = { ...equal, control: equal.rate, variant: equal.rate, days: 60 };
    const told = toldOfDifference(world, 400, 20260302);
    expect(told.sequential).toBeLessThanOrEqual(0.05);
    // The simulation is able to show it: an ordinary test finds one far more often.
    expect(told.ordinary).toBeGreaterThan(0.15);
  });

  test('still finds the difference that is there, in most cases before twice the planned clicks', () => {
    const planned = plannedClicks(0.1, 1) ?? 0;
    const world = { control: 0.1, variant: 0.12, clicksPerDay: 400, days: Math.ceil((2 * planned) / 400), late: 0 };
    expect(toldOfDifference(world, 200, 7).sequential).toBeGreaterThan(0.8);
  });

  test('says nothing of few clicks, however different they look', () => {
    expect(sequentialTest([], 1)).toBe('too_few');
    const few = { control: { successes: 0, trials: 399 }, variant: { successes: 200, trials: 399 } };
    expect(sequentialTest([few], 1)).toBe('too_few');
    const rare = { control: { successes: 0, trials: 5_000 }, variant: { successes: 29, trials: 5_000 } };
    expect(sequentialTest([rare], 1)).toBe('too_few');
  });

  test('asks for more where more variants are compared, and for the least around the planned clicks', () => {
    expect(mixtureBound(1, 0.05 / 3)).toBeGreaterThan(mixtureBound(1, 0.05));
    const bounds = [0.01, 0.1, 1, 10, 100].map((planned) => mixtureBound(planned, 0.05));
    expect(Math.min(...bounds)).toBe(bounds[2]);
    // Far above the 1.96² of a single look.
    expect(Math.sqrt(mixtureBound(1, 0.05))).toBeCloseTo(3.03, 1);
  });

  test('is not misled by weights that were changed while good days followed bad ones', () => {
    // Equals on each day; the variant got most of its clicks on the good day.
    const bad = { control: { successes: 90, trials: 1_800 }, variant: { successes: 10, trials: 200 } };
    const good = { control: { successes: 40, trials: 200 }, variant: { successes: 360, trials: 1_800 } };
    const mixed = { control: { successes: 130, trials: 2_000 }, variant: { successes: 370, trials: 2_000 } };
    expect(sequentialTest([mixed], 1)).toBe('better');
    expect(sequentialTest([bad, good], 1)).toBe('undecided');
    expect(rateDifference([bad, good])?.difference).toBeCloseTo(0, 10);
  });
});

describe('intervals', () => {
  test('are those of the books', () => {
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", Table I, method 3.
    expect(wilsonInterval({ successes: 81, trials: 263 })).toMatchObject(near(0.2553, 0.3662));
    expect(wilsonInterval({ successes: 15, trials: 148 })).toMatchObject(near(0.0624, 0.1605));
    expect(wilsonInterval({ successes: 0, trials: 20 })).toMatchObject(near(0, 0.1611));
    expect(wilsonInterval({ successes: 1, trials: 29 })).toMatchObject(near(0.0061, 0.1718));
    // Newcombe 1998, "Interval estimation for the difference between independent proportions", Table II, method 10.
    const cases = [
      [56, 70, 48, 80, 0.0524, 0.3339],
      [9, 10, 3, 10, 0.1705, 0.809],
      [5, 56, 0, 29, -0.0381, 0.1926],
      [10, 10, 0, 10, 0.6075, 1],
    ] as const;
    for (const [a, m, b, n, low, high] of cases) {
      const found = rateDifference([{ variant: { successes: a, trials: m }, control: { successes: b, trials: n } }]);
      expect(found).toMatchObject(near(low, high));
    }
  });

  test('of differences under several splits weigh each by what it can tell', () => {
    const large = { control: { successes: 100, trials: 1_000 }, variant: { successes: 200, trials: 1_000 } };
    const small = { control: { successes: 10, trials: 100 }, variant: { successes: 10, trials: 100 } };
    // 0.1 with weight 500, 0 with weight 50.
    expect(rateDifference([large, small])?.difference).toBeCloseTo(50 / 550, 10);
    const both = rateDifference([large, small]);
    const alone = rateDifference([small]);
    expect((both?.high ?? 0) - (both?.low ?? 0)).toBeLessThan((alone?.high ?? 0) - (alone?.low ?? 0));
  });

  test('hold the rate, stay between 0 and 1, and narrow as clicks come', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 500 }), (wins, losses) => {
        const trials = wins + losses;
        const { low, high } = wilsonInterval({ successes: wins, trials });
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(wins / trials);
        expect(high).toBeGreaterThanOrEqual(wins / trials);
        const more = wilsonInterval({ successes: wins * 4, trials: trials * 4 });
        expect(more.high - more.low).toBeLessThan(high - low);
      }),
    );
    expect(wilsonInterval({ successes: 0, trials: 0 })).toEqual({ low: 0, high: 1 });
    expect(
      rateDifference([{ control: { successes: 0, trials: 0 }, variant: { successes: 3, trials: 9 } }]),
    ).toBeUndefined();
  });

  test('and the planned clicks are those of the books', () => {
    // 10 % against 12 %, two-sided 5 %, power 80 %: 3 841 each.
    expect(plannedClicks(0.1, 1)).toBe(3_841);
    expect(plannedClicks(0.1, 3)).toBeGreaterThan(3_841);
    expect(plannedClicks(0, 1)).toBeUndefined();
    expect(plannedClicks(0.9, 1)).toBeUndefined();
  });
});

describe('clicks that came in other shares than the weights say', () => {
  test('are noticed, and chance is not', () => {
    expect(
      isUnevenlySplit([
        { weight: 50, clicks: 5_000 },
        { weight: 50, clicks: 4_500 },
      ]),
    ).toBe(true);
    expect(
      isUnevenlySplit([
        { weight: 50, clicks: 5_000 },
        { weight: 50, clicks: 4_850 },
      ]),
    ).toBe(false);
    expect(
      isUnevenlySplit([
        { weight: 90, clicks: 9_000 },
        { weight: 10, clicks: 1_000 },
      ]),
    ).toBe(false);
    expect(
      isUnevenlySplit([
        { weight: 50, clicks: 3 },
        { weight: 50, clicks: 15 },
      ]),
    ).toBe(false);
    expect(
      isUnevenlySplit([
        { weight: 50, clicks: 100 },
        { weight: 0, clicks: 0 },
      ]),
    ).toBe(false);
  });
});

function near(low: number, high: number) {
  return { low: expect.closeTo(low, 4), high: expect.closeTo(high, 4) };
}
