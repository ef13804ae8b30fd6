import { describe, expect, test } from 'vitest';
import { judgePayoffAnswer } from '../../../../src/applications/repayments/judge-payoff-answer.ts';
import { at, cny, START } from '../lifecycle/story.ts';

const asked = { installments: 'all', nos: [1, 2], currency: 'CNY', outstanding: 200_000, nowMs: START } as const;
const answer = (change: object = {}) => ({
  amount: cny(201_650),
  principal: cny(200_000),
  interest: cny(1_500),
  fees: [{ kind: 'service', payee: 'lender', amount: cny(200) }],
  penalty: cny(50),
  waived: cny(100),
  valid_until: at(1),
  ...change,
});

describe('a lender’s payoff', () => {
  test('is taken when its parts come to its amount', () => {
    expect(judgePayoffAnswer(answer(), asked)).toMatchObject({
      ok: true,
      payoff: { source: 'lender', nos: [1, 2], amount: 201_650, penalty: 50, waived: 100, valid_until: at(1) },
    });
    const plain = { amount: cny(200_000), principal: cny(200_000), interest: cny(0), valid_until: at(1) };
    expect(judgePayoffAnswer(plain, asked)).toMatchObject({ ok: true, payoff: { fees: [], penalty: 0, waived: 0 } });
  });

  test('is refused when it contradicts itself, the loan or the clock, and says where', () => {
    const detailOf = (change: object): unknown => judgePayoffAnswer(answer(change), asked);
    expect(detailOf({ amount: cny(201_651) })).toMatchObject({ ok: false, detail: expect.stringContaining('201650') });
    expect(detailOf({ penalty: { amount: 50, currency: 'USD' } })).toMatchObject({
      detail: expect.stringContaining('USD'),
    });
    expect(detailOf({ principal: cny(200_001), amount: cny(201_651) })).toMatchObject({
      detail: expect.stringContaining('outstanding'),
    });
    expect(detailOf({ valid_until: at(0) })).toMatchObject({ detail: expect.stringContaining('has passed') });
    expect(detailOf({ interest: undefined })).toMatchObject({ detail: expect.stringMatching(/^\/interest: /) });
    expect(judgePayoffAnswer('no', asked)).toMatchObject({ ok: false });
  });
});
