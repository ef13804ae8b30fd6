import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { LenderLine, LINE_PLACES, type LineReply } from '../../../../src/screening/live/lender-line.ts';
import { type CoreAnswer, startFakeCore } from '../../../support/fake-core.ts';

const ACCEPT: CoreAnswer = { status: 200, body: { decision: 'accept' } };
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function lineTo(answer: Parameters<typeof startFakeCore>[0]) {
  const core = await startFakeCore(answer);
  const breaker: boolean[] = [];
  const line = new LenderLine((isOpen) => void breaker.push(isOpen));
  closers.push(
    () => core.close(),
    () => line.close(),
  );
  const message = { url: `${core.url}/prechecks`, headers: { 'content-type': 'application/json' }, body: '{}' };
  const ask = (timeoutMs: number): Promise<LineReply> =>
    line.exchange(message, { untilMs: performance.now() + timeoutMs, timeoutMs });
  return { core, line, breaker, ask };
}

const outcomeOf = (reply: LineReply) => (typeof reply === 'string' ? reply : String(reply.status));

describe('the line to a lender', () => {
  test('carries so many questions at a time and no more; who finds no place in time is told so', async () => {
    const timeoutMs = 3_000;
    let release = (): void => undefined;
    const released = new Promise<CoreAnswer>((resolve) => {
      release = () => resolve(ACCEPT);
    });
    const { core, breaker, ask } = await lineTo((_, count) => (count <= LINE_PLACES ? released : 'hang'));
    const startedMs = performance.now();
    const replies = Promise.all(Array.from({ length: 4 * LINE_PLACES }, () => ask(timeoutMs)));
    await delay(timeoutMs * 0.6 - (performance.now() - startedMs));
    expect(core.received).toHaveLength(LINE_PLACES);
    release();
    const outcomes = (await replies).map(outcomeOf);
    expect(performance.now() - startedMs).toBeLessThan(2 * timeoutMs);
    expect(new Set(outcomes)).toEqual(new Set(['200', 'timeout', 'busy']));
    expect(outcomes.filter((outcome) => outcome === '200')).toHaveLength(LINE_PLACES);
    // Whose time was gone in our own queue is no sign that the lender is unwell.
    expect(breaker).toEqual([]);
  });

  test('opens after five failures in a row, also when it is told to wait, and not for what a lender finds wrong', async () => {
    for (const [status, opens] of [
      [503, true],
      [429, true],
      [401, false],
    ] as const) {
      const { line, breaker, ask } = await lineTo(() => ({ status }));
      for (let count = 0; count < 5; count += 1) expect(await ask(2_000)).toMatchObject({ status });
      expect(line.isOpen).toBe(opens);
      expect(breaker).toEqual(opens ? [true] : []);
      if (opens) expect(await ask(2_000)).toBe('open');
    }
  });

  test('an answer in between begins the count anew', async () => {
    const { line, ask } = await lineTo((_, count) => (count % 5 === 0 ? ACCEPT : { status: 500 }));
    for (let count = 0; count < 12; count += 1) await ask(2_000);
    expect(line.isOpen).toBe(false);
  });

  test('that is closed answers what is under way', async () => {
    const { line, core, ask } = await lineTo(() => 'hang');
    const reply = ask(10_000);
    while (core.received.length === 0) await delay(5);
    await line.close();
    expect(await reply).toBe('unreachable');
  });
});
