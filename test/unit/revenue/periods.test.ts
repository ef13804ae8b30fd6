import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarDaysBetween, localDate, startOfLocalDay } from '../../../src/revenue/calendar.ts';
import { nextPeriod, periodById, periodOf } from '../../../src/revenue/periods.ts';
import type { Cycle } from '../../../src/revenue/terms.ts';
import { shanghai } from './fixtures.ts';

/** Zones whose clocks jump at 2:00, by half an hour, at midnight (so that some days start at 1:00), or never. */
const ZONES = [
  'Asia/Shanghai',
  'Asia/Kolkata',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Beirut',
  'Europe/Berlin',
  'Pacific/Apia',
  'UTC',
];
const CYCLES: Cycle[] = ['month_end', 'half_month', 'daily', 'mon', 'wed', 'sun', 1, 15, 28];

const instants = fc.integer({ min: Date.UTC(2005, 0, 1), max: Date.UTC(2035, 0, 1) });

describe('periods', () => {
  test.each<[Cycle, string, string, string]>([
    ['month_end', '2026-01-31T23:59', '2026-01-01', '2026-02-01'],
    ['month_end', '2026-02-01T00:00', '2026-02-01', '2026-03-01'],
    ['half_month', '2026-02-15T23:59', '2026-02-01', '2026-02-16'],
    ['half_month', '2026-02-16T00:00', '2026-02-16', '2026-03-01'],
    ['daily', '2026-02-28T10:00', '2026-02-28', '2026-03-01'],
    ['sun', '2026-01-04T23:59', '2025-12-29', '2026-01-05'],
    ['mon', '2026-01-05T00:00', '2025-12-30', '2026-01-06'],
    [25, '2026-01-25T23:59', '2025-12-26', '2026-01-26'],
    [25, '2026-01-26T00:00', '2026-01-26', '2026-02-26'],
    [28, '2026-03-01T00:00', '2026-03-01', '2026-03-29'],
  ])('cycle %s: %s in Shanghai is in the period from %s to before %s', (cycle, at, first, next) => {
    expect(periodOf(cycle, 'Asia/Shanghai', shanghai(at))).toEqual({
      id: first,
      fromMs: shanghai(`${first}T00:00`),
      toMs: shanghai(`${next}T00:00`),
    });
  });

  test('periods tile time: an instant is in its period, the next one starts where it ends, in every zone', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.constantFrom(...CYCLES), instants, (zone, cycle, instant) => {
        const period = periodOf(cycle, zone, instant);
        expect(period.fromMs).toBeLessThanOrEqual(instant);
        expect(period.toMs).toBeGreaterThan(instant);
        expect(localDate(period.fromMs, zone)).toBe(period.id);
        expect(periodOf(cycle, zone, period.fromMs)).toEqual(period);
        expect(periodOf(cycle, zone, period.toMs - 1)).toEqual(period);
        const next = nextPeriod(cycle, zone, period);
        expect(next.fromMs).toBe(period.toMs);
        expect(next.id > period.id).toBe(true);
        expect(periodById(cycle, zone, period.id)).toEqual(period);
      }),
      { numRuns: 800 },
    );
  });

  test('ten years of days follow one another in zones whose midnight jumps', () => {
    for (const zone of ['America/Havana', 'America/Sao_Paulo', 'Asia/Beirut']) {
      let period = periodOf('daily', zone, Date.UTC(2010, 0, 1));
      for (let day = 0; day < 3_650; day += 1) {
        const next = nextPeriod('daily', zone, period);
        if (next.fromMs !== period.toMs || calendarDaysBetween(period.fromMs, next.fromMs, zone) !== 1) {
          expect.fail(`${zone} ${period.id} → ${next.id}`);
        }
        period = next;
      }
    }
  });

  test('a day whose midnight happens twice starts at the first, one without midnight at 1:00', () => {
    expect(startOfLocalDay('2025-11-02', 'America/Havana')).toBe(Date.UTC(2025, 10, 2, 4));
    expect(startOfLocalDay('2018-11-04', 'America/Sao_Paulo')).toBe(Date.UTC(2018, 10, 4, 3));
  });

  test('an unknown cycle, zone or period id is refused', () => {
    for (const cycle of ['month', 0, 29, 1.5, 'MON']) expect(() => periodOf(cycle, 'UTC', 0)).toThrow(RangeError);
    expect(() => periodOf('daily', 'Mars/Olympus', 0)).toThrow(RangeError);
    expect(() => periodById('month_end', 'UTC', '2026-01-02')).toThrow(/nearest is 2026-01-01/);
    expect(() => periodById('month_end', 'UTC', 'January')).toThrow(RangeError);
  });
});
