import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { businessDay, businessDayAt } from '../../../src/base/business-day.ts';

const ZONES = ['Asia/Shanghai', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/New_York', 'Pacific/Chatham', 'UTC'];

describe('a business day', () => {
  test('is the calendar day of the zone, whatever was asked before', () => {
    const aroundMidnight = fc.integer({ min: 0, max: 3_000 }).map((quarters) => 1_790_000_000_000 + quarters * 450_000);
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), aroundMidnight, (zone, atMs) => {
        expect(businessDay(atMs, zone)).toBe(DateTime.fromMillis(atMs, { zone }).toISODate());
      }),
    );
  });

  test('ends where the next one begins, also when the clocks change', () => {
    const halfHours = fc.integer({ min: 0, max: 20_000 }).map((count) => 1_790_000_000_000 + count * 1_800_000);
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), halfHours, (zone, atMs) => {
        const { day, endsAtMs } = businessDayAt(atMs, zone);
        expect(endsAtMs).toBeGreaterThan(atMs);
        expect(businessDay(endsAtMs - 1, zone)).toBe(day);
        expect(businessDay(endsAtMs, zone)).not.toBe(day);
      }),
    );
  });

  test('of no zone is an error', () => {
    expect(() => businessDay(0, 'Mars/Olympus')).toThrow('Mars/Olympus is not a time zone');
  });
});
