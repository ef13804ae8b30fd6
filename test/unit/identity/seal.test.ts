import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealer } from '../../../src/identity/seal.ts';

const oldKey = { id: 'k1', key: Buffer.alloc(32, 1) };
const newKey = { id: 'k2', key: Buffer.alloc(32, 2) };
const sealer = createSealer({ keys: [oldKey, newKey], activeId: 'k2' });

describe('sealing', () => {
  test('what was sealed opens to the same bytes, for the same place only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.string(), (bytes, aad, otherAad) => {
        const sealed = sealer.seal(bytes, aad);
        const opened = sealer.open(sealed, aad);
        expect(opened.ok && new Uint8Array(opened.plain)).toEqual(bytes);
        fc.pre(aad !== otherAad);
        expect(sealer.open(sealed, otherAad)).toMatchObject({ ok: false, code: 'sealed_tampered' });
      }),
    );
  });

  test('objects come back as they were', () => {
    const applicant = { name: '张三', phone: '13800138000' };
    expect(sealer.openJson(sealer.seal(applicant, 'app_1'), 'app_1')).toEqual({ ok: true, plain: applicant });
    expect(sealer.openJson(sealer.seal(Buffer.from('{'), 'a'), 'a')).toMatchObject({ code: 'sealed_malformed' });
  });

  test('a sealed text never contains the plain text, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{6,40}$/), (secret) => {
        const sealed = sealer.seal({ secret }, 'x');
        expect(sealed).not.toContain(secret);
        expect(sealed).not.toContain(Buffer.from(secret).toString('base64url'));
        expect(sealed).not.toBe(sealer.seal({ secret }, 'x'));
      }),
    );
  });

  test('changing any one character fails', () => {
    const sealed = sealer.seal(Buffer.from('a secret of some length'), 'app_1');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
    for (let at = 0; at < sealed.length; at += 1) {
      for (const char of alphabet) {
        if (char === sealed.charAt(at)) continue;
        const changed = sealed.slice(0, at) + char + sealed.slice(at + 1);
        expect(sealer.open(changed, 'app_1').ok, `${at} → ${char}`).toBe(false);
      }
    }
  });

  test('a text relabelled with another key of the ring does not open', () => {
    const twins = createSealer({ keys: [oldKey, { id: 'k3', key: oldKey.key }], activeId: 'k1' });
    const relabelled = twins.seal({}, 'a').replace('v1.k1.', 'v1.k3.');
    expect(twins.open(relabelled, 'a')).toMatchObject({ ok: false, code: 'sealed_tampered' });
  });

  test('after rotation old texts still open; without the old key the answer names it', () => {
    const sealed = createSealer({ keys: [oldKey], activeId: 'k1' }).seal({ a: 1 }, 'x');
    expect(sealer.openJson(sealed, 'x')).toEqual({ ok: true, plain: { a: 1 } });
    const rotated = createSealer({ keys: [newKey], activeId: 'k2' });
    expect(rotated.open(sealed, 'x')).toMatchObject({ ok: false, code: 'key_unknown', keyId: 'k1' });
  });

  test.each(['', 'v1', 'v2.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA', 'v1.k1.AAAA.AAAA'])(
    '%j is no sealed text',
    (text) => {
      expect(sealer.open(text, '')).toMatchObject({ ok: false, code: 'sealed_malformed' });
    },
  );

  test('a ring that cannot work is refused at once', () => {
    expect(() => createSealer({ keys: [oldKey], activeId: 'k9' })).toThrow('no key k9');
    expect(() => createSealer({ keys: [{ id: 'a', key: Buffer.alloc(16) }], activeId: 'a' })).toThrow('32 bytes');
    expect(() => createSealer({ keys: [{ ...oldKey, id: 'a.b' }], activeId: 'a.b' })).toThrow('must match');
    expect(() => createSealer({ keys: [oldKey, oldKey], activeId: 'k1' })).toThrow('twice');
  });
});
