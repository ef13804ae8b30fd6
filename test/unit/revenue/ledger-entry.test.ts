import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  account,
  accrue,
  applyTransfers,
  clawBack,
  lockStatement,
  pay,
  release,
  type Transfer,
  voidHeld,
} from '../../../src/revenue/accounts.ts';
import {
  foldBalances,
  GENESIS_HASH,
  GENESIS_HEAD,
  type LedgerEntry,
  recordTransfers,
  sealEntry,
  verifyChain,
} from '../../../src/revenue/ledger-entry.ts';

const BOOK = { contract: 'main', currency: 'CNY' };
const AMOUNT = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });

function chain(...postings: Transfer[][]): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const [index, transfers] of postings.entries()) {
    entries.push(
      sealEntry(entries.at(-1) ?? GENESIS_HEAD, {
        id: `com_${index}`,
        kind: 'accrual',
        contract: 'main',
        currency: 'CNY',
        at: '2026-01-20T04:00:00.000Z',
        effective_at: '2026-01-20T04:00:00.000Z',
        period: '2026-01-01',
        transfers: recordTransfers(transfers),
        ref: { event_id: `evt_${index}` },
      }),
    );
  }
  return entries;
}

describe('accounts', () => {
  test('whatever is booked, in whatever order, all balances sum to zero', () => {
    const step = fc.oneof(
      fc.tuple(AMOUNT, fc.boolean()).map(([amount, held]) => accrue(BOOK, amount, held)),
      AMOUNT.map((amount) => release(BOOK, amount)),
      AMOUNT.map((amount) => voidHeld(BOOK, amount)),
      AMOUNT.map((amount) => clawBack(BOOK, amount)),
      fc
        .tuple(AMOUNT, AMOUNT, AMOUNT, AMOUNT)
        .map(([lines, tax, taxIncluded, withheld]) => lockStatement(BOOK, { lines, tax, taxIncluded, withheld })),
      fc.tuple(AMOUNT, AMOUNT).map(([amount, withheld]) => pay(BOOK, amount, withheld)),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const transfers = steps.flat();
        expect(transfers.every(({ amount, from, to }) => amount > 0n && from !== to)).toBe(true);
        expect([...applyTransfers(transfers).values()].reduce((sum, balance) => sum + balance, 0n)).toBe(0n);
        expect(foldBalances(chain(...steps))).toEqual(applyTransfers(transfers));
      }),
    );
  });

  test('a step and the same step with the opposite amount leave nothing behind', () => {
    fc.assert(
      fc.property(AMOUNT, fc.boolean(), (amount, held) => {
        const balances = applyTransfers([
          ...accrue(BOOK, amount, held),
          ...accrue(BOOK, -amount, held),
          ...release(BOOK, amount),
          ...release(BOOK, -amount),
          ...pay(BOOK, amount),
          ...pay(BOOK, -amount),
        ]);
        expect([...balances.values()].every((balance) => balance === 0n)).toBe(true);
      }),
    );
  });

  test('walk-through B: the stated balance is the closing of each statement', () => {
    const stated = account(BOOK, 'stated');
    const january = [
      ...accrue(BOOK, 1_000_000n, true),
      ...release(BOOK, 1_000_000n),
      ...accrue(BOOK, -12_000n, false),
      ...lockStatement(BOOK, { lines: 988_000n, tax: 59_280n, taxIncluded: 0n, withheld: 0n }),
    ];
    const afterJanuary = applyTransfers(january);
    expect(afterJanuary.get(stated)).toBe(1_047_280n);
    const february = [
      ...pay(BOOK, 1_047_280n),
      ...accrue(BOOK, 800_000n, false),
      ...clawBack(BOOK, 30_000n),
      ...lockStatement(BOOK, { lines: 770_000n, tax: 46_200n, taxIncluded: 0n, withheld: 0n }),
    ];
    const after = applyTransfers(february, afterJanuary);
    expect(Object.fromEntries(after)).toEqual({
      'main/CNY/expense': -1_758_000n,
      'main/CNY/pending': 0n,
      'main/CNY/payable': 0n,
      'main/CNY/stated': 816_200n,
      'main/CNY/tax': -105_480n,
      'main/CNY/paid': 1_047_280n,
    });
  });

  test('inclusive tax moves cost to tax and owes nothing more', () => {
    const balances = applyTransfers([
      ...accrue(BOOK, 10_600n, false),
      ...lockStatement(BOOK, { lines: 10_600n, tax: 0n, taxIncluded: 600n, withheld: 0n }),
    ]);
    expect(balances.get(account(BOOK, 'expense'))).toBe(-10_000n);
    expect(balances.get(account(BOOK, 'tax'))).toBe(-600n);
    expect(balances.get(account(BOOK, 'stated'))).toBe(10_600n);
  });
});

describe('the chain', () => {
  const entries = chain(accrue(BOOK, 100n, true), release(BOOK, 100n), accrue(BOOK, 7n, false));
  const first = entries[0] as LedgerEntry;

  test('starts at the genesis hash and verifies to its head', () => {
    expect(first.prev_hash).toBe(GENESIS_HASH);
    expect(verifyChain(entries)).toEqual({
      ok: true,
      entries: 3,
      head: { seq: 3, hash: entries[2]?.hash },
    });
    expect(verifyChain([])).toEqual({ ok: true, entries: 0, head: GENESIS_HEAD });
  });

  test('its hashes are fixed for ever: the form of an entry is part of the contract', () => {
    expect(first.hash).toBe('64a65d74d174fb57aa2892408344f6d7499a4f64b421f367c8d9dcb5aa6f8ffd');
  });

  test('the order in which an entry’s fields were written does not matter', () => {
    const reversed = Object.fromEntries(Object.entries(first).reverse()) as unknown as LedgerEntry;
    expect(verifyChain([reversed]).ok).toBe(true);
  });

  test('a change of any field of any entry is found at that entry', () => {
    for (const [index, entry] of entries.entries()) {
      for (const field of Object.keys(entry) as (keyof LedgerEntry)[]) {
        const changed = entries.map((other) => structuredClone(other)) as unknown as Record<string, unknown>[];
        const target = changed[index] as Record<string, unknown>;
        const value = target[field];
        target[field] = typeof value === 'number' ? value + 1 : typeof value === 'string' ? `${value}0` : { other: 1 };
        const verdict = verifyChain(changed as unknown as LedgerEntry[]);
        expect(verdict, `${field} of ${index}`).toMatchObject({ ok: false, entries: index });
      }
    }
  });

  test('an entry removed, repeated, swapped or rehashed by somebody is found', () => {
    const [a, b, c] = entries as [LedgerEntry, LedgerEntry, LedgerEntry];
    expect(verifyChain([a, c])).toMatchObject({ ok: false, seq: 3, problem: 'seq_gap' });
    expect(verifyChain([a, b, b])).toMatchObject({ ok: false, problem: 'seq_gap' });
    expect(verifyChain([b, a, c])).toMatchObject({ ok: false, problem: 'seq_gap' });
    const forged = sealEntry(a, { ...b, transfers: [{ from: 'x', to: 'y', amount: '1' }] });
    expect(verifyChain([a, forged, c])).toMatchObject({ ok: false, seq: 3, problem: 'prev_hash_mismatch' });
    const again = sealEntry(b, { ...a });
    expect(verifyChain([a, b, again])).toMatchObject({ ok: false, seq: 3, problem: 'duplicate_id' });
    const negative = sealEntry(a, { ...b, transfers: [{ from: 'x', to: 'y', amount: '-1' }] });
    expect(verifyChain([a, negative])).toMatchObject({ ok: false, problem: 'transfer_invalid' });
  });
});
