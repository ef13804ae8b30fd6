import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSealingKeys } from '../../../src/identity/seal-keys.ts';

const ids = fc.uniqueArray(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/).filter((id) => id !== 's1'),
  { minLength: 1, maxLength: 5 },
);

describe('the setting of sealing keys', () => {
  test('gives its keys in order, in either alphabet of base64 and with spaces around entries', () => {
    fc.assert(
      fc.property(
        ids,
        fc.constantFrom('base64', 'base64url'),
        fc.constantFrom(',', ' , '),
        (names, encoding, comma) => {
          const keys = names.map((id) => ({ id, key: randomBytes(32) }));
          const text = keys.map(({ id, key }) => `${id}:${key.toString(encoding as 'base64')}`).join(comma);
          expect(parseSealingKeys(text, 's1')).toEqual({ ok: true, keys });
        },
      ),
    );
  });

  test.each([
    ['', 'must be id:base64'],
    ['k1', 'must be id:base64'],
    ['k 1:AAAA', 'must be id:base64'],
    ['k1:AAAA', 'base64 of 32 bytes'],
    [`k1:${'A'.repeat(42)}!=`, 'base64 of 32 bytes'],
    [`k1:${Buffer.alloc(33).toString('base64')}`, 'base64 of 32 bytes'],
    [`s1:${Buffer.alloc(32).toString('base64')}`, 'derived from SLUICE_SECRET'],
    [`k1:${Buffer.alloc(32).toString('base64')},k1:${Buffer.alloc(32, 1).toString('base64')}`, 'given twice'],
  ])('%j is refused in words that do not show a key', (text, words) => {
    const parsed = parseSealingKeys(text, 's1');
    expect(parsed).toMatchObject({ ok: false, message: expect.stringContaining(words) });
    for (const key of text.match(/[A-Za-z0-9+/]{20,}/g) ?? []) expect(JSON.stringify(parsed)).not.toContain(key);
  });
});
