import { describe, expect, test } from 'vitest';
import { judgeResponse } from '../../../src/applications/push/judge-response.ts';
import { RETRY_DELAYS_MS, retryDelayMs } from '../../../src/applications/push/retry-delay.ts';

const judge = (status: number, body = '{}', retryAfter?: string) => judgeResponse({ status, body, retryAfter });

describe('what an answer of a core means', () => {
  test.each([200, 202])('%i with a valid answer is the answer, unknown fields left out', (status) => {
    const body = JSON.stringify({ result: 'accepted', lender_ref: 'L-1', colour: 'blue' });
    expect(judge(status, body)).toEqual({ kind: 'answered', answer: { result: 'accepted', lender_ref: 'L-1' } });
  });

  test.each([408, 409, 425, 429, 500, 502, 503, 504])('%i is sent again', (status) => {
    expect(judge(status)).toMatchObject({ kind: 'retry', error: `http_${status}`, unwell: status >= 500 });
  });

  test.each([301, 400, 401, 403, 404, 413, 422])('%i is given up at once', (status) => {
    expect(judge(status)).toEqual({ kind: 'dead', error: `http_${status}`, status });
  });

  test.each(['', 'not json', '{"result":"perhaps"}', '{"result":"accepted","lender_ref":7}'])(
    'a 200 with the body %j is asked again, since the core may hold the application',
    (body) => expect(judge(200, body)).toMatchObject({ kind: 'retry', unwell: false }),
  );

  test('an invalid answer is told by its place, never by its content', () => {
    const outcome = judge(200, '{"result":"accepted","retry_at":"13800138000"}');
    expect(outcome).toMatchObject({ kind: 'retry', error: 'answer_invalid /retry_at' });
  });

  test('Retry-After in seconds is honoured, a date is not', () => {
    expect(judge(503, '', '7')).toMatchObject({ retryAfterMs: 7_000 });
    expect(judge(503, '', 'Wed, 21 Oct 2026 07:28:00 GMT')).toMatchObject({ retryAfterMs: 0 });
  });
});

describe('the wait before the next attempt', () => {
  test('is 1 s, 5 s, 30 s, 2 min, 10 min, then 30 min for ever', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 500].map((attempt) => retryDelayMs(attempt, 0));
    expect(waits).toEqual([1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000, 1_800_000, 1_800_000]);
  });

  test('is stretched by up to a fifth, never shortened', () => {
    for (const [index, delay] of RETRY_DELAYS_MS.entries()) {
      expect(retryDelayMs(index + 1, 0.999)).toBeGreaterThan(delay);
      expect(retryDelayMs(index + 1, 0.999)).toBeLessThanOrEqual(delay * 1.2);
    }
  });

  test('is never longer than the lender’s file says, unless the core asks for it', () => {
    expect([1, 2, 3, 500].map((attempt) => retryDelayMs(attempt, 0, 0, 5_000))).toEqual([1_000, 5_000, 5_000, 5_000]);
    expect(retryDelayMs(1, 0, 20_000, 5_000)).toBe(20_000);
  });

  test('is at least what the core asked for, up to half an hour', () => {
    expect(retryDelayMs(1, 0, 20_000)).toBe(20_000);
    expect(retryDelayMs(1, 0, 86_400_000)).toBe(1_800_000);
  });
});
