import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Access, createSealer, KEY_ID_PREFIX_LENGTH, keyIdOf } from '../../../src/identity/seal.ts';

const k1 = { id: 'k1', key: Buffer.alloc(32, 1) };
const k2 = { id: 'k2', key: Buffer.alloc(32, 2) };
const before = createSealer({ keys: [k1], activeId: 'k1' });
const after = createSealer({ keys: [k2, k1], activeId: 'k2' });

describe('re-sealing', () => {
  test('gives the same data for the same place under the active key, which the old key is not needed for', () => {
    const alone = createSealer({ keys: [k2], activeId: 'k2' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, aad) => {
        const resealed = after.resealText(before.seal(bytes, aad), aad);
        if (!resealed.ok) throw new Error(resealed.message);
        expect(keyIdOf(resealed.plain)).toBe('k2');
        const opened = alone.open(resealed.plain, aad);
        expect(opened.ok && new Uint8Array(opened.plain)).toEqual(bytes);
      }),
    );
  });

  test('leaves alone what is under the active key, and what it cannot open', () => {
    const fresh = after.seal({ a: 1 }, 'x');
    expect(after.resealText(fresh, 'x')).toEqual({ ok: true, plain: fresh });
    expect(after.resealText(before.seal({}, 'x'), 'y')).toMatchObject({ ok: false, code: 'sealed_tampered' });
    const alone = createSealer({ keys: [k2], activeId: 'k2' });
    expect(alone.resealText(before.seal({}, 'x'), 'x')).toMatchObject({ ok: false, code: 'key_unknown', keyId: 'k1' });
  });

  test('the beginning of a text is enough to tell its key', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), (id) => {
        const sealed = createSealer({ keys: [{ id, key: k1.key }], activeId: id }).seal({}, '');
        expect(keyIdOf(sealed.slice(0, KEY_ID_PREFIX_LENGTH))).toBe(id);
      }),
    );
    for (const text of ['', 'v1.', 'v2.k1.x', '{"v1":1}']) expect(keyIdOf(text)).toBeUndefined();
  });
});

describe('opening', () => {
  const told: [Access, string][] = [];
  const sealer = createSealer({
    keys: [k2, k1],
    activeId: 'k2',
    onAccess: (access, outcome) => void told.push([access, outcome]),
  });
  const access: Access = { purpose: 'operator_export', applicationId: 'app_1', actor: 'olga' };

  test('is told with its purpose, by whichever way, and also when nobody said why', () => {
    told.length = 0;
    const sealed = sealer.seal({ phone: '13800138000' }, 'app_1');
    sealer.openJson(sealed, 'app_1', access);
    sealer.open(sealed, 'app_1', access);
    sealer.open(sealed, 'app_1');
    expect(told).toEqual([
      [access, 'opened'],
      [access, 'opened'],
      [{ purpose: 'unstated', applicationId: null, actor: null }, 'opened'],
    ]);
    expect(JSON.stringify(told)).not.toContain('13800138000');
  });

  test('is told when it fails; sealing, re-sealing and what is no sealed text are no openings', () => {
    told.length = 0;
    sealer.openJson(sealer.seal({}, 'app_1'), 'app_2', access);
    sealer.openJson(createSealer({ keys: [{ id: 'k9', key: k1.key }], activeId: 'k9' }).seal({}, 'a'), 'a', access);
    expect(told.map(([, outcome]) => outcome)).toEqual(['sealed_tampered', 'key_unknown']);
    sealer.open('nothing', 'a', access);
    sealer.resealText(before.seal({}, 'a'), 'a');
    expect(told).toHaveLength(2);
  });
});
