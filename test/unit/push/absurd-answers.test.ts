import { describe, expect, test } from 'vitest';
import { requestCard } from '../../../src/applications/lifecycle/cards.ts';
import { applyPushAnswer } from '../../../src/applications/lifecycle/push-answer.ts';
import type { Application } from '../../../src/applications/model.ts';
import { judgeResponse, type PushAnswer } from '../../../src/applications/push/judge-response.ts';
import { applyLoanAnswer } from '../../../src/applications/push/loan-answer.ts';
import { applyMessageAnswer } from '../../../src/applications/push/message-answers/apply-message-answer.ts';
import { SAMPLE_TIME, sampleApplication, sampleLoan } from '../../support/sample-application.ts';

const NOW = Date.parse(SAMPLE_TIME) + 1_000;
const LATER = '2026-03-02T05:00:00.000Z';

const judged = (json: unknown) => judgeResponse({ status: 200, retryAfter: undefined, body: JSON.stringify(json) });
function answer(json: unknown): PushAnswer {
  const outcome = judged(json);
  if (outcome.kind !== 'answered') throw new Error(outcome.error);
  return outcome.answer;
}
const push = (application: Application, json: unknown) => applyPushAnswer(application, answer(json), NOW, 30);

describe('an answer that is JSON, and absurd', () => {
  test.each([
    ['a reference of 10 KB', { result: 'accepted', lender_ref: 'L'.repeat(10_240) }],
    ['an empty reference', { result: 'accepted', lender_ref: '' }],
    ['a reason of a whole book', { result: 'rejected', reason: 'no '.repeat(5_000) }],
    ['an instant in a year of five digits', { result: 'rejected', retry_at: '+012026-01-01T00:00:00Z' }],
    ['a list', [{ result: 'accepted' }]],
    ['a number', 7],
    ['null', null],
    ['a next action that is a list', { result: 'accepted', next_action: ['otp'] }],
  ])('%s is not taken, and asked for again', (_, json) => {
    expect(judged(json)).toMatchObject({ kind: 'retry', unwell: false });
  });

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'http://evil.example/',
    'https://good.example/\r\nSet-Cookie: a=b',
    '//evil.example',
    'HTTPS:evil',
  ])('a page at %j is never handed on: the application is submitted, nobody is sent anywhere', (url) => {
    const next_action = { type: 'redirect', scene: 'apply', url, expires_at: LATER };
    const { application, events } = push(sampleApplication('A'), {
      result: 'accepted',
      lender_ref: 'L-1',
      next_action,
    });
    expect(application).toMatchObject({ status: 'submitted', lender_ref: 'L-1' });
    expect(application.actions ?? []).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(['application.submitted']);
  });

  test('what an answer brings along beyond the contract is left out of what is kept', () => {
    const next_action = { type: 'otp', expires_at: LATER, id: 'act_mine', answered_at: LATER };
    const [action] = push(sampleApplication('A'), { result: 'accepted', next_action }).application.actions ?? [];
    expect(action).not.toHaveProperty('answered_at');
    expect(action?.id).not.toBe('act_mine');
  });

  test('an application that was cancelled stays cancelled, whatever is answered; its reference is kept', () => {
    const cancelled = sampleApplication('A', { status: 'cancelled' });
    const next_action = { type: 'otp', expires_at: LATER };
    const accepted = push(cancelled, { result: 'accepted', lender_ref: 'L-1', next_action });
    expect(accepted).toMatchObject({ application: { status: 'cancelled', lender_ref: 'L-1' }, events: [] });
    expect(push(cancelled, { result: 'rejected', reason: 'policy' })).toMatchObject({
      application: { status: 'cancelled' },
      events: [],
    });
  });

  test('a retry in the past frees at once, one in the year 9999 keeps out that long; neither breaks anything', () => {
    for (const retry_at of ['1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z']) {
      const { application } = push(sampleApplication('A'), { result: 'rejected', reason: 'policy', retry_at });
      expect(application).toMatchObject({ status: 'credit_declined', retry_at });
    }
  });

  test('a drawdown that was paid out already is not declined by an answer that comes late', () => {
    const plain = sampleApplication('A', { status: 'credit_granted' });
    for (const status of ['active', 'paying_out', 'settled', 'cancelled'] as const) {
      const loan = sampleLoan(plain.id, 'D-1', { status });
      const before = { ...plain, loans: [loan] };
      expect(applyLoanAnswer(before, loan.id, answer({ result: 'rejected' }), NOW).application).toBe(before);
    }
  });

  test('a card is not taken as bound while its lender asks for something that cannot be passed on', () => {
    const begun = requestCard(
      sampleApplication('A', { status: 'credit_granted' }),
      { id: 'card_1', bank_code: 'ICBC', last4: '1234' } as never,
      SAMPLE_TIME,
    ).application;
    const about = { card_id: 'card_1', attempt: begun.cards?.[0]?.attempts ?? 1 };
    const bind = (json: unknown) =>
      applyMessageAnswer('card', begun, about, answer(json), NOW).application.cards?.map(({ status }) => status);
    expect(
      bind({ result: 'accepted', next_action: { type: 'redirect', url: 'javascript:0', expires_at: LATER } }),
    ).toEqual(['pending']);
    expect(bind({ result: 'accepted', next_action: {} })).toEqual(['active']);
    expect(bind({ result: 'accepted' })).toEqual(['active']);
  });
});
