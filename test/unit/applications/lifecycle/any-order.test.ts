import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  APPLICATION_TRANSITIONS,
  TERMINAL_APPLICATION_STATUSES,
} from '../../../../src/applications/lifecycle/application-transitions.ts';
import { inboxWrites } from '../../../../src/applications/lifecycle/dated.ts';
import { LOAN_TRANSITIONS, TERMINAL_LOAN_STATUSES } from '../../../../src/applications/lifecycle/loan-transitions.ts';
import type { TransitionTable } from '../../../../src/applications/lifecycle/transitions.ts';
import type { Application } from '../../../../src/applications/model.ts';
import { answerLenderEvents } from '../../../../src/intake/answer-lender-events.ts';
import type { Remembered } from '../../../../src/intake/lender-inbox.ts';
import {
  at,
  cny,
  disbursed,
  factsAt,
  granted,
  LOAN_ID,
  needsInput,
  overdue,
  paid,
  parsed,
  requested,
  schedule,
  submitted,
  wire,
} from './story.ts';

type Raw = ReturnType<typeof wire>;

/** A lender's side as its door sees it: what was answered is remembered, as the inbox does. */
class Conversation {
  application: Application;
  readonly memory = new Map<string, Remembered>();

  constructor(application: Application) {
    this.application = application;
  }

  send(raw: Raw): string {
    const incoming = [{ event: parsed(raw), digest: JSON.stringify(raw) }];
    const decision = answerLenderEvents(this.application, incoming, this.memory, factsAt(200));
    this.application = decision.application;
    for (const [id, answer] of decision.remember) this.memory.set(id, answer);
    return decision.result[0]?.result ?? 'nothing';
  }

  /** Sends everything, then what was rejected or dropped again, as a lender may, until nothing more is taken. */
  sendAll(raws: readonly Raw[]): void {
    for (const raw of raws) this.send(raw);
    for (let round = 0; round < raws.length; round += 1) {
      const open = raws.filter((raw) => (this.memory.get(raw.id)?.result ?? 'rejected') === 'rejected');
      const taken = open.filter((raw) => this.send(raw) !== 'rejected');
      if (taken.length === 0) return;
    }
  }
}

const reachable = <S extends string>(table: TransitionTable<S>, from: S): ReadonlySet<S> => {
  const seen = new Set<S>([from]);
  for (const status of seen) for (const to of Object.values(table[status]) as S[]) seen.add(to);
  return seen;
};

/** Any event at any time, plausible or not. */
const anyEvent: fc.Arbitrary<Raw> = fc
  .record({
    days: fc.integer({ min: 0, max: 150 }),
    no: fc.integer({ min: 1, max: 3 }),
    ref: fc.constantFrom('P-1', 'P-2', 'P-3', 'P-4'),
    amount: fc.integer({ min: 0, max: 110_000 }),
    pick: fc.nat(26),
  })
  .map(({ days, no, ref, amount, pick }) => {
    const makers: (() => Raw)[] = [
      () => wire('application.verifying', days),
      () => wire('application.in_review', days),
      () => wire('application.cancelled', days),
      () => needsInput(days),
      () => wire('action.completed', days, { action_id: 'nobody’s' }),
      () => granted(days),
      () => granted(days),
      () => wire('credit.declined', days, { reason: 'policy' }),
      () => wire('credit.updated', days, { amount: cny(400_000 + amount) }),
      () => wire('credit.expired', days),
      () => requested(days),
      () => requested(days),
      () => wire('loan.in_review', days),
      () => wire('loan.declined', days),
      () => wire('loan.paying_out', days),
      () => wire('loan.payout_failed', days),
      () => disbursed(days),
      () => disbursed(days),
      () => paid(no, days, { payment_ref: ref, principal: cny(amount) }),
      () => paid(no, days, { payment_ref: ref, waived: cny(amount) }),
      () => wire('installment.reversed', days, { payment_ref: ref, reason: 'bounced' }),
      () => overdue(no, days, Math.max(1, days)),
      () => wire('loan.cured', days),
      () => wire('loan.settled', days, { settled_at: at(days) }),
      () => wire('loan.written_off', days, { written_off_at: at(days) }),
      () => wire('loan.cancelled', days, { reason: 'cooling_off' }),
      () => wire('loan.schedule_updated', days, { schedule: schedule(), reason: 'correction' }),
    ];
    return (makers[pick] ?? (() => granted(days)))();
  });

const anySequence = fc.array(anyEvent, { minLength: 1, maxLength: 40 });

/** Follows a sequence step by step. */
function follow(raws: readonly Raw[], look: (before: Application, after: Application) => void): Conversation {
  const conversation = new Conversation(submitted());
  for (const raw of raws) {
    const before = conversation.application;
    conversation.send(raw);
    look(before, conversation.application);
  }
  return conversation;
}

describe('whatever a lender sends', () => {
  test('every status follows from the one before it', () => {
    fc.assert(
      fc.property(anySequence, (raws) => {
        follow(raws, (before, after) => {
          expect(reachable(APPLICATION_TRANSITIONS, before.status)).toContain(after.status);
          for (const loan of after.loans) {
            const earlier = before.loans.find((each) => each.id === loan.id)?.status ?? 'requested';
            expect(reachable(LOAN_TRANSITIONS, earlier)).toContain(loan.status);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test('a terminal status is never left, and settled only by a reversal', () => {
    fc.assert(
      fc.property(anySequence, (raws) => {
        follow(raws, (before, after) => {
          if (TERMINAL_APPLICATION_STATUSES.has(before.status)) expect(after.status).toBe(before.status);
          for (const loan of before.loans) {
            const later = after.loans.find((each) => each.id === loan.id);
            if (TERMINAL_LOAN_STATUSES.has(loan.status)) expect(later?.status).toBe(loan.status);
            if (loan.status === 'written_off') expect(later?.status).toBe('written_off');
            if (loan.status !== 'settled' || later?.status === 'settled') continue;
            const reversed = (each: typeof loan) => each.payments.filter((payment) => payment.reversed).length;
            expect(reversed(later ?? loan)).toBeGreaterThan(reversed(loan));
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test('no more is ever paid than was due, and what is paid is the sum of the payments that stand', () => {
    fc.assert(
      fc.property(anySequence, (raws) => {
        follow([granted(0), requested(0), disbursed(0), ...raws], (_, after) => {
          for (const loan of after.loans) {
            for (const item of loan.schedule) {
              const fees = item.fees.reduce((sum, fee) => sum + fee.amount, 0);
              expect(item.paid.principal).toBeLessThanOrEqual(item.principal);
              expect(item.paid.interest).toBeLessThanOrEqual(item.interest);
              expect(item.paid.fees).toBeLessThanOrEqual(fees);
              const standing = loan.payments.filter((payment) => payment.no === item.no && !payment.reversed);
              expect(item.paid.principal).toBe(standing.reduce((sum, payment) => sum + payment.principal, 0));
            }
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test('what was answered is not applied again, however often it is sent', () => {
    fc.assert(
      fc.property(anySequence, (raws) => {
        const conversation = follow(raws, () => undefined);
        for (const raw of raws) {
          const known = conversation.memory.get(raw.id);
          if (!known || known.result === 'rejected') continue;
          const before = conversation.application;
          expect(conversation.send(raw)).toBe('duplicate');
          expect(conversation.application).toBe(before);
        }
      }),
      { numRuns: 200 },
    );
  });
});

const reversal = (no: number, days: number) =>
  wire('installment.reversed', days, { payment_ref: `P-${no}`, reason: 'bounced' });

const papers = (days: number) => ({ type: 'supplement', scene: 'drawdown', expires_at: at(days + 7) });

const code = (days: number, scene: string) =>
  wire('action.required', days, { type: 'otp', scene, expires_at: at(days + 7) });

/** A whole history that a lender may live through, in order. Due days: 31, 59, 90. */
const history: fc.Arbitrary<Raw[]> = fc
  .record({
    verifying: fc.boolean(),
    inputs: fc.integer({ min: 0, max: 2 }),
    both: fc.boolean(),
    passing: fc.boolean(),
    paperwork: fc.boolean(),
    review: fc.boolean(),
    updates: fc.integer({ min: 0, max: 2 }),
    preparing: fc.boolean(),
    extended: fc.boolean(),
    late: fc.boolean(),
    partial: fc.boolean(),
    cured: fc.boolean(),
    end: fc.constantFrom('open', 'settled', 'reversed', 'written_off', 'cancelled', 'settled_then_reversed'),
  })
  .map((plan) => {
    const story: Raw[] = [];
    if (plan.verifying) story.push(wire('application.verifying', 0.01));
    for (let turn = 0; turn < plan.inputs; turn += 1) {
      const ask = needsInput(0.02 + turn / 100);
      story.push(ask, wire('action.completed', 0.025 + turn / 100, { action_id: ask.id }));
    }
    if (plan.both) {
      // Two at once, and the one that was asked last is given first.
      const [one, other] = [needsInput(0.041), needsInput(0.042)];
      const done = [other, one].map((ask, turn) =>
        wire('action.completed', 0.043 + turn / 1_000, { action_id: ask.id }),
      );
      story.push(one, other, ...done);
    }
    if (plan.passing) story.push(code(0.046, 'apply'), code(0.047, 'card'));
    if (plan.review) story.push(wire('application.in_review', 0.05));
    story.push(granted(0.1));
    if (plan.updates > 0) story.push(wire('credit.updated', 0.11, { amount: cny(450_000), apr: '0.2' }));
    if (plan.updates > 1) story.push(wire('credit.updated', 0.12, { amount: cny(400_000), grade: 'B' }));
    story.push(requested(0.2));
    if (plan.paperwork) {
      const ask = wire('action.required', 0.202, { ...papers(0.202), loan_id: LOAN_ID });
      story.push(ask, wire('action.completed', 0.203, { action_id: ask.id }));
      story.push(wire('action.required', 0.204, { ...papers(0.204), type: 'otp', loan_id: LOAN_ID }));
    }
    if (plan.preparing) story.push(wire('loan.in_review', 0.21), wire('loan.paying_out', 0.22));
    story.push(disbursed(0.3));
    if (plan.end === 'cancelled') {
      const half = { principal: cny(50_000), interest: cny(0), fees: [] };
      return [...story, paid(1, 1, half), wire('loan.cancelled', 2, { reason: 'cooling_off' })];
    }
    if (plan.extended) story.push(wire('loan.schedule_updated', 5, { schedule: schedule(), reason: 'correction' }));
    if (plan.late) story.push(overdue(1, 33, 2));
    if (plan.partial) {
      const parts = { principal: cny(40_000), interest: cny(1_500), payment_ref: 'P-1a' };
      story.push(paid(1, plan.late ? 34 : 30, parts));
      story.push(paid(1, plan.late ? 35 : 30.5, { principal: cny(60_000), interest: cny(0), fees: [] }));
    } else {
      story.push(paid(1, plan.late ? 35 : 30));
    }
    if (plan.late && plan.cured) story.push(wire('loan.cured', 35.5));
    story.push(paid(2, 58));
    if (plan.end === 'open') return story;
    if (plan.end === 'written_off')
      return [...story, overdue(3, 91, 1), wire('loan.written_off', 150, { written_off_at: at(150) })];
    if (plan.end === 'reversed') return [...story, reversal(2, 60)];
    // Lenders book both in one second, and tell them in any order.
    if (plan.late && plan.cured) story.push(wire('loan.cured', 80.5));
    story.push(paid(3, 80), wire('loan.settled', 80.5, { settled_at: at(80.5), early: true }));
    if (plan.end === 'settled_then_reversed') story.push(reversal(3, 85));
    return story;
  });

describe('a whole history', () => {
  const outcome = ({ application }: Conversation): unknown => {
    const { updated_at: _, ...rest } = application;
    return { ...rest, inbox_writes: inboxWrites(application) > 0 };
  };

  test('told in order is applied event by event', () => {
    fc.assert(
      fc.property(history, (raws) => {
        const conversation = new Conversation(submitted());
        for (const raw of raws) expect([raw.type, conversation.send(raw)]).toEqual([raw.type, 'applied']);
      }),
      { numRuns: 300 },
    );
  });

  test('told in any order comes to the same state, nothing left waiting', () => {
    const shuffled = history.chain((raws) =>
      fc.tuple(fc.constant(raws), fc.shuffledSubarray(raws, { minLength: raws.length })),
    );
    fc.assert(
      fc.property(shuffled, ([sorted, mixed]) => {
        const straight = new Conversation(submitted());
        straight.sendAll(sorted);
        const crooked = new Conversation(submitted());
        crooked.sendAll(mixed);
        expect(crooked.application.held).toEqual([]);
        expect(outcome(crooked)).toEqual(outcome(straight));
      }),
      { numRuns: 500 },
    );
  });
});
