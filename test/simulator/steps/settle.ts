import { DAY_MS } from '../../../src/base/clock.ts';
import { acceptBySilence, acceptStatement } from '../../../src/revenue/settlement/accept-statement.ts';
import { type AdjustOutcome, adjust } from '../../../src/revenue/settlement/adjust.ts';
import { type PayOutcome, payStatements } from '../../../src/revenue/settlement/pay-statements.ts';
import type { WantedAdjustment, WantedPayment } from '../doing.ts';
import type { Random } from '../random.ts';
import { must } from '../violation.ts';
import type { World } from '../world.ts';
import { type Action, anyPartner, booksOf, type Step } from './action.ts';

/** Money goes out, or comes back: for statements, or for nothing in particular. */
export const pay: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  const books = booksOf(world, partnerId);
  const contract = random.pick(books.contracts) ?? '';
  const locked = books.statements.filter((one) => one.contract === contract);
  if (locked.length === 0) return null;
  const stated = Number(books.balance(contract, 'stated'));
  const direction = random.chance(0.15) ? 'in' : 'out';
  const isWhole = direction === 'out' && stated > 0 && random.chance(0.5);
  const amount = isWhole ? stated : random.between(1, 60_000);
  const withheld = random.chance(0.2) ? Math.floor(amount / 10) : 0;
  const named = random.chance(0.5) ? random.some(locked, random.between(1, 2)) : [];
  const each = Math.floor(amount / Math.max(1, named.length));
  const wanted: WantedPayment = {
    contract,
    direction,
    amount: amount - withheld,
    withheld,
    paidAtMs: world.clock.nowMs() - (random.chance(0.3) ? random.between(0, 20) * DAY_MS : 0),
    reference: `BOC-${world.payments.length}`,
    allocations: each === 0 ? [] : named.map(({ id }) => ({ statement_id: id, amount: each })),
  };
  world.payments.push({ partnerId, wanted });
  return paying(world, partnerId, wanted, random.chance(0.8));
};

/** The same order once more, or another sum under the same reference. */
export const payAgain: Step = (world, random) => {
  const { partnerId = '', wanted } = random.pick(world.payments) ?? {};
  if (wanted === undefined) return null;
  const isOther = random.chance(0.2) && booksOf(world, partnerId).once.has(keyOf(wanted));
  return paying(world, partnerId, isOther ? { ...wanted, amount: wanted.amount + 1, allocations: [] } : wanted, true);
};

function keyOf({ contract, reference }: WantedPayment): string {
  return `payment ${contract} ${reference}`;
}

function paying(world: World, partnerId: string, wanted: WantedPayment, isOverridden: boolean): Action {
  const { contract, direction, amount, reference } = wanted;
  const override = isOverridden ? 'simulated' : null;
  const versions = () => world.termsOf(partnerId).filter((terms) => terms.contract === contract);
  const wish = { ...wanted, by: 'ann', override };
  return {
    label: `pay ${direction} ${amount} as ${reference} to ${partnerId} ${contract}`,
    partnerId,
    doing: { payment: wanted },
    run: ({ store }) =>
      payStatements(store, partnerId, versions(), wish, { nowMs: world.clock.nowMs(), isHeld: false }),
    done(value) {
      const { result } = value as PayOutcome;
      const isBooked = booksOf(world, partnerId).once.has(keyOf(wanted));
      const mustBeBooked = result === 'created' || result === 'exists' || result === 'differs';
      must(
        'once',
        mustBeBooked === isBooked || result === 'not_due',
        `${reference} is answered ${result}; booked: ${isBooked}`,
      );
    },
  };
}

/** An operator books something: about a line, about a statement, about nothing in particular. */
export const adjustSomething: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  const books = booksOf(world, partnerId);
  const contract = random.pick(books.contracts) ?? '';
  const lines = [...books.lines.values()].filter((line) => line.contract === contract);
  const line = random.chance(0.5) ? random.pick(lines) : undefined;
  const locked = books.statements.filter((one) => one.contract === contract);
  const statement = line === undefined && random.chance(0.5) ? random.pick(locked) : undefined;
  const amount = signed(random);
  world.adjustments += 1;
  const reference = `A-${world.adjustments}`;
  const wanted: WantedAdjustment = {
    contract,
    kind: line === undefined && statement === undefined ? 'manual' : 'correction',
    amount: BigInt(amount),
    of: line?.id ?? null,
    period: statement?.period ?? null,
    once: reference,
  };
  const refersTo = line?.id ?? statement?.id ?? null;
  const wish = { amount, reason: 'simulated', refersTo, reference, by: 'ann' };
  const versions = () => world.termsOf(partnerId).filter((terms) => terms.contract === contract);
  return {
    label: `adjust ${amount} as ${reference} about ${refersTo ?? 'nothing'} of ${partnerId} ${contract}`,
    partnerId,
    doing: { adjustments: [wanted] },
    run: ({ store }) => adjust(store, partnerId, versions(), wish, world.clock.nowMs()),
    done(value) {
      const { result } = value as AdjustOutcome;
      must('once', result === 'created' || result === 'exists', `adjustment ${reference} is answered ${result}`);
    },
  };
};

/** @returns not 0 */
function signed(random: Random): number {
  return random.between(1, 30_000) * (random.chance(0.5) ? 1 : -1);
}

/** A counterparty agrees to a statement. */
export const accept: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  const statement = random.pick(booksOf(world, partnerId).statements);
  if (statement === undefined) return null;
  const revision = Number(booksOf(world, partnerId).revisions.get(`${statement.contract}|${statement.period}`) ?? 1);
  const wish = { revision, how: 'click', name: 'Li Lei' } as const;
  return {
    label: `accept ${statement.id} of ${partnerId}`,
    partnerId,
    doing: {},
    run: ({ store }) => acceptStatement(store, partnerId, statement.id, wish, world.clock.nowMs()),
  };
};

/** Nobody has objected in time. */
export const silence: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  return {
    label: `silence of ${partnerId}`,
    partnerId,
    doing: {},
    run: ({ store }) => acceptBySilence(store, partnerId, world.clock.nowMs()),
  };
};
