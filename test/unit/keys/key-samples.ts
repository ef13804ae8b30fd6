import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyRecord, PartyRef } from '../../../src/keys/key-record.ts';
import type { KnownKey } from '../../../src/keys/known-keys.ts';
import type { Ring } from '../../../src/keys/ring.ts';

export const NOW_MS = Date.parse('2026-03-02T04:00:00.000Z');
export const ACME: PartyRef = { kind: 'traffic', id: 'acme' };
export const SUMMIT: PartyRef = { kind: 'traffic', id: 'summit' };
export const LENDER: PartyRef = { kind: 'lender', id: 'quickcredit' };

export function freshPublicKey(): KeyObject {
  return generateKeyPairSync('ed25519').publicKey;
}

/** A public key as it stands in a JWKS. */
export function jwkOf(key: KeyObject, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { ...key.export({ format: 'jwk' }), ...more };
}

export function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString();
}

export function ringOf(records: Readonly<Record<string, KeyRecord>> = {}): Ring {
  const entries = new Map(
    Object.entries(records).map(([id, record]) => [id, { json: JSON.stringify(record), record, key: null }]),
  );
  return { revision: entries.size, tag: `${entries.size} x`, entries, damaged: new Set() };
}

export function knownKey(id: string, more: Partial<KnownKey> = {}): KnownKey {
  return {
    id,
    party: ACME,
    source: 'added',
    alg: 'ed25519',
    notBefore: null,
    notAfter: null,
    revokedAt: null,
    replaces: null,
    replacedBy: null,
    key: null,
    ...more,
  };
}
