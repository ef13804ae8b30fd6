import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeAnswer } from '../../../src/delivery/channels/judge-answer.ts';
import {
  ATTEMPTS_MAX,
  breakerPauseMs,
  RETRY_DELAYS_MS,
  retryDelayMs,
} from '../../../src/delivery/channels/retry-schedule.ts';

const HOURS = 3_600_000;

describe('attempts', () => {
  test('are ten: now, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h', () => {
    expect(ATTEMPTS_MAX).toBe(10);
    expect(RETRY_DELAYS_MS.map((ms) => ms / 1_000)).toEqual([
      5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
    expect(retryDelayMs(9, 0)).toBe(24 * HOURS);
    expect(retryDelayMs(10, 0)).toBeNull();
  });

  test('are stretched by up to a fifth, never shortened, and an endpoint may ask for up to an hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 10 * HOURS }),
        (attempts, random, asked) => {
          const base = Math.max(RETRY_DELAYS_MS[attempts - 1] ?? 0, Math.min(asked, HOURS));
          const delay = retryDelayMs(attempts, random, asked) ?? 0;
          expect(delay).toBeGreaterThanOrEqual(base);
          expect(delay).toBeLessThanOrEqual(base * 1.2 + 1);
        },
      ),
    );
  });

  test('an endpoint that stays away is tried ever more seldom, every five minutes at the least', () => {
    expect([1, 2, 3, 4].map((openings) => breakerPauseMs(openings) / 1_000)).toEqual([5, 10, 20, 40]);
    expect(breakerPauseMs(50)).toBe(300_000);
  });
});

describe('what an answer means', () => {
  const answer = (status: number, headers = {}) => judgeAnswer({ ok: true, status, headers, body: Buffer.alloc(0) });

  test('2xx is delivered, 410 is gone, everything else, a redirect too, is sent again', () => {
    expect([200, 202, 204, 299].map((status) => answer(status).kind)).toEqual(Array(4).fill('delivered'));
    expect([301, 302, 307, 400, 401, 404, 429, 500, 503].map((status) => answer(status).kind)).toEqual(
      Array(9).fill('failed'),
    );
    expect(answer(410).kind).toBe('gone');
    expect(answer(503, { 'retry-after': '120' })).toMatchObject({ error: 'http_503', retryAfterMs: 120_000 });
    expect(answer(503, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toMatchObject({ retryAfterMs: 0 });
    expect(judgeAnswer({ ok: false, code: 'timeout', detail: '' })).toMatchObject({ status: null, error: 'timeout' });
  });
});
