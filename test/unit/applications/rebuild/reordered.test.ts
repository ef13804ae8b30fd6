import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestCard } from '../../../../src/applications/lifecycle/cards.ts';
import { requestLoan } from '../../../../src/applications/lifecycle/request-loan.ts';
import { asTheLogKnows } from '../../../../src/applications/rebuild/as-the-log-knows.ts';
import { localPayoff } from '../../../../src/applications/repayments/payoff.ts';
import { requestRepayment } from '../../../../src/applications/repayments/request-repayment.ts';
import { DAY_MS, isoOf } from '../../../../src/base/clock.ts';
import { derivedIdBeside } from '../../../../src/base/ids.ts';
import { sampleApplication } from '../../../support/sample-application.ts';
import { at, cny, disbursed, granted, overdue, PRODUCT, paid, requested, START, wire } from '../lifecycle/story.ts';
import { Life } from './any-steps.ts';

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

/** What is shown, but for when we wrote it. Which loan was the first to be paid out is settled, and priced, as it is heard. */
function shown({ application }: Life): unknown {
  const { updated_at: _, loans, ...rest } = asTheLogKnows(application);
  return {
    ...rest,
    held: application.held,
    loans: application.loans.map(({ ordinal: __, ...loan }) => ({ ...loan, schedule_at: null })),
  };
}

/** What has ended stays ended: the end of an unused credit is final, also where a drawdown of before is told of later. */
function endsAfterDrawdowns(raws: readonly Raw[]): Raw[] {
  const isEnd = ({ type }: Raw): boolean => type === 'credit.expired';
  const lastDrawdown = raws.findLastIndex(({ type }) => type === 'loan.requested');
  const early = raws.filter((raw, index) => isEnd(raw) && index < lastDrawdown);
  return [...raws.filter((raw) => !early.includes(raw)), ...early];
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
      tellAll(crooked, endsAfterDrawdowns([...mixed, ...again]));
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
    if (close === 'while decided' && !second) story.push(wire('credit.expired', 1.03));
    story.sort((one, other) => (one.occurred_at < other.occurred_at ? -1 : 1));
    return story;
  });

describe('a lender’s whole story, in any order and partly twice, comes to what it comes to in order', () => {
  test('with several loans, and a credit that changes and ends', () => {
    expectSame(wholeStories, begun, Number(process.env.RUNS ?? 300));
  });
});
