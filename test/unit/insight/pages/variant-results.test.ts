import { describe, expect, test } from 'vitest';
import {
  NOTHING,
  type StepCounts,
  type VariantCounts,
  variantResults,
} from '../../../../src/insight/pages/variant-results.ts';
import type { Variant } from '../../../../src/registry/schema/variants.ts';

const TWO: Variant[] = [
  { id: 'plain', weight: 1 },
  { id: 'short', weight: 1 },
];
const NOW = 'aaaaaa';

function counted(clicks: number, accepted: number): StepCounts {
  return { ...NOTHING, clicks, views: clicks, accepted };
}

function countsOf(splits: Readonly<Record<string, Readonly<Record<string, StepCounts>>>>): VariantCounts {
  return new Map(Object.entries(splits).map(([split, variants]) => [split, new Map(Object.entries(variants))]));
}

function verdicts(variants: readonly Variant[], counts: VariantCounts): Record<string, string> {
  return Object.fromEntries(variantResults(variants, counts, NOW).map(({ id, verdict }) => [id, verdict]));
}

describe('results of variants', () => {
  test('say nothing before there is enough, then which is better, with sizes, rates and intervals', () => {
    const early = countsOf({ [NOW]: { plain: counted(300, 30), short: counted(300, 60) } });
    expect(verdicts(TWO, early)).toEqual({ plain: 'control', short: 'not_enough_data' });
    const later = countsOf({ [NOW]: { plain: counted(4_000, 400), short: counted(4_000, 560) } });
    expect(verdicts(TWO, later)).toEqual({ plain: 'control', short: 'better' });
    const [plain, short] = variantResults(TWO, later, NOW);
    expect(short).toMatchObject({ clicks: 4_000, control: 'plain', clicks_planned: 3_841 });
    expect(short?.steps.find(({ step }) => step === 'accepted')).toMatchObject({ count: 560, rate: 0.14 });
    expect(short?.difference?.difference).toBeCloseTo(0.04, 10);
    expect(plain).toMatchObject({ control: null, difference: null });
    expect(verdicts(TWO, countsOf({ [NOW]: { plain: counted(4_000, 560), short: counted(4_000, 400) } })).short).toBe(
      'worse',
    );
  });

  test('say that no difference shows only when what was planned has come', () => {
    const same = (clicks: number) =>
      countsOf({ [NOW]: { plain: counted(clicks, clicks / 10), short: counted(clicks, clicks / 10) } });
    expect(verdicts(TWO, same(3_000)).short).toBe('not_enough_data');
    expect(verdicts(TWO, same(4_000)).short).toBe('no_clear_difference');
  });

  test('compare nothing when clicks are lost on one side', () => {
    const lost = countsOf({ [NOW]: { plain: counted(4_000, 400), short: counted(3_000, 420) } });
    expect(verdicts(TWO, lost).short).toBe('uneven_split');
  });

  test('keep what was found when a variant is switched off, since only clicks that were split alike are compared', () => {
    const ended: Variant[] = [
      { id: 'plain', weight: 1 },
      { id: 'short', weight: 0 },
    ];
    const counts = countsOf({
      before: { plain: counted(4_000, 400), short: counted(4_000, 560) },
      [NOW]: { plain: counted(9_000, 2_700) },
    });
    expect(verdicts(ended, counts).short).toBe('better');
  });

  test('compare a variant only with one of the same audience, and share the doubt among several', () => {
    const mobile = { device: ['mobile' as const] };
    const variants: Variant[] = [
      ...TWO,
      { id: 'third', weight: 1 },
      { id: 'm1', weight: 1, audience: mobile },
      { id: 'm2', weight: 1, audience: mobile },
      { id: 'zh', weight: 1, audience: { language: ['zh'] } },
    ];
    const results = variantResults(variants, countsOf({}), NOW);
    expect(results.map(({ id, control, verdict }) => [id, control, verdict])).toEqual([
      ['plain', null, 'control'],
      ['short', 'plain', 'not_enough_data'],
      ['third', 'plain', 'not_enough_data'],
      ['m1', null, 'control'],
      ['m2', 'm1', 'not_enough_data'],
      ['zh', null, 'not_compared'],
    ]);
    const some = countsOf({
      [NOW]: { plain: counted(4_000, 400), short: counted(4_000, 490), third: counted(4_000, 400) },
    });
    expect(verdicts(TWO, some).short).toBe('better');
    expect(verdicts(variants.slice(0, 3), some).short).toBe('not_enough_data');
  });

  test('show what a link no longer has, and never more successes than clicks', () => {
    const counts = countsOf({ [NOW]: { gone: counted(10, 12) } });
    const [gone] = variantResults([], counts, NOW);
    expect(gone).toMatchObject({ id: 'gone', weight: null, verdict: 'not_compared' });
    expect(gone?.steps.find(({ step }) => step === 'accepted')).toMatchObject({ count: 12, rate: 1 });
  });
});
