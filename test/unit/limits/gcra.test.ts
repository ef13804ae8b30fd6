import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Rate, remainingOf, secondsToFull, secondsToWait, takeOne } from '../../../src/limits/gcra.ts';

const START = 1_790_000_000;

/** A bucket of tokens, the plainest thing that a rate with bursts can be. */
class TokenBucket {
  tokens: number;
  #lastSeconds = START;
  readonly #rate: Rate;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.tokens = rate.burst;
  }

  fill(nowSeconds: number): void {
    const grown = (nowSeconds - this.#lastSeconds) * this.#rate.perSecond;
    this.tokens = Math.min(this.#rate.burst, this.tokens + grown);
    this.#lastSeconds = nowSeconds;
  }

  take(nowSeconds: number): boolean {
    this.fill(nowSeconds);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}

const powersOfTwo = fc.integer({ min: 0, max: 12 }).map((power) => 2 ** power);
const bursts = fc.integer({ min: 1, max: 500 });
const anyRate = fc.record({ perSecond: fc.integer({ min: 1, max: 1_000_000 }), burst: bursts });
/** Pauses between requests, in quarters of the time that the rate leaves between two. */
const pauses = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 400 });

describe('the rate of requests', () => {
  test('decides as a bucket of tokens does, request for request', () => {
    fc.assert(
      fc.property(powersOfTwo, fc.integer({ min: 1, max: 40 }), pauses, (perSecond, burst, steps) => {
        const rate = { perSecond, burst };
        const model = new TokenBucket(rate);
        let arrival = 0;
        let now = START;
        for (const step of steps) {
          now += step / (4 * perSecond);
          const verdict = takeOne(rate, arrival, now);
          expect(verdict.ok).toBe(model.take(now));
          if (!verdict.ok) continue;
          arrival = verdict.arrival;
          expect(remainingOf(rate, verdict.used)).toBe(Math.floor(model.tokens));
        }
      }),
    );
  });

  test('lets exactly the burst through at one instant, whatever the rate and the instant', () => {
    const instants = fc.double({ min: START, max: START + 1e9, noNaN: true });
    fc.assert(
      fc.property(anyRate, instants, (rate, now) => {
        let arrival = 0;
        for (let count = 0; count < rate.burst; count += 1) {
          const verdict = takeOne(rate, arrival, now);
          if (!verdict.ok) throw new Error(`refused request ${count + 1} of ${rate.burst}`);
          arrival = verdict.arrival;
        }
        expect(takeOne(rate, arrival, now).ok).toBe(false);
      }),
    );
  });

  test('never lets more through in a span of time than the burst and what the rate gives in it', () => {
    fc.assert(
      fc.property(anyRate, fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 300 }), (rate, steps) => {
        let arrival = 0;
        let now = START;
        let accepted = 0;
        for (const step of steps) {
          now += step / rate.perSecond;
          const verdict = takeOne(rate, arrival, now);
          if (!verdict.ok) continue;
          arrival = verdict.arrival;
          accepted += 1;
          expect(accepted).toBeLessThanOrEqual(rate.burst + (now - START) * rate.perSecond + 0.5);
        }
      }),
    );
  });

  test('whoever waits as long as told is let in, and finds the burst full after as long as told', () => {
    fc.assert(
      fc.property(anyRate, (rate) => {
        let arrival = 0;
        let used = 0;
        for (let verdict = takeOne(rate, arrival, START); verdict.ok; verdict = takeOne(rate, arrival, START)) {
          arrival = verdict.arrival;
          used = verdict.used;
        }
        const refused = takeOne(rate, arrival, START);
        if (refused.ok) throw new Error('not refused');
        expect(takeOne(rate, arrival, START + secondsToWait(rate, refused.over)).ok).toBe(true);
        const rested = takeOne(rate, arrival, START + secondsToFull(rate, used));
        expect(rested.ok && rested.used).toBe(1);
      }),
    );
  });

  test('a clock that was set back, and a burst that was lowered, cost a burst at the most', () => {
    const rate = { perSecond: 10, burst: 5 };
    const { arrival } = takeOne(rate, 0, START);
    const hourBefore = START - 3_600;
    const refused = takeOne(rate, arrival, hourBefore);
    expect(refused.ok).toBe(false);
    expect(takeOne(rate, refused.arrival, hourBefore + 0.05).ok).toBe(false);
    expect(takeOne(rate, refused.arrival, hourBefore + 0.1).ok).toBe(true);
    const wide = takeOne({ perSecond: 10, burst: 1_000 }, START * 10 + 900, START);
    const lowered = takeOne(rate, wide.arrival, START);
    expect(takeOne(rate, lowered.arrival, START + 0.1).ok).toBe(true);
  });
});
