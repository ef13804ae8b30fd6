import { describe, expect, test } from 'vitest';
import {
  BREAKER_FAILURES,
  BREAKER_PAUSE_MS,
  type BreakerState,
  EndpointGate,
} from '../../../src/outbound/endpoint-gate.ts';

const LIMIT = 8;

function opened(atMs = 0): { gate: EndpointGate; states: BreakerState[] } {
  const states: BreakerState[] = [];
  const gate = new EndpointGate(
    () => 0,
    (state) => void states.push(state),
  );
  for (let failure = 0; failure < BREAKER_FAILURES; failure += 1) gate.failed(atMs);
  return { gate, states };
}

describe('the gate to a core', () => {
  test('is as wide as the lender’s limit, and shut after five failures in a row', () => {
    const gate = new EndpointGate(() => 0);
    expect(gate.width(LIMIT, 0)).toBe(LIMIT);
    for (let failure = 1; failure < BREAKER_FAILURES; failure += 1) gate.failed(0);
    gate.succeeded(LIMIT, 0);
    for (let failure = 1; failure < BREAKER_FAILURES; failure += 1) gate.failed(0);
    expect(gate.width(LIMIT, 0)).toBe(LIMIT);
    gate.failed(0);
    expect([gate.width(LIMIT, 0), gate.state(0)]).toEqual([0, 'open']);
  });

  test('lets one through after the pause; if that fails it is shut again, if not the core is back', () => {
    const { gate, states } = opened();
    expect(gate.width(LIMIT, BREAKER_PAUSE_MS - 1)).toBe(0);
    expect(gate.width(LIMIT, BREAKER_PAUSE_MS)).toBe(1);
    gate.began(BREAKER_PAUSE_MS);
    gate.failed(BREAKER_PAUSE_MS + 100);
    expect(gate.width(LIMIT, BREAKER_PAUSE_MS + 100)).toBe(0);
    const again = 2 * BREAKER_PAUSE_MS + 100;
    gate.began(again);
    expect(gate.succeeded(LIMIT, again)).toBe(true);
    expect(states).toEqual(['open', 'half_open', 'open', 'half_open', 'closed']);
  });

  test('opens wider step by step afterwards: twice as wide after every good second, up to the limit', () => {
    const { gate } = opened();
    gate.began(BREAKER_PAUSE_MS);
    let nowMs = BREAKER_PAUSE_MS;
    gate.succeeded(LIMIT, nowMs);
    const widths = [gate.width(LIMIT, nowMs)];
    for (let step = 0; step < 40; step += 1) {
      nowMs += 100;
      gate.succeeded(LIMIT, nowMs);
      widths.push(gate.width(LIMIT, nowMs));
    }
    expect([...new Set(widths)]).toEqual([1, 2, 4, 8]);
    expect(widths.filter((width) => width === 2)).toHaveLength(10);
  });

  test('a failure on the way up begins anew at one', () => {
    const { gate } = opened();
    gate.began(BREAKER_PAUSE_MS);
    gate.succeeded(LIMIT, 10_000);
    gate.succeeded(LIMIT, 11_000);
    expect(gate.width(LIMIT, 11_000)).toBe(2);
    gate.failed(11_500);
    gate.succeeded(LIMIT, 11_600);
    expect(gate.width(LIMIT, 11_600)).toBe(1);
  });

  test('an answer to what was sent before it went down does not open it', () => {
    const { gate } = opened();
    expect(gate.succeeded(LIMIT, 10)).toBe(false);
    expect(gate.state(10)).toBe('open');
  });
});
