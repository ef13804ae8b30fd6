import { describe, expect, test } from 'vitest';
import {
  decideNewKey,
  decideRevocation,
  decideRotation,
  type KeySituation,
  type Rotation,
} from '../../../src/keys/key-decisions.ts';
import type { KnownKey } from '../../../src/keys/known-keys.ts';
import { ACME, knownKey, NOW_MS, ringOf } from './key-samples.ts';

const SOON = '2026-03-03T04:00:00.000Z';
const PAST = '2026-03-01T00:00:00.000Z';

function situation(...keys: KnownKey[]): KeySituation {
  const known = new Map(keys.map((key) => [key.id, key]));
  return { ring: ringOf(), known, hasParty: ({ id }) => id === 'acme', nowMs: NOW_MS };
}

function rotation(oldId: string, more: Partial<Rotation> = {}): Rotation {
  return { oldId, newId: 'new', material: { pem: 'PEM' }, overlapHours: 24, isSameKey: () => false, ...more };
}

describe('a new key', () => {
  const wanted = { id: 'k', party: ACME, alg: 'ed25519', material: { pem: 'PEM' } } as const;

  test('of a known party under a new id is taken', () => {
    const decision = decideNewKey(wanted, situation());
    expect(decision).toMatchObject({ ok: true });
    expect(decision.ok && decision.records.get('k')).toMatchObject({ party: ACME, source: 'added', pem: 'PEM' });
  });

  test.each([
    ['unknown_party', { party: { kind: 'traffic' as const, id: 'nobody' } }],
    ['key_id_taken', { id: 'old' }],
    ['key_window_invalid', { notAfter: PAST }],
    ['key_window_invalid', { notBefore: SOON, notAfter: SOON }],
  ])('is refused: %s', (code, more) => {
    const known = situation(knownKey('old', { revokedAt: PAST }));
    expect(decideNewKey({ ...wanted, ...more }, known)).toMatchObject({ ok: false, code });
  });

  test('does not get the id of a key whose party is gone', () => {
    const record = { party: { ...ACME }, source: 'added', alg: 'ed25519', created_at: PAST } as const;
    expect(decideNewKey(wanted, { ...situation(), ring: ringOf({ k: record }) })).toMatchObject({
      code: 'key_id_taken',
    });
  });
});

describe('a rotation', () => {
  test('ends the old key after the overlap and names both to each other', () => {
    const decision = decideRotation(rotation('old'), situation(knownKey('old', { source: 'file' })));
    if (!decision.ok) throw new Error(decision.code);
    expect(decision.records.get('old')).toMatchObject({ source: 'file', not_after: SOON, replaced_by: 'new' });
    expect(decision.records.get('new')).toMatchObject({ source: 'added', replaces: 'old', pem: 'PEM' });
    expect(decision.records.get('new')?.not_after).toBeUndefined();
  });

  test('never makes a key live longer', () => {
    const end = '2026-03-02T05:00:00.000Z';
    const decision = decideRotation(rotation('old'), situation(knownKey('old', { notAfter: end })));
    expect(decision.ok && decision.records.get('old')?.not_after).toBe(end);
  });

  test('is refused while one is open, from either key', () => {
    const open = situation(knownKey('a', { replacedBy: 'b', notAfter: SOON }), knownKey('b', { replaces: 'a' }));
    for (const id of ['a', 'b']) expect(decideRotation(rotation(id), open)).toMatchObject({ code: 'rotation_open' });
  });

  test('is free again when the old key has ended, or was revoked', () => {
    for (const fate of [{ notAfter: PAST }, { notAfter: SOON, revokedAt: PAST }]) {
      const over = situation(knownKey('a', { replacedBy: 'b', ...fate }), knownKey('b', { replaces: 'a' }));
      expect(decideRotation(rotation('b'), over)).toMatchObject({ ok: true });
    }
  });

  test('can be done again when the new key was revoked', () => {
    const failed = situation(
      knownKey('a', { replacedBy: 'b', notAfter: SOON }),
      knownKey('b', { replaces: 'a', revokedAt: PAST }),
    );
    expect(decideRotation(rotation('a'), failed)).toMatchObject({ ok: true });
  });

  test.each([
    ['not_found', 'nobody', {}],
    ['key_ended', 'old', { revokedAt: PAST }],
    ['key_ended', 'old', { notAfter: PAST }],
    ['key_elsewhere', 'old', { source: 'jwks' as const }],
  ])('is refused: %s', (code, id, more) => {
    expect(decideRotation(rotation(id), situation(knownKey('old', more)))).toMatchObject({ ok: false, code });
  });

  test('to the same key, or to an id that is taken, is refused', () => {
    const one = situation(knownKey('old'));
    expect(decideRotation(rotation('old', { isSameKey: () => true }), one)).toMatchObject({ code: 'key_unchanged' });
    expect(decideRotation(rotation('old', { newId: 'old' }), one)).toMatchObject({ code: 'key_id_taken' });
  });
});

describe('a revocation', () => {
  test('forgets the secret', () => {
    const record = {
      party: { ...ACME },
      source: 'issued',
      alg: 'hmac-sha256',
      sealed: 'v1.x',
      created_at: PAST,
    } as const;
    const decision = decideRevocation('k', {
      ...situation(knownKey('k', { source: 'issued', alg: 'hmac-sha256' })),
      ring: ringOf({ k: record }),
    });
    expect(decision.ok && decision.records.get('k')).toEqual({
      ...record,
      sealed: undefined,
      revoked_at: '2026-03-02T04:00:00.000Z',
    });
  });

  test('done before changes nothing; of nobody’s key it is refused', () => {
    const decision = decideRevocation('k', situation(knownKey('k', { revokedAt: PAST })));
    expect(decision).toMatchObject({ ok: true, records: new Map() });
    expect(decideRevocation('x', situation())).toMatchObject({ code: 'not_found' });
  });
});
