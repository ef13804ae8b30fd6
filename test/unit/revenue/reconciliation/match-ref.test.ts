import { describe, expect, test } from 'vitest';
import { matchRef } from '../../../../src/revenue/reconciliation/matching/match-ref.ts';
import { propose, slipBetween } from '../../../../src/revenue/reconciliation/matching/propose.ts';
import type { ReconciledRow } from '../../../../src/revenue/reconciliation/matching/reconciled-row.ts';
import type { KnownLine } from '../../../../src/revenue/reconciliation/matching/sides.ts';
import { matchAll, our, rules, their } from './rows.ts';

/** Category, explanation, theirs and ours of each row, in short and in order. */
function short(rows: readonly ReconciledRow[]): string[] {
  return rows
    .map(({ category, explanation, theirs, ours, difference }) =>
      [category, explanation ?? '', theirs?.amount ?? '-', ours?.amount ?? '-', difference]
        .join(' ')
        .replace('  ', ' '),
    )
    .sort();
}

const known = (explanation: KnownLine['explanation'], amount: number) => ({
  lines: [{ id: 'com_known', amount: BigInt(amount), explanation }],
  fact: null,
});

describe('each planted difference is found in its category', () => {
  test('matched, and within the tolerance', () => {
    expect(short(matchAll([their(100)], [our(100)]))).toEqual(['matched 100 100 0']);
    expect(short(matchAll([their(101)], [our(100)], { tolerance: 1n }))).toEqual([
      'matched_within_tolerance 101 100 1',
    ]);
  });

  test('amount_mismatch', () => {
    expect(short(matchAll([their(120)], [our(100)]))).toEqual(['amount_mismatch 120 100 20']);
  });

  test('status_mismatch: they count what was taken back', () => {
    const earned = our(100);
    const back = our(-100, { what: 'clawback', reverses: earned.id });
    expect(short(matchAll([their(100)], [earned, back]))).toEqual(['status_mismatch 100 0 100']);
    expect(short(matchAll([their(100), their(-100)], [earned, back]))).toEqual([
      'matched -100 -100 0',
      'matched 100 100 0',
    ]);
  });

  test('what was taken back altogether and theirs does not have is no difference; what was corrected is compared as one', () => {
    const earned = our(100);
    const back = our(-100, { what: 'correction', reverses: earned.id });
    expect(short(matchAll([], [earned, back]))).toEqual(['matched - 0 0']);
    const less = our(-20, { what: 'correction', reverses: earned.id });
    expect(short(matchAll([their(80)], [earned, less]))).toEqual(['matched 80 80 0']);
  });

  test('currency_mismatch counts 0 in the control, and claims the line that it is about', () => {
    expect(short(matchAll([their(100, { currency: 'USD' })], [our(100)]))).toEqual(['currency_mismatch 100 100 -100']);
    expect(short(matchAll([their(100, { currency: 'USD' }), their(100)], [our(100)]))).toEqual([
      'currency_mismatch 100 - 0',
      'matched 100 100 0',
    ]);
  });

  test('date_out_of_period, with and without a line of ours', () => {
    expect(short(matchAll([their(100, { day: '2026-02-20' })], [our(100)]))).toEqual(['date_out_of_period 100 100 0']);
    expect(short(matchAll([their(100, { day: '2026-02-20' })], []))).toEqual(['date_out_of_period unknown 100 - 100']);
    // Their day is that of the event, which may lie in the month before.
    const event = { day: '2025-12-30' };
    const line = our(100, { occurred: '2025-12-29', payable: '2026-01-13' });
    expect(short(matchAll([their(100, event)], [line]))).toEqual(['matched 100 100 0']);
  });

  test('rate_mismatch: our base at their rate, as percent or as a fraction', () => {
    const line = our(7_500, { base: 500_000n, rate: '1.5' });
    expect(short(matchAll([their(10_000, { rate: '2' })], [line]))).toEqual(['rate_mismatch 10000 7500 2500']);
    expect(short(matchAll([their(10_000, { rate: '0.02' })], [line]))).toEqual(['rate_mismatch 10000 7500 2500']);
    // Another base, and the rate that we have too.
    expect(short(matchAll([their(10_000, { rate: '3' })], [line]))).toEqual(['amount_mismatch 10000 7500 2500']);
    expect(short(matchAll([their(10_000, { rate: '1.5' })], [line]))).toEqual(['amount_mismatch 10000 7500 2500']);
    expect(short(matchAll([their(7_500, { rate: '0.015' })], [line]))).toEqual(['matched 7500 7500 0']);
  });

  test('tax_basis: theirs has the tax in it', () => {
    expect(short(matchAll([their(1_060)], [our(1_000)]))).toEqual(['tax_basis 1060 1000 60']);
    expect(short(matchAll([their(1_000)], [our(1_060)]))).toEqual(['tax_basis 1000 1060 -60']);
  });

  test('missing and duplicate, on either side', () => {
    expect(short(matchAll([their(100)], []))).toEqual(['missing_in_ours unknown 100 - 100']);
    expect(short(matchAll([], [our(100)]))).toEqual(['missing_in_theirs - 100 -100']);
    expect(short(matchAll([their(100), their(100)], [our(100)]))).toEqual([
      'duplicate_in_theirs 100 - 100',
      'matched 100 100 0',
    ]);
    expect(short(matchAll([their(100)], [our(100), our(100)]))).toEqual([
      'duplicate_in_ours - 100 -100',
      'matched 100 100 0',
    ]);
    // Instalments of the same amount a month apart are no duplicates.
    const later = our(100, { occurred: '2026-01-31', payable: '2026-01-31' });
    expect(short(matchAll([their(100)], [our(100), later]))).toEqual([
      'matched 100 100 0',
      'missing_in_theirs - 100 -100',
    ]);
  });

  test.each(['held', 'late', 'voided', 'capped'] as const)(
    'what is %s never reads as missing without a reason',
    (why) => {
      const rows = matchAll([their(100)], [], {}, known(why, 100));
      expect(rows).toMatchObject([{ category: 'missing_in_ours', explanation: why, known: 'com_known' }]);
      // One known line explains one row; a second row of the same is the same again.
      expect(short(matchAll([their(100), their(100)], [], {}, known(why, 100)))).toEqual([
        'duplicate_in_theirs 100 - 100',
        `missing_in_ours ${why} 100 - 100`,
      ]);
    },
  );

  test.each(['refused', 'attributed_elsewhere', 'outside_window', 'not_disbursed', 'direct'] as const)(
    'an application that earned nothing says why: %s',
    (fact) => {
      const rows = matchAll([their(100)], [], {}, { lines: [], fact });
      expect(rows).toMatchObject([{ category: 'missing_in_ours', explanation: fact }]);
    },
  );

  test('other commissions are looked up only where something of theirs has no counterpart', () => {
    expect(matchRef([their(100)], [our(100)], undefined, rules())).not.toBeNull();
    expect(matchRef([], [our(100)], undefined, rules())).not.toBeNull();
    expect(matchRef([their(99)], [our(100)], undefined, rules())).toBeNull();
  });

  test('rows of equal amounts are paired by their days', () => {
    const early = our(100, { occurred: '2026-01-03', payable: '2026-01-03' });
    const late = our(100, { occurred: '2026-01-28', payable: '2026-01-28' });
    const [first, second] = matchAll(
      [their(100, { day: '2026-01-27' }), their(100, { day: '2026-01-02' })],
      [early, late],
    );
    expect([first, second].map((row) => [row?.theirs?.day, row?.ours?.commissions[0]]).sort()).toEqual([
      ['2026-01-02', early.id],
      ['2026-01-27', late.id],
    ]);
  });
});

describe('proposals', () => {
  test.each([
    ['ORDER-12', 'ORDER-21', 'two_characters_swapped'],
    ['ORDER-12', 'ORDER-13', 'one_character_off'],
    ['ORDER-12', 'ORDER-1', 'one_character_off'],
    ['ORDER-12', 'ORDER-12', null],
    ['ORDER-12', 'ORDER-34', null],
    ['A1', 'A2', null],
  ])('%s and %s: %s', (a, b, slip) => {
    expect([slipBetween(a, b), slipBetween(b, a)]).toEqual([slip, slip]);
  });

  test('a slip in a reference and an equal amount on a near day are proposed; nothing is moved by it', () => {
    const rows = [
      ...matchAll([their(100, { ref: 'ORDER-12', day: '2026-01-10' })], []),
      ...matchAll([], [our(100, { ref: 'ORDER-21' })]),
      ...matchAll([their(555, { ref: 'X', day: '2026-01-11' })], []),
      ...matchAll([], [our(555, { ref: 'Q-99' })]),
      ...matchAll([], [our(777, { ref: 'Z-1' })]),
    ];
    const proposed = propose(rows, 3);
    expect(proposed.map(({ category }) => category)).toEqual(rows.map(({ category }) => category));
    expect(proposed.map(({ proposals }) => proposals.map(({ because }) => because))).toEqual([
      [['two_characters_swapped', 'same_amount', 'near_date']],
      [['two_characters_swapped', 'same_amount', 'near_date']],
      [['same_amount', 'near_date']],
      [['same_amount', 'near_date']],
      [],
    ]);
  });
});
