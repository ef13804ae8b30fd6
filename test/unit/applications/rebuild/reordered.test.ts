import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestCard } from '../../../../src/applications/lifecycle/cards.ts';
import { asTheLogKnows } from '../../../../src/applications/rebuild/as-the-log-knows.ts';
import { localPayoff } from '../../../../src/applications/repayments/payoff.ts';
import { requestRepayment } from '../../../../src/applications/repayments/request-repayment.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import { derivedIdBeside } from '../../../../src/base/ids.ts';
import { sampleApplication } from '../../../support/sample-application.ts';
import {
  at,
  cny,
  disbursed,
  granted,
  LOAN_ID,
  overdue,
  PRODUCT,
  paid,
  requested,
  START,
  wire,
} from '../lifecycle/story.ts';
import { Life } from './life.ts';

type Raw = ReturnType<typeof wire>;

const TOLD_AT = START + 200 * DAY_MS;

const begun = (): Life =>
  new Life(sampleApplication('ORDER-1', { created_at: at(0), accepted_at: at(0), updated_at: at(0) }), START);

/** Tells a lender's events as they come, then what was rejected again, as a lender may, until nothing more is taken. */
function tellAll(life: Life, raws: readonly Raw[]): void {
  life.nowMs = TOLD_AT;
  let open: readonly Raw[] = raws;
  for (let round = 0; round <= raws.length && open.length > 0; round += 1) {
    for (const raw of open) life.hear(raw);
    life.expectRebuilt();
    open = raws.filter((raw) => (life.memory.get(raw.id)?.result ?? 'rejected') === 'rejected');
  }
}

/**
 * What is shown, but for when we wrote it. Which loan was the first to be paid out, and by which payments a repayment has
 * succeeded, is told once, as it is heard: partners are paid by the one and have told their customers the other.
 */
function shown({ application }: Life): unknown {
  const { updated_at: _, ...rest } = asTheLogKnows(application);
  const loans = application.loans.map(({ ordinal: __, repayments = [], ...loan }) => ({
    ...loan,
    schedule_at: null,
    repayments: repayments.map(({ id, status, reason }) => ({ id, status, reason })),
  }));
  return { ...rest, held: application.held, loans };
}

/**
 * What has ended stays ended: the end of an unused credit is final, also where a drawdown of before is told of later; and so
 * is the outcome of a repayment that the partner was told.
 */
function asOutcomesAreFinal(raws: readonly Raw[]): Raw[] {
  const lastDrawdown = raws.findLastIndex(({ type }) => type === 'loan.requested');
  const tooEarly = raws.filter(({ type }, index) => type === 'credit.expired' && index < lastDrawdown);
  const failures = raws.filter(({ type }) => type === 'repayment.failed');
  const others = raws.filter((raw) => !tooEarly.includes(raw) && !failures.includes(raw));
  return [...failures, ...others, ...tooEarly];
}

/** Sorted and shuffled, some of it told twice, a story comes to the same. */
function expectSame(stories: fc.Arbitrary<readonly Raw[]>, setUp: () => Life, numRuns: number): void {
  const told = stories.chain((raws) =>
    fc.tuple(
      fc.constant(raws),
      fc.shuffledSubarray([...raws], { minLength: raws.length }),
      fc.shuffledSubarray([...raws]),
    ),
  );
  fc.assert(
    fc.property(told, ([sorted, mixed, again]) => {
      const straight = setUp();
      tellAll(straight, sorted);
      expect(sorted.map((raw) => [raw.type, straight.memory.get(raw.id)?.result])).toEqual(
        sorted.map((raw) => [raw.type, 'applied']),
      );
      const crooked = setUp();
      tellAll(crooked, asOutcomesAreFinal([...mixed, ...again]));
      expect(shown(crooked)).toEqual(shown(straight));
    }),
    { numRuns },
  );
}

const loanPlan = fc.record({
  review: fc.boolean(),
  papers: fc.boolean(),
  end: fc.constantFrom('declined', 'payout_failed', 'open', 'settled', 'reversed', 'written_off', 'cancelled'),
});

/** One loan of a story, from a day on. */
function loanStory(ref: string, from: number, plan: { review: boolean; papers: boolean; end: string }): Raw[] {
  const own = { lender_ref: ref };
  const story: Raw[] = [requested(from, { lender_ref: ref, amount: cny(150_000) })];
  if (plan.review) story.push(wire('loan.in_review', from + 0.01, undefined, own));
  if (plan.end === 'declined') return [...story, wire('loan.declined', from + 0.05, { reason: 'policy' }, own)];
  if (plan.review) story.push(wire('loan.paying_out', from + 0.06, undefined, own));
  if (plan.end === 'payout_failed') return [...story, wire('loan.payout_failed', from + 0.07, { reason: 'bank' }, own)];
  const items = ['2026-02-01', '2026-03-01'].map((due_on, index) => ({
    no: index + 1,
    due_on,
    principal: cny(75_000),
    interest: cny(1_000),
    fees: [],
  }));
  const lent = { principal: cny(150_000), received: cny(150_000), schedule: items };
  story.push({ ...disbursed(from + 0.1, lent), ...own });
  if (plan.end === 'cancelled') return [...story, wire('loan.cancelled', from + 1, { reason: 'cooling_off' }, own)];
  const pay = (no: number, when: number) => {
    const amounts = { principal: cny(75_000), interest: cny(1_000), fees: [], payment_ref: `${ref}-${no}` };
    return { ...paid(no, when, amounts), ...own };
  };
  story.push({ ...overdue(1, 33 + from, 2), ...own }, pay(1, 34 + from));
  if (plan.end === 'open') return story;
  if (plan.end === 'written_off') {
    return [
      ...story,
      { ...overdue(2, 70 + from, 10), ...own },
      wire('loan.written_off', 150, { written_off_at: at(150) }, own),
    ];
  }
  story.push(pay(2, 50 + from), wire('loan.settled', 50.5 + from, { settled_at: at(50.5 + from) }, own));
  if (plan.end === 'reversed') {
    story.push(wire('installment.reversed', 55 + from, { payment_ref: `${ref}-2`, reason: 'bounced' }, own));
  }
  return story;
}

const isPaidOut = ({ end }: { end: string }): boolean => end !== 'declined' && end !== 'payout_failed';

const wholeStories: fc.Arbitrary<Raw[]> = fc
  .record({
    review: fc.boolean(),
    first: loanPlan,
    second: fc.option(loanPlan),
    updates: fc.subarray(['amount', 'frozen', 'active', 'price'] as const),
    close: fc.constantFrom('open', 'closed', 'expired', 'reopened', 'while decided'),
  })
  .map(({ review, first, second, updates, close }) => {
    const story = [wire('application.verifying', 0.01)];
    if (review) story.push(wire('application.in_review', 0.05));
    story.push(granted(0.1));
    const changes = {
      amount: { amount: cny(450_000), grade: 'B' },
      frozen: { status: 'frozen' },
      active: { status: 'active' },
      price: { apr: '0.2' },
    };
    story.push(...loanStory('LN-1', 1, first));
    if (second) story.push(...loanStory('LN-2', 2, second));
    for (const [index, name] of updates.entries()) story.push(wire('credit.updated', 5 + index, changes[name]));
    if (close === 'closed') story.push(wire('credit.updated', 100, { status: 'closed' }));
    if (close === 'expired' || close === 'reopened') story.push(wire('credit.expired', 110));
    if (close === 'reopened' && isPaidOut(first)) story.push(wire('credit.updated', 120, { status: 'active' }));
    if (close === 'while decided' && !second && updates.length === 0) story.push(wire('credit.expired', 1.03));
    story.sort((one, other) => (one.occurred_at < other.occurred_at ? -1 : 1));
    return story;
  });

/** A loan LN-1 of three instalments, of which the partner has asked to have some collected on day 20. */
function repaying(installments: 'all' | readonly number[]): () => Life {
  return () => {
    const life = begun();
    tellAll(life, [granted(0.1), requested(0.15), disbursed(0.2)]);
    life.nowMs = START + 20 * DAY_MS;
    const [loan] = life.application.loans;
    if (!loan) throw new Error('there is no loan');
    const terms = { rate: undefined, timezone: PRODUCT.timezone };
    const request = { id: REPAYMENT, partnerRef: 'R-1', installments, cardId: null };
    const result = requestRepayment(life.application, loan, request, life.nowMs, () =>
      localPayoff(loan, installments, terms, life.nowMs),
    );
    if (!result.ok) throw new Error(result.message);
    life.write(result.application, result.events);
    return life;
  };
}

const REPAYMENT = derivedIdBeside('rep', begun().application.id, 'R-1');

const collecting: fc.Arbitrary<Raw[]> = fc
  .record({
    outcome: fc.constantFrom('paid', 'parts', 'failed', 'meant', 'cancelled'),
    more: fc.boolean(),
    settled: fc.boolean(),
  })
  .map(({ outcome, more, settled }) => {
    if (outcome === 'cancelled') return [wire('loan.cancelled', 21, { reason: 'payout_returned' })];
    const story: Raw[] = [];
    if (outcome === 'failed') story.push(wire('repayment.failed', 20.5, { reason: 'funds', repayment_id: REPAYMENT }));
    if (outcome === 'meant') story.push(wire('repayment.failed', 20.5, { reason: 'funds', no: 1 }));
    if (outcome === 'parts') {
      const part = { principal: cny(40_000), interest: cny(0), fees: [], payment_ref: 'P-1a' };
      story.push(paid(1, 21, part), paid(1, 22, { principal: cny(60_000) }));
    } else {
      story.push(paid(1, 22));
    }
    if (more) story.push(paid(2, 24), paid(3, 25));
    if (more && settled) story.push(wire('loan.settled', 26, { settled_at: at(26) }));
    return story;
  });

const CARD = derivedIdBeside('card', begun().application.id, 'number-1');

/** The applicant binds a card, and nobody has answered yet. */
function binding(): Life {
  const life = begun();
  const { application, events } = requestCard(life.application, { id: CARD, bank_code: null, last4: '1234' }, at(0));
  life.write(application, events);
  return life;
}

const asking: fc.Arbitrary<Raw[]> = fc
  .record({
    asks: fc.subarray(['papers', 'more', 'card', 'code', 'agree', 'loan', 'checked'] as const),
    review: fc.boolean(),
  })
  .map(({ asks, review }) => {
    const story: Raw[] = [];
    const ask = (when: number, data: object, done?: number): void => {
      const asked = wire('action.required', when, { expires_at: at(when + 7), ...data });
      story.push(asked);
      if (done !== undefined) story.push(wire('action.completed', done, { action_id: asked.id }));
    };
    const has = (name: (typeof asks)[number]): boolean => asks.includes(name);
    if (has('checked')) {
      const verifications = [{ kind: 'liveness', provider: 'lender', result: 'pass', at: at(0.001) }];
      story.push(wire('application.verifying', 0.001, { verifications }));
    }
    if (has('papers')) ask(0.01, { type: 'supplement', scene: 'apply', fields: ['email'] }, 0.02);
    if (has('more')) ask(0.015, { type: 'supplement', scene: 'apply', documents: ['face'] });
    if (has('card')) ask(0.03, { type: 'otp', scene: 'card', card_id: CARD }, 0.04);
    if (has('code')) ask(0.05, { type: 'otp', scene: 'drawdown' });
    if (review) story.push(wire('application.in_review', 0.06));
    story.push(granted(0.1));
    if (has('agree')) ask(0.11, { type: 'agree', scene: 'drawdown' });
    story.push(requested(0.2));
    if (has('loan')) ask(0.25, { type: 'supplement', scene: 'drawdown', loan_id: LOAN_ID }, 0.26);
    if (review) story.push(wire('loan.paying_out', 0.27), disbursed(0.3));
    return story;
  });

describe('a lender’s whole story, in any order and partly twice, comes to what it comes to in order', () => {
  test('with several loans, and a credit that changes and ends', () => {
    expectSame(wholeStories, begun, 80);
  });

  test('while the partner has an instalment collected', () => {
    expectSame(collecting, repaying([1]), 60);
  });

  test('while the partner has everything collected', () => {
    expectSame(collecting, repaying('all'), 60);
  });

  test('while the applicant is asked for one thing and another', () => {
    expectSame(asking, binding, 80);
  });
});
