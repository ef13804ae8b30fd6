import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { outstandingPrincipal } from '../../../src/applications/lifecycle/available.ts';
import type { Loan } from '../../../src/applications/model.ts';
import { DAY_MS, isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import type { SandboxBook, Told } from '../../../src/sandbox/story/book.ts';
import { BookPlay } from '../../../src/sandbox/story/book-play.ts';
import { type LoanState, stateOfBook } from '../../../src/sandbox/story/state-of-book.ts';
import { transmissionsOf } from '../../../src/sandbox/story/transmissions.ts';
import { BOOK_START, bookProduct, SCENARIO_OF, sampleBook, tell, throughGateway } from '../../support/sandbox-book.ts';

const SHAPES: Record<string, unknown>[] = [
  { repayment: 'equal_instalments' },
  { repayment: 'equal_principal', kind: 'revolving' },
  { repayment: 'interest_only' },
  { repayment: 'bullet', term: { options: [1, 3], unit: 'month' } },
  { repayment: 'bullet', term: { options: [14, 30], unit: 'day' } },
  { fees: [{ kind: 'service', payee: 'lender', percent: '0.2', when: 'each' }] },
  { fees: [{ kind: 'service', payee: 'lender', fixed: 1_000, when: 'upfront' }] },
];

interface Message {
  readonly afterMs: number;
  readonly kind: 'loan' | 'repayment' | 'supplement' | 'otp' | 'resend' | 'cancellation';
  readonly loan: number;
  readonly numbers: readonly number[];
  readonly right: boolean;
}

const messages = fc.array(
  fc.record<Message>({
    // Many in the first minutes, some over the months in which the loans run.
    afterMs: fc.oneof(fc.nat(10 * MINUTE_MS), fc.nat(120 * DAY_MS)),
    kind: fc.constantFrom(
      'loan',
      'loan',
      'repayment',
      'repayment',
      'supplement',
      'otp',
      'otp',
      'resend',
      'cancellation',
    ),
    loan: fc.nat(2),
    numbers: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    right: fc.boolean(),
  }),
  { maxLength: 12 },
);
const stories = fc.record({
  scenario: fc.constantFrom(...Object.values(SCENARIO_OF)),
  shape: fc.constantFrom(...SHAPES),
  alone: fc.boolean(),
  messages,
});

function toTold(book: SandboxBook, { kind, loan, numbers, right }: Message): Told {
  const about = { loan_id: `loan_${loan}`, card_id: null };
  switch (kind) {
    case 'loan':
      return { kind, loan_id: about.loan_id, asked: { ...book.asked, amount: 200_000 } };
    case 'repayment': {
      const installments = numbers.length === 0 ? ('all' as const) : numbers;
      return { kind, loan_id: about.loan_id, loan_ref: null, installments, amount: 0 };
    }
    case 'otp':
      return { kind, right, action_id: `act_${loan}`, ...about };
    case 'resend':
      return { kind, ...about };
    case 'supplement':
      return { kind };
    case 'cancellation':
      return { kind, loan_id: right ? about.loan_id : null, loan_ref: null };
  }
}

/** A payment is made of what the lender asked for an instant before it. */
function quoted(book: SandboxBook, afterMs: number, told: Told): Told {
  if (told.kind !== 'repayment') return told;
  const atMs = Math.max(BOOK_START + afterMs, book.inputs.at(-1)?.at ?? 0);
  const payoff = new BookPlay(book).runUntil(atMs).loan(told.loan_id)?.payoff(told.installments);
  return typeof payoff === 'object' ? { ...told, amount: Number(payoff.total) } : told;
}

function toBook(input: {
  scenario: SandboxBook['scenario'];
  shape: Record<string, unknown>;
  alone: boolean;
  messages: readonly Message[];
}) {
  const start = sampleBook(input.scenario, { product: bookProduct(input.shape) });
  let book: SandboxBook = { ...start, draws_alone: start.draws_alone || input.alone };
  const versions = [book];
  for (const message of [...input.messages].sort((one, other) => one.afterMs - other.afterMs)) {
    // The gateway sends no drawdown under a credit that it has not heard of.
    if (message.kind === 'loan' && !isGrantKnown(book, BOOK_START + message.afterMs)) continue;
    const told = quoted(book, message.afterMs, toTold(book, message));
    const next = tell(book, message.afterMs, told).book;
    if (next === book) continue;
    book = next;
    versions.push(book);
  }
  return { book, versions };
}

function isGrantKnown(book: SandboxBook, atMs: number): boolean {
  return transmissionsOf(book).some(({ step, sendMs }) => sendMs <= atMs && step.event.type === 'credit.granted');
}

describe('whatever the story and whatever the lender is told', () => {
  test('what was sent before something is told stays as it was sent', () => {
    fc.assert(
      fc.property(stories, (input) => {
        const { versions } = toBook(input);
        for (const [index, book] of versions.entries()) {
          const toldMs = versions[index + 1]?.inputs.at(-1)?.at;
          const next = versions[index + 1];
          if (toldMs === undefined || next === undefined) continue;
          const sentBefore = (one: SandboxBook) => transmissionsOf(one).filter(({ sendMs }) => sendMs < toldMs);
          expect(sentBefore(next)).toEqual(sentBefore(book));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the gateway accepts every event to the end, and both then believe the same', () => {
    fc.assert(
      fc.property(stories, (input) => {
        const { book } = toBook(input);
        if (book.scenario === 'existing_customer') return;
        const { application, results } = throughGateway(book);
        expect(results.filter((result) => !/^(applied|duplicate|held)$/.test(result))).toEqual([]);
        expect(application.held).toEqual([]);
        const state = stateOfBook(book, BOOK_START + 3_650 * DAY_MS);
        expect(application.status).toBe(state.status);
        expect(application.credit?.status ?? null).toBe(state.credit?.status ?? null);
        expect(application.loans.map(figuresOfOurs)).toEqual(state.loans.map(figuresOfTheirs));
      }),
      { numRuns: 120 },
    );
  });

  test('steps have unique ids, lie in order of time, and no instalment is paid twice', () => {
    fc.assert(
      fc.property(stories, (input) => {
        const { book } = toBook(input);
        const { steps, application } = new BookPlay(book).runUntil();
        expect(new Set(steps.map((step) => step.id)).size).toBe(steps.length);
        const times = steps.map((step) => step.dueMs);
        expect(times).toEqual(times.toSorted((one, other) => one - other));
        for (const { ledger } of application.loans) {
          const numbers = (ledger?.payments ?? []).map((payment) => payment.no);
          expect(new Set(numbers).size).toBe(numbers.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});

function figuresOfOurs(loan: Loan) {
  const isOut = loan.status === 'active' || loan.status === 'overdue' || loan.status === 'settled';
  const standing = loan.payments.filter((payment) => !payment.reversed);
  const sum = (amountOf: (payment: (typeof standing)[number]) => number) =>
    standing.reduce((total, payment) => total + amountOf(payment), 0);
  return {
    // Which of the two it is depends on the day on which one looks.
    status: loan.status === 'overdue' ? 'active' : loan.status,
    outstanding: isOut ? outstandingPrincipal(loan) : 0,
    paid: {
      count: standing.length,
      principal: sum((payment) => payment.principal),
      interest: sum((payment) => payment.interest),
      fees: sum((payment) => payment.fees.reduce((total, fee) => total + fee.amount, 0)),
      penalty: sum((payment) => payment.penalty),
    },
    disbursed_at: loan.disbursed_at,
    settled_at: loan.settled_at,
    schedule: loan.schedule.map(({ no, due_on, principal, interest }) => [no, due_on, principal, interest]),
  };
}

function figuresOfTheirs(loan: LoanState) {
  const { status, outstanding, paid, disbursed_at, settled_at, schedule } = loan;
  return {
    status: status === 'overdue' ? 'active' : status,
    outstanding,
    paid,
    disbursed_at: disbursed_at === null ? null : isoOf(Date.parse(disbursed_at)),
    settled_at,
    schedule: schedule.map(({ no, due_on, principal, interest }) => [no, due_on, principal, interest]),
  };
}
