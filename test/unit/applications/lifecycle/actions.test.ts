import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openActionOf } from '../../../../src/applications/lifecycle/actions.ts';
import { answerAction } from '../../../../src/applications/lifecycle/answered-action.ts';
import {
  activateCard,
  cardFor,
  cardsOf,
  removeCard,
  requestCard,
} from '../../../../src/applications/lifecycle/cards.ts';
import { expireActions, noteStalled } from '../../../../src/applications/lifecycle/stalled.ts';
import type { Action, Application } from '../../../../src/applications/model.ts';
import { applyMessageAnswer } from '../../../../src/applications/push/message-answers/apply-message-answer.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import { active, at, granted, LOAN_ID, needsInput, START, submitted, tell, types, wire } from './story.ts';

const ask = (days: number, data: object = {}) =>
  wire('action.required', days, { type: 'otp', scene: 'apply', expires_at: at(days + 7), ...data });

/** The first action of an application, as its applicant has given a code. */
function firstAction(application: Application): Action {
  const [action] = application.actions ?? [];
  if (!action) throw new Error('nothing is asked');
  return action;
}

describe('what an applicant has to do', () => {
  test('the newest of each object is shown: of the application, of a loan, of a card', () => {
    const bound = requestCard(active(), { id: 'card_1', bank_code: null, last4: '1234' }, at(1)).application;
    const { application } = tell(bound, [
      ask(2, { message: 'first' }),
      ask(3, { message: 'second' }),
      ask(4, { scene: 'repay', loan_id: LOAN_ID, message: 'loan' }),
      ask(5, { scene: 'card', card_id: 'card_1', message: 'card' }),
      ask(6, { scene: 'card', card_id: 'card_of_nobody', message: 'third' }),
    ]);
    expect(openActionOf(application)?.message).toBe('third');
    expect(openActionOf(application, { loan_id: LOAN_ID })?.message).toBe('loan');
    expect(openActionOf(application, { card_id: 'card_1' })?.message).toBe('card');
  });

  test('of two papers the application waits for both, whichever is given first', () => {
    const [one, other] = [needsInput(1), needsInput(2)];
    const both = tell(submitted(), [one, other]).application;
    const half = tell(both, [wire('action.completed', 3, { action_id: other.id })]).application;
    expect([half.status, openActionOf(half)?.asked_at]).toEqual(['needs_input', at(1)]);
    const done = tell(half, [wire('action.completed', 4, { action_id: one.id })]);
    expect([done.application.status, types(done.events)]).toEqual([
      'verifying',
      ['action.completed', 'application.verifying'],
    ]);
  });

  test('what was answered is not shown, though the lender still waits', () => {
    const waiting = tell(submitted(), [needsInput(1)]).application;
    const { application } = answerAction(waiting, firstAction(waiting), 'digest', START + 2 * DAY_MS);
    expect([application.status, openActionOf(application)]).toEqual(['needs_input', undefined]);
  });

  test('a lender that goes on needs it no longer', () => {
    const waiting = tell(submitted(), [ask(1), ask(1.5, { scene: 'card' })]).application;
    const onward = tell(waiting, [granted(2)]).application;
    expect(openActionOf(onward)).toMatchObject({ scene: 'card' });
    expect(openActionOf(tell(onward, [wire('application.cancelled', 3)]).application)).toBeUndefined();
  });

  test('is kept for so many only', () => {
    const raws = Array.from({ length: 60 }, (_, index) => ask(1 + index / 100));
    expect(tell(submitted(), raws).application.actions).toHaveLength(50);
  });
});

describe('an answer of the lender', () => {
  const next_action = { type: 'otp', expires_at: at(9) } as const;
  const answers = fc.record({
    result: fc.constantFrom('accepted' as const, 'duplicate' as const, 'rejected' as const),
    reason: fc.constantFrom('otp_wrong', 'too_many_attempts', 'card_refused', 'other', null),
    next_action: fc.constantFrom(undefined, next_action, { type: 'dance' }),
  });

  test('comes to nothing the second time, whatever it is about and whatever it says', () => {
    const kinds = fc.constantFrom('supplement', 'action', 'card', 'cancellation' as const);
    const wanted = fc.constantFrom('supplement', 'otp', 'agree', 'card', 'redirect');
    const carded = requestCard(submitted(), { id: 'card_1', bank_code: null, last4: '1234' }, at(1)).application;
    fc.assert(
      fc.property(kinds, wanted, answers, fc.boolean(), fc.boolean(), (kind, type, answer, resend, onCard) => {
        const object = onCard ? { scene: 'card', card_id: 'card_1' } : {};
        const { application } = tell(carded, [ask(2, { type, ...object })]);
        const action = firstAction(application);
        const about = {
          action_id: action.id,
          ...(onCard ? { card_id: 'card_1' } : {}),
          ...(resend ? { resend: true as const } : {}),
          answer: 'digest',
          attempt: kind === 'card' ? 1 : 0,
        };
        const once = applyMessageAnswer(kind, application, about, answer, START + 3 * DAY_MS);
        const twice = applyMessageAnswer(kind, once.application, about, answer, START + 4 * DAY_MS);
        expect(twice).toMatchObject({ application: once.application, events: [] });
      }),
      { numRuns: 300 },
    );
  });
});

describe('time', () => {
  test('an unanswered action expires once, at its instant', () => {
    const waiting = tell(submitted(), [needsInput(1)]).application;
    const lapsed = expireActions(waiting, START + 30 * DAY_MS);
    expect(lapsed.events).toMatchObject([{ type: 'action.expired', occurred_at: at(8) }]);
    expect(expireActions(lapsed.application, START + 31 * DAY_MS).events).toEqual([]);
    expect([lapsed.application.status, openActionOf(lapsed.application)]).toEqual(['needs_input', undefined]);
    const done = tell(lapsed.application, [wire('application.verifying', 9)]).application;
    expect(done.status).toBe('verifying');
  });

  test('who lets an action or a credit lie is told of once, and nobody who has ended', () => {
    const waiting = tell(submitted(), [needsInput(1)]).application;
    expect(noteStalled(waiting, START + 1.9 * DAY_MS).events).toEqual([]);
    const told = noteStalled(waiting, START + 5 * DAY_MS);
    const { id: action_id } = firstAction(waiting);
    expect(told.events).toEqual([
      {
        type: 'application.stalled',
        occurred_at: at(2),
        data: { waiting_for: 'action', action_id, since: at(1) },
      },
    ]);
    expect(noteStalled(told.application, START + 9 * DAY_MS).events).toEqual([]);
    const open = tell(submitted(), [granted(1)]).application;
    const undrawn = noteStalled(open, START + 3 * DAY_MS);
    expect(undrawn.events.map(({ data }) => data)).toEqual([{ waiting_for: 'drawdown', since: at(1) }]);
    expect(noteStalled(undrawn.application, START + 9 * DAY_MS).events).toEqual([]);
    expect(noteStalled(active(), START + 9 * DAY_MS).events).toEqual([]);
    const ended = tell(waiting, [wire('application.cancelled', 1.5)]).application;
    expect(noteStalled(ended, START + 9 * DAY_MS).events).toEqual([]);
  });
});

describe('cards', () => {
  const wanted = (id: string) => ({ id, bank_code: null, last4: '1234' });
  const steps = fc.array(
    fc.record({ id: fc.constantFrom('a', 'b', 'c'), step: fc.constantFrom('request', 'bind', 'remove') }),
    { maxLength: 20 },
  );

  test('exactly one active card is the default, as long as there is one', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let application = submitted();
        for (const [index, { id, step }] of all.entries()) {
          const now = at(1 + index);
          const isActive = cardFor(application, id) !== undefined;
          if (step === 'request' && !isActive) application = requestCard(application, wanted(id), now).application;
          if (step === 'bind') application = activateCard(application, id, now).application;
          if (step === 'remove') application = removeCard(application, id, now).application;
          const bound = cardsOf(application).filter(({ status }) => status === 'active');
          expect(cardsOf(application).filter((card) => card.default)).toHaveLength(bound.length > 0 ? 1 : 0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
