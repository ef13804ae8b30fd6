import type { CloseOutcome } from '../../../src/revenue/close-outcome.ts';
import { closePeriods } from '../../../src/revenue/closings.ts';
import { dayOf, dayText, endOf, periodAfter, periodAt } from '../model-arithmetic.ts';
import type { Random } from '../random.ts';
import { must, mustBe } from '../violation.ts';
import type { World } from '../world.ts';
import { type Action, anyPartner, booksOf, type Step } from './action.ts';

const OPERATORS = ['ann', 'bob'];
const CLOSING = { closes: true, releases: true } as const;
/** Anything else, an identity that does not hold above all, is a fault. */
const MAY_BLOCK = new Set(['period_not_over', 'disputes_open']);

/** Held lines whose time has come. */
export const releaseHolds: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  return {
    label: `release holds of ${partnerId}`,
    partnerId,
    doing: { releases: true },
    run: ({ releaser }) => releaser.releaseOf(partnerId, world.clock.nowMs()),
  };
};

export const reviewPeriod: Step = (world, random) => onePeriod(world, random, 'review');
export const refreshPeriod: Step = (world, random) => onePeriod(world, random, 'refresh');
export const lockPeriod: Step = (world, random) => onePeriod(world, random, 'lock');

/** Every contract as far as it goes, to the end of yesterday or of some day before. */
export const closeAll: Step = (world, random) => {
  const to = dayText(dayOf(world.clock.nowMs()) - random.between(1, 10));
  return closingTo(world, to, random.pick(OPERATORS) ?? 'ann');
};

export function closingTo(world: World, to: string, actor: string): Action {
  return {
    label: `close everything to ${to} by ${actor}`,
    partnerId: null,
    doing: CLOSING,
    run: ({ closer, periods }) =>
      closePeriods({ closer, periods, contractsOf: world.termsOf, partners: () => world.partners }, { to, actor }),
    done(value) {
      for (const { result, code, detail } of value as Awaited<ReturnType<typeof closePeriods>>) {
        must('identities', !String(detail).includes('identity_'), `closing is ${result}: ${code} ${detail}`);
      }
    },
  };
}

function onePeriod(world: World, random: Random, what: 'review' | 'refresh' | 'lock'): Action | null {
  const partnerId = anyPartner(world, random);
  const books = booksOf(world, partnerId);
  const contract = random.pick(books.contracts) ?? '';
  const period = candidate(world, random, partnerId, contract, what);
  if (period === undefined) return null;
  const actor = random.pick(OPERATORS) ?? 'ann';
  const waive = what === 'lock' && random.chance(0.5) ? [{ code: 'disputes_open', reason: 'adjusted later' }] : [];
  const target = { partnerId, contract, period, actor, waive };
  return {
    label: `${what} ${period} of ${partnerId} ${contract} by ${actor}`,
    partnerId,
    doing: CLOSING,
    run: ({ closer }) => closer[what](target),
    done(value) {
      const outcome = value as CloseOutcome;
      if (outcome.result === 'blocked') {
        const wrong = outcome.blockers.find(({ code }) => !MAY_BLOCK.has(code));
        must('identities', wrong === undefined, `${what} of ${period} is blocked: ${wrong?.code} ${wrong?.detail}`);
      }
      if (outcome.result === 'done') mustBe('periods', 'period answered', outcome.statement.period.id, period);
    },
  };
}

/** Mostly the one whose turn it is; now and then another, which must be refused. */
function candidate(
  world: World,
  random: Random,
  partnerId: string,
  contract: string,
  what: 'review' | 'refresh' | 'lock',
): string | undefined {
  const books = booksOf(world, partnerId);
  const cycle = books.cycleOf(contract);
  const nowMs = world.clock.nowMs();
  const known: string[] = [];
  for (let id = periodAt(cycle, Date.parse('2026-01-01T00:00:00Z')); ; id = periodAfter(cycle, id)) {
    known.push(id);
    if (endOf(cycle, id) > nowMs) break;
  }
  if (random.chance(0.1)) return random.pick(known);
  const inReview = known.filter((id) => books.stateOf(contract, id) === 'review');
  if (what !== 'review') return random.pick(inReview);
  const isSomething = (id: string) => books.linesIn(contract, id).length > 0;
  return known.find((id) => books.stateOf(contract, id) === 'open' && endOf(cycle, id) <= nowMs && isSomething(id));
}
