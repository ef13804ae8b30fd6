import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accrue, applyTransfers, clawBack } from '../../../src/revenue/accounts.ts';
import { priceEvent } from '../../../src/revenue/price-event.ts';
import type { CommissionRule, Rounding } from '../../../src/revenue/terms.ts';
import { event, history, lineOf, loan, shanghai, terms } from './fixtures.ts';

describe('percent and rounding', () => {
  /** Long division on decimal digits, sharing nothing with the product: base × percent / 100 to a whole number. */
  function naive(base: bigint, percent: string, mode: Rounding): bigint {
    const [whole = '0', fraction = ''] = percent.split('.');
    const product = (base * BigInt(whole + fraction)).toString().padStart(fraction.length + 3, '0');
    const cut = product.length - fraction.length - 2;
    const integer = BigInt(product.slice(0, cut));
    const rest = product.slice(cut);
    if (mode === 'floor' || rest[0] === undefined || rest[0] < '5') return integer;
    const tie = rest[0] === '5' && /^0*$/.test(rest.slice(1));
    if (tie && mode === 'half_even') return integer % 2n === 0n ? integer : integer + 1n;
    return integer + 1n;
  }

  test('a second, naive implementation agrees on 100 000 random cases', () => {
    let seed = 20_260_101;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    const none = history();
    const modes: Rounding[] = ['half_even', 'half_up', 'floor'];
    const cases = Array.from({ length: 1_000 }, () => {
      const percent = `${random(100)}${random(4) === 0 ? '' : `.${random(2) === 0 ? random(10) : random(10_000)}`}`;
      const rounding = modes[random(3)] ?? 'half_even';
      const rules: CommissionRule[] = [{ id: 'p', on: 'loan.disbursed', pay: { percent, of: 'principal' } }];
      return { percent, rounding, versions: [terms({ rules, rounding })] };
    });
    for (let round = 0; round < 100_000; round += 1) {
      const { percent, rounding, versions } = cases[round % cases.length] ?? expect.fail('no case');
      // Round bases and short percents make ties common.
      const principal = BigInt(random(1_000_000)) * (random(2) === 0 ? 50n : 1n) + 1n;
      const [draft] = priceEvent(event({ loan: loan({ principal }) }), versions, none);
      if (draft?.amount !== naive(principal, percent, rounding)) {
        expect.fail(
          `${percent} % of ${principal} ${rounding}: ${draft?.amount}, not ${naive(principal, percent, rounding)}`,
        );
      }
    }
  });

  test('each line is within half a minor unit of the exact value, so n lines are within n halves', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 10n ** 9n }), { minLength: 1, maxLength: 20 }), (principals) => {
        const rules: CommissionRule[] = [{ id: 'p', on: 'loan.disbursed', pay: { percent: '0.333', of: 'principal' } }];
        let sum = 0n;
        for (const principal of principals) {
          sum += priceEvent(event({ loan: loan({ principal }) }), [terms({ rules })], history())[0]?.amount ?? 0n;
        }
        const exactTimes100000 = principals.reduce((total, principal) => total + principal * 333n, 0n);
        const error = sum * 100_000n - exactTimes100000;
        const bound = BigInt(principals.length) * 50_000n;
        expect(error <= bound && error >= -bound).toBe(true);
      }),
    );
  });
});

describe('full clawback', () => {
  test('an accrual and its clawback, voided while held or reversed after, sum to zero in every account', () => {
    const book = { contract: 'main', currency: 'CNY' };
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 10n }),
        fc.integer({ min: 0, max: 99_999 }),
        fc.constantFrom<Rounding>('half_even', 'half_up', 'floor'),
        fc.integer({ min: 0, max: 30 }),
        (principal, milliPercent, rounding, hold_days) => {
          const percent = (milliPercent / 1000).toFixed(3);
          const contract = terms({
            rounding,
            rules: [{ id: 'p', on: 'loan.disbursed', pay: { percent, of: 'principal' }, hold_days }],
            clawback: [{ on: 'loan.cancelled', take: { percent: '100' } }],
          });
          const paid = event({ loan: loan({ principal }) });
          const [earned] = priceEvent(paid, [contract], history());
          if (earned === undefined) throw new Error('the loan earns');
          const cancelled = event({
            id: 'evt_2',
            type: 'loan.cancelled',
            occurredAtMs: shanghai('2026-01-30'),
            loan: loan({ principal }),
          });
          const back = priceEvent(cancelled, [contract], history({ lines: [lineOf(earned, paid)] }));
          expect(back.reduce((sum, draft) => sum + draft.amount, earned.amount)).toBe(0n);
          if (earned.holdUntilMs === null && back.length === 1) {
            const balances = applyTransfers([...accrue(book, earned.amount, false), ...clawBack(book, earned.amount)]);
            expect([...balances.values()].every((balance) => balance === 0n)).toBe(true);
          }
        },
      ),
    );
  });
});
