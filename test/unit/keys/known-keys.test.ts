import { describe, expect, test } from 'vitest';
import type { PublishedKey } from '../../../src/keys/jwks-cache.ts';
import type { KeyRecord, PartyRef } from '../../../src/keys/key-record.ts';
import { keyStatus } from '../../../src/keys/key-status.ts';
import { mergeKeys } from '../../../src/keys/known-keys.ts';
import { PartyKeys } from '../../../src/keys/party-keys.ts';
import { readJwks } from '../../../src/keys/read-jwks.ts';
import { readRing } from '../../../src/keys/ring.ts';
import { shippedRegistry } from '../../support/intake.ts';
import { ACME, freshPublicKey, jwkOf, knownKey, LENDER, NOW_MS, pemOf, ringOf, SUMMIT } from './key-samples.ts';

const registry = await shippedRegistry();

function published(id: string, party: PartyRef, sinceMs: number): PublishedKey {
  const reading = readJwks(Buffer.from(JSON.stringify({ keys: [jwkOf(freshPublicKey(), { kid: id })] })));
  const key = reading.ok ? reading.keys[0] : undefined;
  if (key === undefined) throw new Error('no key');
  return { ...key, party, sinceMs };
}

function overlay(more: Partial<KeyRecord>): KeyRecord {
  return { party: { ...ACME }, source: 'file', alg: 'ed25519', created_at: '2026-03-01T00:00:00.000Z', ...more };
}

describe('one directory out of files, ring and key sets', () => {
  test('a JWKS of another party cannot take over a key id, of a file, of the ring or of another JWKS', () => {
    const pem = pemOf(freshPublicKey());
    const { ring } = readRing(
      { 'acme-ring': JSON.stringify(overlay({ source: 'added', pem })) },
      { open: () => ({ ok: false, code: 'sealed_malformed', message: '' }) },
    );
    const { byId, ignored } = mergeKeys({
      registry,
      ring,
      published: [
        published('acme-ed', SUMMIT, 1),
        published('acme-ring', SUMMIT, 1),
        published('first', SUMMIT, 2),
        published('first', ACME, 1),
        published('acme-ed', ACME, 3),
      ],
    });
    expect(byId.get('acme-ed')).toMatchObject({ party: ACME, source: 'file' });
    expect(byId.get('acme-ring')).toMatchObject({ party: ACME, source: 'added' });
    expect(byId.get('first')).toMatchObject({ party: ACME, source: 'jwks' });
    expect(ignored.map(({ id, party, owner }) => [id, party.id, owner.id]).sort()).toEqual([
      ['acme-ed', 'summit', 'acme'],
      ['acme-ring', 'summit', 'acme'],
      ['first', 'summit', 'acme'],
    ]);
  });

  test('the earlier end of file and overlay counts', () => {
    const end = '2026-04-01T00:00:00.000Z';
    const { byId } = mergeKeys({ registry, ring: ringOf({ 'acme-ed': overlay({ not_after: end }) }), published: [] });
    expect(byId.get('acme-ed')).toMatchObject({ notAfter: end, key: { notAfterSeconds: Date.parse(end) / 1_000 } });
  });

  test('an overlay of another party or source moves no end', () => {
    const end = '2026-04-01T00:00:00.000Z';
    for (const more of [{ party: { ...SUMMIT } }, { source: 'jwks' as const }]) {
      const ring = ringOf({ 'acme-ed': overlay({ not_after: end, ...more }) });
      expect(mergeKeys({ registry, ring, published: [] }).byId.get('acme-ed')).toMatchObject({ notAfter: null });
    }
  });

  test('a revoked id verifies nothing, wherever it comes back', () => {
    const ring = ringOf({
      'acme-ed': overlay({ revoked_at: '2026-03-02T00:00:00.000Z' }),
      gone: overlay({ source: 'jwks', revoked_at: '2026-03-02T00:00:00.000Z' }),
    });
    const { byId } = mergeKeys({ registry, ring, published: [published('gone', ACME, 1)] });
    for (const id of ['acme-ed', 'gone'])
      expect(byId.get(id)).toMatchObject({ key: null, revokedAt: expect.any(String) });
  });

  test('an id whose record cannot be read verifies nothing, wherever it is defined: it may have been revoked', () => {
    const ring = readRing(
      { 'acme-ed': '{"party":', first: 'no JSON' },
      { open: () => ({ ok: false, code: 'sealed_malformed', message: '' }) },
    ).ring;
    const { byId } = mergeKeys({ registry, ring, published: [published('first', ACME, 1)] });
    expect([byId.get('acme-ed')?.key, byId.get('first')?.key]).toEqual([null, null]);
  });

  test('keys of a party whose file is gone are unknown', () => {
    const party = { kind: 'traffic' as const, id: 'nobody' };
    const ring = ringOf({ orphan: overlay({ source: 'added', party }) });
    expect(mergeKeys({ registry, ring, published: [] }).byId.has('orphan')).toBe(false);
  });

  test('a lender’s key is unknown among those of traffic partners, and the other way round', () => {
    const keys = new PartyKeys({
      registry: { current: () => registry },
      published: () => [published('lender-kid', LENDER, 1), published('acme-kid', ACME, 1)],
    });
    expect(keys.lenders.find('lender-kid')).toMatchObject({ party: { id: 'quickcredit' } });
    expect(keys.traffic.find('acme-kid')).toMatchObject({ party: { id: 'acme' } });
    expect(keys.traffic.find('lender-kid')).toBeUndefined();
    expect(keys.lenders.find('acme-kid')).toBeUndefined();
  });

  test('looking up a key makes nothing new', () => {
    const keys = new PartyKeys({ registry: { current: () => registry } });
    expect(keys.traffic.find('acme-ed')).toBe(keys.traffic.find('acme-ed'));
  });
});

test.each([
  ['active', {}],
  ['active', { notAfter: '2026-04-02T00:00:00.000Z' }],
  ['retiring', { notAfter: '2026-04-01T00:00:00.000Z' }],
  ['expired', { notAfter: '2026-03-02T04:00:00.000Z' }],
  ['not_yet', { notBefore: '2026-03-02T04:00:01.000Z' }],
  ['revoked', { revokedAt: '2026-03-02T04:00:00.000Z', notAfter: '2026-01-01T00:00:00.000Z' }],
])('a key is %s with %o', (status, more) => {
  expect(keyStatus(knownKey('k', more), NOW_MS)).toBe(status);
});
