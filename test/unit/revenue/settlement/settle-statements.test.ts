import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settleStatements } from '../../../../src/revenue/settlement/settle-statements.ts';
import type { StatedPayment } from '../../../../src/revenue/settlement/settlement.ts';

type Sum = Parameters<typeof settleStatements>[0][number];
type Paid = Parameters<typeof settleStatements>[1][number];

interface Month {
  readonly net: number;
  readonly carried: boolean;
  readonly paid: readonly { readonly amount: number; readonly withheld: number; readonly meantFor: number | null }[];
}

/** A contract's months one after the other, as statements say them: openings follow closings, payments count where they fall. */
function history(months: readonly Month[]): { statements: Sum[]; payments: Paid[] } {
  const statements: Sum[] = [];
  const payments: Paid[] = [];
  let opening = 0;
  months.forEach(({ net, carried, paid }, index) => {
    const id = `2026-${String(index + 1).padStart(2, '0')}-01`;
    for (const { amount, withheld, meantFor } of paid) {
      const target = meantFor === null ? undefined : statements[meantFor % Math.max(1, statements.length)];
      const allocations: StatedPayment['allocations'] =
        target === undefined || amount <= 0 ? [] : [{ statement_id: target.id, amount: Math.abs(amount) }];
      const direction = amount < 0 ? 'in' : 'out';
      payments.push({ direction, amount: Math.abs(amount), withheld, allocations, period: id });
    }
    const out = paid.reduce((sum, { amount }) => sum + amount, 0);
    const withheld = paid.reduce((sum, one) => sum + (one.amount < 0 ? -one.withheld : one.withheld), 0);
    const closing = opening + net - out - withheld;
    const period = { id, from: '', to: '', timezone: 'UTC' };
    statements.push({
      id: `stm_${index}`,
      status: carried ? 'carried' : 'issued',
      period,
      opening,
      closing,
      payments: out,
    });
    opening = closing;
  });
  return { statements, payments };
}

const amounts = fc.integer({ min: -5_000, max: 20_000 });
const months = fc.array(
  fc.record({
    net: amounts,
    carried: fc.boolean(),
    paid: fc.array(
      fc.record({
        amount: amounts.filter((amount) => amount !== 0),
        withheld: fc.integer({ min: 0, max: 300 }),
        meantFor: fc.option(fc.nat(11)),
      }),
      { maxLength: 3 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('payments laid on statements', () => {
  test('what is due less what is paid and prepaid is what the ledger has as stated, to the minor unit', () => {
    fc.assert(
      fc.property(months, (given) => {
        const { statements, payments } = history(given);
        const { shares, credit } = settleStatements(statements, payments);
        const counted = new Set([...shares.values()]);
        const open = [...counted].reduce((sum, { due, paid }) => sum + due - paid, 0n);
        const waiting = statements.filter(({ id }) => !shares.has(id));
        const last = BigInt(statements.at(-1)?.closing ?? 0);
        // What is carried and waits belongs to no share yet.
        const withheld = (id: string) =>
          payments
            .filter(({ period }) => period === id)
            .reduce((sum, one) => sum + BigInt(one.direction === 'out' ? one.withheld : -one.withheld), 0n);
        const carried = waiting.reduce(
          (sum, one) =>
            sum + BigInt(one.closing) - BigInt(one.opening) + BigInt(one.payments) + withheld(one.period.id),
          0n,
        );
        expect(open + carried - credit).toBe(last);
      }),
      { numRuns: 1_000 },
    );
  });

  test('nothing is paid beyond what is due, and money that is left stands to the credit of the counterparty', () => {
    fc.assert(
      fc.property(months, (given) => {
        const { statements, payments } = history(given);
        const { shares } = settleStatements(statements, payments);
        for (const { due, paid } of shares.values()) expect(paid <= due).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('without a purpose the oldest is paid first', () => {
    const { statements } = history([net(1_000), net(2_000), net(3_000)]);
    const { shares, credit } = settleStatements(statements, [payment(2_500)]);
    expect([...shares.values()].map(({ paid }) => paid)).toEqual([1_000n, 1_500n, 0n]);
    expect(credit).toBe(0n);
  });

  test('what is meant for one statement pays that one, though an older one is open', () => {
    const { statements } = history([net(1_000), net(2_000)]);
    const { shares } = settleStatements(statements, [payment(2_000, 'stm_1')]);
    expect([...shares.values()].map(({ paid }) => paid)).toEqual([0n, 2_000n]);
  });

  test('a carried statement is due with the one that it was carried into', () => {
    const { statements } = history([{ ...net(300), carried: true }, net(2_000)]);
    const { shares } = settleStatements(statements, [payment(2_300)]);
    expect(shares.get('stm_0')).toEqual({ due: 2_300n, paid: 2_300n });
    expect(shares.get('stm_1')).toEqual({ due: 2_300n, paid: 2_300n });
  });

  test('more than is due is a prepayment, which pays what is issued next', () => {
    const { statements } = history([net(1_000)]);
    expect(settleStatements(statements, [payment(1_500)]).credit).toBe(500n);
    const later = history([net(1_000), net(800)]).statements;
    const { shares, credit } = settleStatements(later, [payment(1_500)]);
    expect(shares.get('stm_1')).toEqual({ due: 800n, paid: 500n });
    expect(credit).toBe(0n);
  });

  test('money that comes back opens the newest again', () => {
    const { statements } = history([net(1_000), net(2_000)]);
    const { shares } = settleStatements(statements, [payment(3_000), { ...payment(500), direction: 'in' }]);
    expect([...shares.values()].map(({ paid }) => paid)).toEqual([1_000n, 1_500n]);
  });
});

function net(amount: number): Month {
  return { net: amount, carried: false, paid: [] };
}

function payment(amount: number, meantFor?: string): Paid {
  const allocations = meantFor === undefined ? [] : [{ statement_id: meantFor, amount }];
  return { direction: 'out', amount, withheld: 0, allocations, period: '2026-09-01' };
}
