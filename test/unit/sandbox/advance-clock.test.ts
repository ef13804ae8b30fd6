import { describe, expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../../src/base/clock.ts';
import { createClockMover, type DueSource } from '../../../src/sandbox/advance-clock.ts';
import { parseClockMove } from '../../../src/sandbox/parse-clock-move.ts';

const START = Date.parse('2026-03-02T00:00:00.000Z');

/** A source whose steps note what they saw, and may plan more. */
function fakeSource(name: string, dues: number[], journal: string[], then?: (dueMs: number) => number | undefined) {
  const waiting = [...dues];
  const source: DueSource = {
    name,
    nextDue: async () => (waiting.length === 0 ? null : Math.min(...waiting)),
    async runDue(nowMs) {
      const due = waiting.filter((dueMs) => dueMs <= nowMs).sort((a, b) => a - b);
      for (const dueMs of due) {
        waiting.splice(waiting.indexOf(dueMs), 1);
        journal.push(`${name} +${(dueMs - START) / MINUTE_MS}`);
        const more = then?.(dueMs);
        if (more !== undefined) waiting.push(more);
      }
      return due.length;
    },
  };
  return source;
}

function fakeClock() {
  let nowMs = START;
  const stops: number[] = [];
  return {
    stops,
    nowMs: () => nowMs,
    async moveTo(targetMs: number) {
      nowMs = Math.max(nowMs, targetMs);
      stops.push(nowMs - START);
      return nowMs;
    },
  };
}

const at = (minutes: number) => START + minutes * MINUTE_MS;

describe('moving the sandbox clock', () => {
  test('things of different sources happen in the order in which they are due', async () => {
    const journal: string[] = [];
    const sources = [
      fakeSource('lender', [at(10), at(50), at(300)], journal),
      fakeSource('timers', [at(30), at(299)], journal),
      fakeSource('holds', [at(10), at(500)], journal),
    ];
    const mover = createClockMover({ clock: fakeClock(), sources, settle: async () => undefined });
    expect(await mover.advanceTo(at(400))).toBe(at(400));
    expect(journal).toEqual(['lender +10', 'holds +10', 'timers +30', 'lender +50', 'timers +299', 'lender +300']);
  });

  test('what a step sets off happens on the way when it falls due before the end', async () => {
    const journal: string[] = [];
    const chain = (dueMs: number) => (dueMs < at(200) ? dueMs + 90 * MINUTE_MS : undefined);
    const sources = [fakeSource('lender', [at(5)], journal, chain)];
    await createClockMover({ clock: fakeClock(), sources, settle: async () => undefined }).advanceTo(at(200));
    expect(journal).toEqual(['lender +5', 'lender +95', 'lender +185']);
  });

  test('steps of one source within an hour share one stop', async () => {
    const journal: string[] = [];
    const clock = fakeClock();
    const dues = Array.from({ length: 300 }, (_, index) => START + index * 1_000);
    await createClockMover({
      clock,
      sources: [fakeSource('lender', dues, journal)],
      settle: async () => undefined,
    }).advanceTo(START + 24 * HOUR_MS);
    expect(journal).toHaveLength(300);
    expect(clock.stops).toEqual([HOUR_MS - 1, 24 * HOUR_MS]);
  });

  test('comes to rest before the first stop, after every stop and at the end', async () => {
    let settled = 0;
    const sources = [fakeSource('lender', [at(10), at(100)], [])];
    const settle = async () => {
      settled += 1;
    };
    await createClockMover({ clock: fakeClock(), sources, settle }).advanceTo(at(200));
    expect(settled).toBe(4);
  });

  test('what is for every day is done once, when the clock has come to where it was moved', async () => {
    const journal: string[] = [];
    const source: DueSource = {
      ...fakeSource('lender', [at(10)], journal),
      catchUp: async (nowMs) => void journal.push(`caught up to +${(nowMs - START) / MINUTE_MS}`),
    };
    await createClockMover({ clock: fakeClock(), sources: [source], settle: async () => undefined }).advanceTo(at(200));
    expect(journal).toEqual(['lender +10', 'caught up to +200']);
  });

  test('a second move waits for the first', async () => {
    const journal: string[] = [];
    const sources = [fakeSource('lender', [at(10), at(100)], journal)];
    const mover = createClockMover({ clock: fakeClock(), sources, settle: async () => undefined });
    const [first, second] = await Promise.all([mover.advanceTo(at(50)), mover.advanceTo(at(150))]);
    expect([first, second]).toEqual([at(50), at(150)]);
    expect(journal).toEqual(['lender +10', 'lender +100']);
  });

  test('a source that never gets done is named instead of turning for ever', async () => {
    const stuck: DueSource = { name: 'holds', nextDue: async () => at(10), runDue: async () => 0 };
    const mover = createClockMover({ clock: fakeClock(), sources: [stuck], settle: async () => undefined });
    await expect(mover.advanceTo(at(50))).rejects.toThrow('holds still has something due');
  });
});

describe('the request to move the clock', () => {
  test.each([
    [{ advance: '30m' }, 30 * MINUTE_MS],
    [{ advance: '2h' }, 2 * HOUR_MS],
    [{ advance: '30d' }, 30 * 24 * HOUR_MS],
    [{ to: '2026-03-02T08:00:00+08:00' }, 0],
    [{ to: '2026-03-03T00:00:00Z' }, 24 * HOUR_MS],
  ])('%j is understood', (body, ms) => {
    expect(parseClockMove(body, START)).toEqual({ ok: true, targetMs: START + ms });
  });

  test.each([
    [null, ''],
    ['30d', ''],
    [{}, ''],
    [{ advance: '1d', to: '2026-03-03T00:00:00Z' }, ''],
    [{ advance: 30 }, '/advance'],
    [{ advance: '0d' }, '/advance'],
    [{ advance: '-1d' }, '/advance'],
    [{ advance: '1w' }, '/advance'],
    [{ advance: '99999d' }, '/advance'],
    [{ to: 'tomorrow' }, '/to'],
    [{ to: '2026-13-03T00:00:00Z' }, '/to'],
    [{ to: '2026-03-01T00:00:00Z' }, '/to'],
  ])('%j is refused at its place', (body, pointer) => {
    expect(parseClockMove(body, START)).toMatchObject({ ok: false, pointer });
  });
});
