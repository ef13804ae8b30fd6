import { z } from 'zod';
import { keyAlgorithms } from '../trust/key-algorithm.ts';

/** Whose key it is. */
export interface PartyRef {
  readonly kind: 'traffic' | 'lender';
  readonly id: string;
}

/** Where a key is defined: in a counterparty's file, by us (a shared secret), over the API, or in the party's own JWKS. */
export const KEY_SOURCES = ['file', 'issued', 'added', 'jwks'] as const;
export type KeySource = (typeof KEY_SOURCES)[number];

const recordSchema = z.object({
  party: z.object({ kind: z.enum(['traffic', 'lender']), id: z.string() }),
  source: z.enum(KEY_SOURCES),
  alg: z.enum(keyAlgorithms),
  sealed: z.string().optional(),
  pem: z.string().optional(),
  not_before: z.string().optional(),
  not_after: z.string().optional(),
  revoked_at: z.string().optional(),
  created_at: z.string(),
  replaces: z.string().optional(),
  replaced_by: z.string().optional(),
});

/**
 * What the keyring keeps under a key id, as JSON. A record of source `issued` or `added` is the key itself: `sealed` holds the
 * bytes of a shared secret (aad = key id), `pem` a public key. One of source `file` or `jwks` only overlays a key that is
 * defined elsewhere: an earlier end, a revocation. Instants are RFC 3339 UTC with milliseconds.
 */
export type KeyRecord = z.output<typeof recordSchema>;

/** The record of a JSON text; undefined when it is none. */
export function parseKeyRecord(json: string): KeyRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** Text for logs and comparisons. */
export function partyText({ kind, id }: PartyRef): string {
  return `${kind}/${id}`;
}
