import { describe, expect, test } from 'vitest';
import { openActionOf } from '../../../../src/applications/lifecycle/actions.ts';
import { applyPushAnswer } from '../../../../src/applications/lifecycle/push-answer.ts';
import { at, granted, START, submitted, tell, types } from './story.ts';

const received = submitted({ status: 'received', lender_ref: null });

describe('the answer to a push', () => {
  test('accepted and duplicate both submit, under the lender’s reference', () => {
    for (const result of ['accepted', 'duplicate'] as const) {
      const { application, events } = applyPushAnswer(received, { result, lender_ref: 'A-7' }, START, 30);
      expect(application).toMatchObject({ status: 'submitted', lender_ref: 'A-7' });
      expect(events).toEqual([{ type: 'application.submitted', occurred_at: at(0), data: { lender_ref: 'A-7' } }]);
    }
  });

  test('the same answer again changes nothing', () => {
    const answer = { result: 'accepted', lender_ref: 'A-7' } as const;
    const { application } = applyPushAnswer(received, answer, START, 30);
    expect(applyPushAnswer(application, answer, START + 1, 30)).toEqual({ application, events: [] });
    expect(applyPushAnswer(application, answer, START + 1, 30).application).toBe(application);
  });

  test('rejected is declined with the lender’s reason', () => {
    const answer = { result: 'rejected', reason: 'score', detail: 'low', retry_at: at(30) } as const;
    const { application, events } = applyPushAnswer(received, answer, START, 30);
    expect(application).toMatchObject({ status: 'credit_declined', reason: 'score', detail: 'low', retry_at: at(30) });
    expect(events[0]).toMatchObject({ type: 'credit.declined', data: { reason: 'score', retry_at: at(30) } });
    expect(applyPushAnswer(application, answer, START, 30).application).toBe(application);
  });

  test('rejected without a date keeps the applicant out for as long as the product says', () => {
    const { application, events } = applyPushAnswer(received, { result: 'rejected' }, START, 45);
    expect(application).toMatchObject({ status: 'credit_declined', retry_at: at(45) });
    expect(events[0]).toMatchObject({ type: 'credit.declined', data: { retry_at: at(45) } });
  });

  test('an answer that comes after the lender’s events only adds the reference', () => {
    const quick = tell(received, [granted(0.1)]).application;
    const late = applyPushAnswer(quick, { result: 'accepted', lender_ref: 'A-7' }, START, 30);
    expect(late.application).toMatchObject({ status: 'credit_granted', lender_ref: 'A-7' });
    expect(late.events).toEqual([]);
    expect(applyPushAnswer(quick, { result: 'rejected', reason: 'x' }, START, 30).application).toBe(quick);
  });

  test('an answer may ask for input at once', () => {
    const next_action = { type: 'supplement', fields: ['email'], expires_at: at(7) };
    const { application, events } = applyPushAnswer(received, { result: 'accepted', next_action }, START, 30);
    expect(application.status).toBe('needs_input');
    expect(openActionOf(application)).toMatchObject({ scene: 'apply', fields: ['email'] });
    expect(types(events)).toEqual(['application.submitted', 'application.needs_input', 'action.required']);
    const unreadable = applyPushAnswer(received, { result: 'accepted', next_action: { type: 'dance' } }, START, 30);
    expect(unreadable.application.status).toBe('submitted');
    expect(openActionOf(unreadable.application)).toBeUndefined();
  });
});
