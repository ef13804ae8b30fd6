import { describe, expect, test } from 'vitest';
import { LargeBodies } from '../../../src/http/large-bodies.ts';
import { ProblemError } from '../../../src/http/problem.ts';

const MIB = 1024 * 1024;

function refusal(work: () => unknown): ProblemError {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error;
  }
  throw new Error('was not refused');
}

describe('large bodies', () => {
  test('hold no more than the limit together: one too many is told to come back, before a byte of it is read', () => {
    const bodies = new LargeBodies(25 * MIB);
    const first = bodies.hold(String(10 * MIB), 10 * MIB);
    bodies.hold(String(10 * MIB), 10 * MIB);
    const third = refusal(() => bodies.hold(String(10 * MIB), 10 * MIB));
    expect([third.code, third.headers]).toEqual(['dependency_unavailable', { 'Retry-After': '1' }]);
    bodies.hold(String(5 * MIB), 10 * MIB);
    first();
    bodies.hold(String(10 * MIB), 10 * MIB);
  });

  test('give their place back once, however often that is asked', () => {
    const bodies = new LargeBodies(10 * MIB);
    const release = bodies.hold(String(10 * MIB), 10 * MIB);
    release();
    release();
    bodies.hold(String(10 * MIB), 10 * MIB);
    expect(refusal(() => bodies.hold('1', 10 * MIB)).code).toBe('dependency_unavailable');
  });

  test('that do not say how long they are count as long as they may get, twice', () => {
    const bodies = new LargeBodies(25 * MIB);
    bodies.hold(undefined, 10 * MIB);
    expect(refusal(() => bodies.hold(String(6 * MIB), 10 * MIB)).code).toBe('dependency_unavailable');
    bodies.hold(String(5 * MIB), 10 * MIB);
  });

  test('that announce more than is taken are too large, whatever room there is', () => {
    expect(refusal(() => new LargeBodies(100 * MIB).hold(String(10 * MIB + 1), 10 * MIB)).code).toBe('body_too_large');
  });
});
