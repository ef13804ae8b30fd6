import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBefore } from '../../../src/events/log.ts';

describe('positions in a log', () => {
  const position = fc.tuple(fc.maxSafeNat(), fc.nat(2_000));

  test('are in the order of their numbers, time first', () => {
    fc.assert(
      fc.property(position, position, fc.boolean(), ([timeA, seqA], [timeB, seqB], isSameTime) => {
        const b = isSameTime ? timeA : timeB;
        const expected = timeA < b || (timeA === b && seqA < seqB);
        expect(isBefore(`${timeA}-${seqA}`, `${b}-${seqB}`)).toBe(expected);
      }),
    );
  });

  test('nothing comes before the beginning, nor before itself', () => {
    expect(isBefore('0-0', '0-0')).toBe(false);
    expect(isBefore('1764000000000-9', '1764000000000-10')).toBe(true);
    expect(isBefore('0-0', '1764000000000-0')).toBe(true);
    expect(isBefore('1764000000000-0', '0-0')).toBe(false);
  });
});
