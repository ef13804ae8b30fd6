import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ATTEMPTS_COUNTED_MAX,
  type DueScore,
  fromDueScore,
  toDueScore,
} from '../../../src/applications/push/due-score.ts';

const dueMs = fc.integer({ min: 0, max: Date.parse('2200-01-01T00:00:00Z') });
const attempts = fc.integer({ min: 0, max: ATTEMPTS_COUNTED_MAX });
const state = fc.constantFrom<DueScore['state'][]>(undefined, 'held', 'claimed');

describe('the score of an application in an outbox', () => {
  test('gives due time, attempts and state back exactly, also after the text form that Redis stores', () => {
    fc.assert(
      fc.property(dueMs, attempts, state, (due, failed, held) => {
        const score: DueScore = { dueMs: due, attempts: failed, ...(held === undefined ? {} : { state: held }) };
        const text = toDueScore(score).toPrecision(17);
        expect(fromDueScore(Number(text))).toEqual(score);
      }),
    );
  });

  test('orders by due time first', () => {
    fc.assert(
      fc.property(dueMs, attempts, attempts, (due, one, other) => {
        expect(toDueScore({ dueMs: due, attempts: one })).toBeLessThan(toDueScore({ dueMs: due + 1, attempts: other }));
      }),
    );
  });

  test('stops counting attempts rather than moving the due time', () => {
    expect(fromDueScore(toDueScore({ dueMs: 5, attempts: 1_000_000 }))).toEqual({
      dueMs: 5,
      attempts: ATTEMPTS_COUNTED_MAX,
    });
  });
});
