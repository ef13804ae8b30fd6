import type { Expected, Story, StoryStep } from './story.ts';

const GRANTED: StoryStep = { wait: { application: ['credit_granted'] } };
const DRAW: StoryStep = { do: 'draw' };
const PAID_OUT: StoryStep = { wait: { loan: ['active'] } };
const BORROWS: readonly StoryStep[] = [GRANTED, DRAW, PAID_OUT];
const SETTLED: Expected = { loan: ['settled'], after: 'term' };
const LENT = ['credit.granted', 'loan.disbursed'] as const;

/** Two attempts of which nothing is heard, ten seconds each, and the pauses between. */
const SLOW_CORE_MS = 45_000;

/** The application that probes are about: it waits in review, so that nothing of it changes meanwhile. */
export const PROBED_STORY = '0003';

/** The sandbox set as a table: `openapi/guide/sandbox.md` says the same in words. */
export const STORIES: readonly Story[] = [
  {
    key: PROBED_STORY,
    title: 'stays in review',
    steps: [{ wait: { application: ['in_review'] } }],
    events: ['application.in_review'],
    never: ['credit.granted', 'credit.declined'],
  },
  {
    key: '0000',
    title: 'granted, paid out, repaid on time',
    steps: BORROWS,
    later: SETTLED,
    events: LENT,
    laterEvents: ['installment.paid', 'loan.settled'],
    never: ['loan.overdue'],
  },
  {
    key: '0001',
    title: 'declined',
    steps: [{ wait: { application: ['credit_declined'] } }],
    events: ['credit.declined'],
    never: ['credit.granted'],
  },
  {
    key: '0002',
    title: 'asks for more, then granted',
    steps: [{ wait: { asks: 'supplement' } }, { do: 'supplement' }, GRANTED],
    events: ['credit.granted'],
  },
  {
    key: '0004',
    title: 'granted; the payout fails',
    steps: [GRANTED, DRAW, { wait: { loan: ['payout_failed'] } }],
    events: ['credit.granted', 'loan.payout_failed'],
    never: ['loan.disbursed'],
  },
  {
    key: '0005',
    title: 'paid out; pays nothing',
    steps: BORROWS,
    later: { loan: ['overdue'], after: 'term' },
    events: LENT,
    laterEvents: ['loan.overdue'],
    never: ['installment.paid'],
  },
  {
    key: '0006',
    title: 'paid out; sent back in the cooling-off days',
    steps: BORROWS,
    later: { loan: ['cancelled'], loanReason: 'cooling_off', after: { days: 2 } },
    events: LENT,
    laterEvents: ['loan.cancelled'],
  },
  {
    key: '0007',
    title: 'two instalments on time, then all the rest',
    steps: BORROWS,
    later: SETTLED,
    events: LENT,
    laterEvents: ['installment.paid', 'loan.settled'],
  },
  {
    key: '0008',
    title: 'the core is silent twice, then granted',
    steps: [GRANTED],
    events: ['credit.granted'],
    extraMs: SLOW_CORE_MS,
  },
  {
    key: '0009',
    title: 'events in the wrong order, and twice',
    steps: BORROWS,
    later: SETTLED,
    events: LENT,
    laterEvents: ['installment.paid', 'loan.settled'],
    disordered: true,
  },
  {
    key: '0010',
    title: 'draws down in the lender’s own app',
    steps: [GRANTED, { wait: { loan: ['active'], after: { minutes: 1 } } }],
    // Under a revolving limit there is a second loan by then, which may still run; the events tell of the first.
    later: { loan: ['settled', 'active'], after: 'term' },
    events: ['credit.granted', 'loan.requested', 'loan.disbursed'],
    laterEvents: ['loan.settled'],
  },
  {
    key: '0011',
    title: 'a code for the card and for the drawdown',
    steps: [GRANTED, { do: 'card' }, DRAW, { wait: { asks: 'otp' } }, { do: 'otp' }, PAID_OUT],
    events: LENT,
  },
  {
    key: '0012',
    title: 'the drawdown is declined',
    steps: [GRANTED, DRAW, { wait: { loan: ['declined'], after: { minutes: 1 } } }],
    events: ['credit.granted', 'loan.declined'],
    never: ['loan.disbursed'],
  },
  {
    key: '0013',
    title: 'the first debit fails; paid late with a penalty',
    steps: BORROWS,
    later: SETTLED,
    events: LENT,
    laterEvents: ['repayment.failed', 'loan.overdue', 'installment.paid', 'loan.settled'],
  },
  {
    key: '0014',
    title: 'the guarantor pays an instalment',
    steps: BORROWS,
    later: SETTLED,
    events: LENT,
    laterEvents: ['loan.overdue', 'installment.paid', 'loan.settled'],
  },
  {
    key: '0015',
    title: 'the payout comes back',
    steps: BORROWS,
    later: { loan: ['cancelled'], loanReason: 'payout_returned', after: { days: 3 } },
    events: LENT,
    laterEvents: ['loan.cancelled'],
  },
  {
    key: '0016',
    title: 'settled; the last payment is reversed, and paid again',
    steps: BORROWS,
    later: SETTLED,
    events: LENT,
    laterEvents: ['loan.settled', 'installment.reversed', 'loan.settled'],
  },
  {
    key: '0017',
    title: 'settled on day ten',
    steps: BORROWS,
    later: { loan: ['settled'], after: { days: 11 } },
    events: LENT,
    laterEvents: ['loan.settled'],
  },
  {
    key: '0018',
    title: 'the limit is raised',
    steps: [GRANTED],
    later: { raised: true, after: { days: 8 } },
    events: ['credit.granted'],
    laterEvents: ['credit.updated'],
  },
  {
    key: '0019',
    title: 'a customer already',
    steps: [{ wait: { application: ['credit_declined', 'refused'], reason: 'existing_customer' } }],
    events: [],
    never: ['credit.granted'],
  },
  {
    key: 'repays',
    title: 'pays everything back at once',
    steps: [...BORROWS, { do: 'repay' }, { wait: { loan: ['settled'] } }],
    events: [...LENT, 'installment.paid', 'loan.settled'],
  },
  {
    key: 'cancels',
    title: 'wants it no more',
    steps: [GRANTED, { do: 'cancel' }, { wait: { application: ['cancelled'] } }],
    events: ['credit.granted'],
    never: ['loan.disbursed'],
  },
];
