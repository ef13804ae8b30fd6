import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ATTEMPTS_COUNTED_MAX, fromDueScore, toDueScore } from '../../../src/applications/push/due-score.ts';

const dueMs = fc.integer({ min: 0, max: Date.parse('2200-01-01T00:00:00Z') });
const attempts = fc.integer({ min: 0, max: ATTEMPTS_COUNTED_MAX });

describe('the score of a delivery', () => {
  test('gives due time and attempts back exactly, also after the text form that Redis stores', () => {
    fc.assert(
      fc.property(dueMs, attempts, (due, failed) => {
        const text = toDueScore({ dueMs: due, attempts: failed }).toPrecision(17);
        expect(fromDueScore(Number(text))).toEqual({ dueMs: due, attempts: failed });
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
