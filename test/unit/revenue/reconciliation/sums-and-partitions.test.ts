import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MatchRules } from '../../../../src/revenue/reconciliation/matching/match-rules.ts';
import { matchSums } from '../../../../src/revenue/reconciliation/matching/match-sums.ts';
import type { KnownRef, OurLine } from '../../../../src/revenue/reconciliation/matching/sides.ts';
import { Partitions } from '../../../../src/revenue/reconciliation/partitions.ts';
import type { TheirRow } from '../../../../src/revenue/reconciliation/reading/their-row.ts';
import { theirCodec } from '../../../../src/revenue/reconciliation/side-codecs.ts';
import { our, rules, their } from './rows.ts';

const NOTHING: KnownRef = { lines: [], fact: null };

function sums(
  theirs: readonly TheirRow[],
  ours: readonly OurLine[],
  known: KnownRef = NOTHING,
  over: Partial<MatchRules> = {},
): string[] {
  const rows = matchSums('A', theirs, ours, known, rules(over)) ?? [];
  return rows.map(({ category, explanation, difference, ours: side }) =>
    [category, explanation, side?.count ?? 0, difference].join(' ').replace('  ', ' '),
  );
}

describe('sums of a reference', () => {
  test('one row of theirs is four lines of ours', () => {
    expect(sums([their(1_000)], [our(300), our(300), our(500), our(-100)])).toEqual(['matched 4 0']);
    expect(sums([their(400), their(600)], [our(1_000)])).toEqual(['matched 1 0']);
    expect(sums([their(1_001)], [our(1_000)], NOTHING, { tolerance: 1n })).toEqual(['matched_within_tolerance 1 1']);
  });

  test('a difference that one thing makes is told as that', () => {
    const earned = our(500);
    expect(sums([their(300), their(300)], [our(300)])).toEqual(['duplicate_in_theirs 1 300']);
    expect(sums([their(300)], [our(300), our(300)])).toEqual(['duplicate_in_ours 2 -300']);
    expect(sums([their(800)], [our(300), earned, our(-500, { reverses: earned.id })])).toEqual([
      'status_mismatch 3 500',
    ]);
    expect(sums([their(1_060)], [our(400), our(600)])).toEqual(['tax_basis 2 60']);
    const held = { lines: [{ id: 'com_h', amount: 75n, explanation: 'held' as const }], fact: null };
    expect(sums([their(375)], [our(300)], held)).toEqual(['amount_mismatch held 1 75']);
    expect(sums([their(75)], [], held)).toEqual(['missing_in_ours held 0 75']);
    expect(sums([their(75)], [], { lines: [], fact: 'direct' })).toEqual(['missing_in_ours direct 0 75']);
    expect(sums([], [our(75)])).toEqual(['missing_in_theirs 1 -75']);
    expect(sums([their(75, { day: '2026-02-20' })], [])).toEqual(['date_out_of_period unknown 0 75']);
  });

  test('another currency is a row of its own, and claims ours only where theirs has none in ours', () => {
    const dollars = their(900, { currency: 'USD' });
    expect(sums([dollars, their(300)], [our(300)])).toEqual(['currency_mismatch 0 0', 'matched 1 0']);
    expect(sums([dollars], [our(300)])).toEqual(['currency_mismatch 1 -300']);
  });
});

describe('partitions', () => {
  test('hold the same records in memory and on disk; what has one key is in one partition', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'partitions-'));
    try {
      const partitions = new Partitions<TheirRow>(folder, 'theirs', 4, theirCodec);
      const rows = Array.from({ length: 20_500 }, (_, at) => their(at, { ref: `R-${at % 5_000}`, day: '2026-01-05' }));
      for (const row of rows.slice(0, 100)) await partitions.add(row.ref ?? '', row);
      expect(await readdir(folder)).toEqual([]);
      for (const row of rows.slice(100)) await partitions.add(row.ref ?? '', row);
      expect(await readdir(folder)).toHaveLength(4);
      const read = await Promise.all([0, 1, 2, 3].map((at) => partitions.read(at)));
      const refs = read.map((records) => new Set(records.map(({ ref }) => ref)));
      expect(refs.reduce((sum, { size }) => sum + size, 0)).toBe(5_000);
      expect(read.flat().sort((a, b) => a.line - b.line)).toEqual(rows);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
