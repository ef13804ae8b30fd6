import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../../src/base/canonical-text.ts';

describe('the canonical form of a JSON object', () => {
  test('is that of RFC 8785, byte for byte, whatever the object', () => {
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom('1', '10', '9', '__proto__', 'é', '\u{1f600}', '﬩', 'toString'),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(names, tie('value')),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(names, value), (object) => {
        const parsed = JSON.parse(JSON.stringify(object)) as object;
        expect(canonicalText(parsed)).toBe(canonicalize(parsed));
      }),
      { numRuns: 150 },
    );
  });

  test('does not depend on the order in which names were written', () => {
    expect(canonicalText({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
  });
});
