import { describe, expect, test } from 'vitest';
import { cancelDecision } from '../../../../src/applications/lifecycle/cancel.ts';
import { applyPushAnswer } from '../../../../src/applications/lifecycle/push-answer.ts';
import type { Application } from '../../../../src/applications/model.ts';
import { sampleApplication } from '../../../support/sample-application.ts';
import { at, disbursed, granted, needsInput, requested, START, submitted, tell, wire } from './story.ts';

const DAY_MS = 86_400_000;

/** Ended by its partner, so many days after the start; its lender has not heard of it. */
function calledOff(application: Application, days: number): Application {
  const decision = cancelDecision(application, { reason: 'changed_mind', by: 'partner' }, START + days * DAY_MS);
  if (decision.kind !== 'cancelled') throw new Error(decision.kind);
  return decision.application;
}

const received = (): Application => sampleApplication('ORDER-1', { lender_ref: null });
const declined = (days: number) => wire('credit.declined', days, { reason: 'credit_policy', retry_at: at(days + 30) });

describe('an application that its partner ends while its lender goes on', () => {
  test.each([
    ['verifying', wire('application.verifying', 2)],
    ['asked for papers', needsInput(2)],
    ['in review', wire('application.in_review', 2)],
    ['granted', granted(2)],
    ['declined', declined(2)],
  ])('takes what the lender says before it has heard of that as history: %s', (_, raw) => {
    const { application, decisions, events } = tell(calledOff(submitted(), 1), [raw]);
    expect(decisions.map(({ result }) => result)).toEqual(['applied']);
    expect(events.length).toBeGreaterThan(0);
    expect(application).toMatchObject({ status: 'cancelled', reason: 'changed_mind' });
    expect(application.credit?.status ?? 'closed').toBe('closed');
  });

  test('takes nothing from after the lender has ended it too, whichever is heard of first', () => {
    const ended = wire('application.cancelled', 3, { reason: 'customer' });
    const { decisions } = tell(calledOff(submitted(), 1), [ended, granted(4)]);
    expect(decisions.map(({ result }) => result)).toEqual(['applied', 'rejected']);
    const other = tell(calledOff(submitted(), 1), [ended, granted(2)]);
    expect(other.decisions.map(({ result }) => result)).toEqual(['applied', 'applied']);
    expect(other.application.credit?.status).toBe('closed');
  });

  test('goes on when money went out before the lender had heard of it', () => {
    const before = calledOff(tell(submitted(), [granted(1)]).application, 1.5);
    const { application, events } = tell(before, [requested(2), disbursed(2.1)]);
    expect(application).toMatchObject({
      status: 'credit_granted',
      reason: null,
      credit: { status: 'active', amount: 500_000 },
      loans: [{ status: 'active' }],
    });
    expect(events.at(-1)).toMatchObject({
      type: 'loan.disbursed',
      now: { status: 'credit_granted', credit: 'active', reason: null },
    });
  });

  test('stays ended when the drawdown comes to nothing', () => {
    const before = calledOff(tell(submitted(), [granted(1)]).application, 1.5);
    const failed = wire('loan.payout_failed', 2.1, { reason: 'bank_rejected' });
    expect(tell(before, [requested(2), failed]).application.status).toBe('cancelled');
  });

  test('counts as submitted once, by whatever shows first that the lender has received it', () => {
    const ended = calledOff(received(), 0.1);
    const answer = { result: 'accepted', lender_ref: 'A-1' } as const;
    const byEvent = tell(ended, [wire('application.verifying', 0.2), granted(0.3)]);
    expect(byEvent.events.map(({ type }) => type)).toEqual([
      'application.submitted',
      'application.verifying',
      'credit.granted',
    ]);
    const later = applyPushAnswer(byEvent.application, answer, START + DAY_MS, 30);
    expect(later).toMatchObject({ application: { lender_ref: 'A-1' }, events: [] });
    const byAnswer = applyPushAnswer(ended, answer, START + DAY_MS, 30);
    expect(byAnswer.events.map(({ type }) => type)).toEqual(['application.submitted']);
    expect(byAnswer.application).toMatchObject({ status: 'cancelled', lender_ref: 'A-1' });
    expect(applyPushAnswer(byAnswer.application, answer, START + DAY_MS, 30).events).toEqual([]);
  });

  test('keeps the lender’s reference of what the lender would not have', () => {
    const answer = { result: 'rejected', reason: 'existing_customer', lender_ref: 'A-1' } as const;
    const { application, events } = applyPushAnswer(calledOff(received(), 0.1), answer, START + DAY_MS, 30);
    expect(application).toMatchObject({ status: 'cancelled', lender_ref: 'A-1', reason: 'changed_mind' });
    expect(events).toEqual([]);
  });
});
