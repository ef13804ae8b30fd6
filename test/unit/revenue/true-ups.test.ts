import { describe, expect, test } from 'vitest';
import { periodOf } from '../../../src/revenue/periods.ts';
import { trueUpRules } from '../../../src/revenue/true-ups.ts';
import { shanghai, terms } from './fixtures.ts';

function whole(id: string, from: string, percent: string) {
  const pay = { tiers: [{ percent }], measure: 'amount', of: 'principal', mode: 'whole' };
  return terms({ id, from, rules: [{ id: 'vol', on: 'loan.disbursed', pay }] });
}

describe('a true-up', () => {
  const versions = [
    whole('v1', '2026-01-01', '0.5'),
    whole('v2', '2026-02-15', '0.4'),
    whole('v3', '2026-03-01', '0.3'),
  ];
  const settledBy = (month: string) =>
    trueUpRules(versions, periodOf('month_end', 'Asia/Shanghai', shanghai(`2026-${month}-10`))).map(
      ({ terms: { id } }) => id,
    );

  test('goes by the version in force when the period ends, not by one that has not begun', () => {
    expect(settledBy('01')).toEqual(['v1']);
    expect(settledBy('02')).toEqual(['v2']);
    expect(settledBy('03')).toEqual(['v3']);
  });
});
