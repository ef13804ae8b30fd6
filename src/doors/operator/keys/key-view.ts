import { hash, type KeyObject } from 'node:crypto';
import type { z } from '@hono/zod-openapi';
import { calculateJwkThumbprint } from 'jose';
import type { AuditView } from '../../../audit/audit-entry.ts';
import { keyStatus } from '../../../keys/key-status.ts';
import type { KnownKey } from '../../../keys/known-keys.ts';
import type { keySchema } from './key-schema.ts';

/** A key as operators see it: never what a secret is made of. @param nowMs real time */
export async function keyView(known: KnownKey, nowMs: number): Promise<z.output<typeof keySchema>> {
  const { id, party, source, alg, notBefore, notAfter, revokedAt, replaces, replacedBy, key } = known;
  const publicKey = key?.keyObject.type === 'public' ? key.keyObject : undefined;
  return {
    id,
    party: { kind: party.kind, id: party.id },
    source,
    alg,
    status: keyStatus(known, nowMs),
    not_before: notBefore,
    not_after: notAfter,
    revoked_at: revokedAt,
    replaces,
    replaced_by: replacedBy,
    thumbprint: publicKey === undefined ? null : await thumbprintOf(publicKey),
    spki_sha256: publicKey === undefined ? null : hash('sha256', publicKey.export({ format: 'der', type: 'spki' })),
  };
}

/** What the audit log keeps of a key. */
export function keyAuditView(known: KnownKey, nowMs: number): AuditView {
  const { party, source, alg, notBefore, notAfter, replaces, replacedBy } = known;
  return {
    party: `${party.kind}/${party.id}`,
    source,
    alg,
    status: keyStatus(known, nowMs),
    not_before: notBefore,
    not_after: notAfter,
    replaces,
    replaced_by: replacedBy,
  };
}

/** RSA keys that are bound to PSS have no JWK. */
async function thumbprintOf(key: KeyObject): Promise<string | null> {
  return key.asymmetricKeyType === 'rsa-pss' ? null : calculateJwkThumbprint(key.export({ format: 'jwk' }));
}
