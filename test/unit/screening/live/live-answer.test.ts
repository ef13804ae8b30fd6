import { describe, expect, test } from 'vitest';
import { readLiveAnswer, withoutAnswer } from '../../../../src/screening/live/live-answer.ts';

const NOW = Date.parse('2026-03-02T04:00:00Z');
const read = (body: unknown, status = 200) => readLiveAnswer({ status, body: JSON.stringify(body) }, NOW);

describe('a lender’s answer', () => {
  test('accepts', () => {
    expect(read({ decision: 'accept' })).toEqual({ decision: 'accept', provisional: false });
  });

  test.each([
    ['existing_customer', 'registered'],
    ['existing_customer', 'has_credit'],
    ['existing_customer', 'has_loan'],
    ['recently_refused', null],
    ['in_progress', null],
  ])('refuses for %s (%s) in our words too', (reason, detail) => {
    expect(read({ decision: 'refuse', reason, detail })).toMatchObject({ decision: 'refuse', reason, detail });
  });

  test.each([{ reason: 'other' }, { reason: 'vip_of_the_chairman', detail: 'has_loan' }, { reason: 7 }, {}])(
    'refuses %j with the reason that says least',
    (more) => {
      expect(read({ decision: 'refuse', ...more })).toMatchObject({
        reason: 'ineligible',
        detail: null,
        retryAtMs: null,
      });
    },
  );

  test('a detail that we do not know is left out', () => {
    expect(read({ decision: 'refuse', reason: 'existing_customer', detail: 'gold' })).toMatchObject({ detail: null });
  });

  test('says until when, unless that is over or cannot be read', () => {
    const until = (retry_at: unknown) => read({ decision: 'refuse', reason: 'recently_refused', retry_at });
    expect(until('2026-04-01T00:00:00+08:00')).toMatchObject({ retryAtMs: Date.parse('2026-03-31T16:00:00Z') });
    expect(until('2026-03-01T00:00:00Z')).toMatchObject({ reason: 'recently_refused', retryAtMs: null });
    expect(until('next week')).toMatchObject({ reason: 'recently_refused', retryAtMs: null });
  });

  test('is none when it is no decision', () => {
    expect(read({ decision: 'maybe' })).toBe('invalid');
    expect(read([])).toBe('invalid');
    expect(readLiveAnswer({ status: 200, body: '<html>' }, NOW)).toBe('invalid');
    expect(read({ decision: 'accept' }, 201)).toBe('http_error');
    expect(read({ decision: 'accept' }, 404)).toBe('http_error');
  });
});

describe('a missing answer', () => {
  test('refuses for the lender, not for the applicant, and for a minute', () => {
    expect(withoutAnswer('refuse', NOW)).toMatchObject({
      decision: 'refuse',
      reason: 'closed',
      detail: 'paused',
      retryAtMs: NOW + 60_000,
    });
  });

  test('or accepts provisionally', () => {
    expect(withoutAnswer('accept', NOW)).toEqual({ decision: 'accept', provisional: true });
  });
});
