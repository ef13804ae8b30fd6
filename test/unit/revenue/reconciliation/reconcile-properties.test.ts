import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommissionLine } from '../../../../src/revenue/commission-line.ts';
import type { LedgerReader } from '../../../../src/revenue/ledger-reader.ts';
import type { ReconciledRow } from '../../../../src/revenue/reconciliation/matching/reconciled-row.ts';
import { bytesSource } from '../../../../src/revenue/reconciliation/reading/file-source.ts';
import { openFile } from '../../../../src/revenue/reconciliation/reading/open-file.ts';
import { reconcileFile } from '../../../../src/revenue/reconciliation/reconcile-file.ts';
import type { ReconcileOptions } from '../../../../src/revenue/reconciliation/reconcile-options.ts';
import type { Statement } from '../../../../src/revenue/statement.ts';
import { terms } from '../fixtures.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reconcile-'));
});
afterAll(() => rm(folder, { recursive: true }));

const STATEMENT = {
  id: 'stm_1',
  contract: 'main',
  currency: 'CNY',
  lines_count: 0,
  revision: 1,
  period: {
    id: '2026-01-01',
    from: '2025-12-31T16:00:00.000Z',
    to: '2026-01-31T16:00:00.000Z',
    timezone: 'Asia/Shanghai',
  },
} as Statement;

const OPTIONS: ReconcileOptions = { tolerance: 0n, windowDays: 3, groupBy: null, totals: false, datesOf: 'payable_at' };

interface Theirs {
  readonly ref: string;
  readonly amount: number;
  readonly day: string;
  readonly currency: string;
}
interface Ours {
  readonly ref: string;
  readonly amount: number;
  readonly day: number;
  readonly reverses: boolean;
}

const ref = fc.constantFrom('A', 'B', 'C', 'ORDER-12', 'ORDER-21');
const amount = fc.integer({ min: -4, max: 12 }).map((units) => units * 53);
const theirs: fc.Arbitrary<Theirs> = fc.record({
  ref,
  amount,
  day: fc.constantFrom('', '2026-01-05', '2026-01-20', '2026-02-20'),
  currency: fc.constantFrom('', '', '', 'USD'),
});
const ours: fc.Arbitrary<Ours> = fc.record({
  ref,
  amount,
  day: fc.integer({ min: 1, max: 28 }),
  reverses: fc.boolean(),
});

function linesOf(list: readonly Ours[]): CommissionLine[] {
  return list.map(({ ref: partner_ref, amount: minor, day, reverses }, index) => ({
    id: `com_${index}`,
    partner_ref,
    amount: minor,
    occurred_at: `2026-01-${String(day).padStart(2, '0')}T04:00:00.000Z`,
    payable_at: `2026-01-${String(day).padStart(2, '0')}T04:00:00.000Z`,
    kind: 'accrual',
    on: 'loan.disbursed',
    rule: 'first',
    rate: null,
    base: null,
    reverses: reverses && index > 0 ? `com_${index - 1}` : null,
  })) as unknown as CommissionLine[];
}

async function reconcile(rows: readonly Theirs[], list: readonly Ours[], over: Partial<ReconcileOptions> = {}) {
  const text = rows.map(({ ref: r, amount: a, day, currency }) => `${r},${(a / 100).toFixed(2)},${day},${currency}\n`);
  const source = bytesSource(Buffer.from(`ref,amount,date,currency\n${text.join('')}`));
  const about = { currency: 'CNY', timezone: 'Asia/Shanghai', remembered: undefined };
  const file = await openFile(source, { columns: {}, totals: false }, about);
  const ledger = {
    async *linesOfPeriod() {
      yield* linesOf(list);
    },
    linesOfObject: async () => [],
  } as unknown as LedgerReader;
  const found: ReconciledRow[] = [];
  const result = await reconcileFile(
    { ledger, folder, lookup: { find: async () => ({ applicationId: null, fact: null }) } },
    { counterpartyId: 'acme', statement: STATEMENT, terms: terms(), file, options: { ...OPTIONS, ...over } },
    (row) => void found.push(row),
  );
  return { found, tally: result.tally };
}

const options = fc.record({
  tolerance: fc.constantFrom(0n, 53n),
  groupBy: fc.constantFrom(null, 'ref' as const),
});
const files = fc.tuple(fc.array(theirs, { minLength: 1, maxLength: 14 }), fc.array(ours, { maxLength: 14 }), options);

describe('whatever the files hold', () => {
  test('every row on both sides is claimed exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(files, async ([rows, list, over]) => {
        const { found } = await reconcile(rows, list, over);
        const lines = found.flatMap((row) => row.theirs?.lines ?? []);
        expect([...lines].sort((a, b) => a - b)).toEqual(rows.map((_, index) => index + 2));
        const commissions = found.flatMap((row) => row.ours?.commissions ?? []);
        expect([...commissions].sort()).toEqual(list.map((_, index) => `com_${index}`).sort());
        expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
      }),
      { numRuns: 150 },
    );
  });

  test('Σ theirs − Σ ours is the sum of the differences, exactly', async () => {
    await fc.assert(
      fc.asyncProperty(files, async ([rows, list, over]) => {
        const { tally } = await reconcile(rows, list, over);
        const own = rows.filter(({ currency }) => currency === '').reduce((sum, row) => sum + row.amount, 0);
        const all = list.reduce((sum, line) => sum + line.amount, 0);
        expect(tally.totals).toMatchObject({ theirs: BigInt(own), ours: BigInt(all), difference: BigInt(own - all) });
        const categories = Object.values(tally.categories).reduce((sum, { difference }) => sum + difference, 0n);
        expect(categories).toBe(BigInt(own - all));
        const foreign = rows.filter(({ currency }) => currency === 'USD').reduce((sum, row) => sum + row.amount, 0);
        expect(tally.otherCurrencies[0]?.theirs ?? 0n).toBe(BigInt(foreign));
      }),
      { numRuns: 150 },
    );
  });

  test('the order of the rows makes no difference', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.infiniteStream(fc.nat()), async ([rows, list, over], random) => {
        const shuffled = rows
          .map((row) => ({ row, place: random.next().value ?? 0 }))
          .sort((a, b) => a.place - b.place)
          .map(({ row }) => row);
        const [before, after] = [await reconcile(rows, list, over), await reconcile(shuffled, list, over)];
        expect(after.tally.categories).toEqual(before.tally.categories);
        const pairs = ({ found }: typeof before): string[] =>
          found
            .map((row) => `${row.category} ${row.theirs?.amount} ${row.theirs?.day} ${row.ours?.commissions}`)
            .sort();
        expect(pairs(after)).toEqual(pairs(before));
      }),
      { numRuns: 100 },
    );
  });
});
