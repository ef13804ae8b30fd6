import { describe, expect, test } from 'vitest';
import { periodOf } from '../../../src/revenue/periods.ts';
import { tierTrueUp } from '../../../src/revenue/tiers.ts';
import { trueUpRules } from '../../../src/revenue/true-ups.ts';
import { shanghai, terms } from './fixtures.ts';

function whole(id: string, from: string, percent: string) {
  const pay = { tiers: [{ percent }], measure: 'amount', of: 'principal', mode: 'whole' };
  return terms({ id, from, rules: [{ id: 'vol', on: 'loan.disbursed', pay }] });
}

describe('a true-up', () => {
  const all = [whole('v1', '2026-01-01', '0.5'), whole('v2', '2026-02-15', '0.4'), whole('v3', '2026-03-01', '0.3')];
  const settledBy = (month: string) =>
    trueUpRules(all, periodOf('month_end', 'Asia/Shanghai', shanghai(`2026-${month}-10`))).map(({ versions }) =>
      versions.map(({ terms: { id } }) => id),
    );

  test('goes by the versions that had begun when the period ends, not by one that has not', () => {
    expect(settledBy('01')).toEqual([['v1']]);
    expect(settledBy('02')).toEqual([['v1', 'v2']]);
    expect(settledBy('03')).toEqual([['v1', 'v2', 'v3']]);
  });

  test('settles each line at the tiers of its own version; how far they are reached is counted across versions', () => {
    const tiers = (low: string, high: string) => [{ up_to: 1_000_000, percent: low }, { percent: high }];
    const version = (id: string, from: string, low: string, high: string) =>
      terms({
        id,
        from,
        rules: [
          {
            id: 'vol',
            on: 'loan.disbursed',
            pay: { tiers: tiers(low, high), measure: 'amount', of: 'principal', mode: 'whole' },
          },
        ],
      });
    const versions = [version('old', '2026-01-01', '1.2', '1.4'), version('new', '2026-01-15', '1.0', '1.1')];
    const [settled] = trueUpRules(versions, periodOf('month_end', 'Asia/Shanghai', shanghai('2026-01-20')));
    const lent = (percent: bigint) => ({ count: 1n, base: 600_000n, paid: (600_000n * percent) / 1_000n });
    const shares = (settled?.versions ?? []).map(({ terms: own, rule }, index) => ({
      terms: own,
      rule,
      // The second line came when the upper tier was reached already.
      counter: lent(index === 0 ? 12n : 11n),
    }));
    const reached = { count: 2n, base: 1_200_000n, paid: 7_200n + 6_600n };
    expect(tierTrueUp(shares, reached)).toBe(8_400n - 7_200n);
  });
});
