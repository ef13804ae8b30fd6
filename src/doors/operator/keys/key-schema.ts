import { z } from '@hono/zod-openapi';
import { AUDIT_REASON_MAX } from '../../../audit/audit-view.ts';
import { instantSchema } from '../../../http/common-schemas.ts';
import { KEY_SOURCES } from '../../../keys/key-record.ts';
import { KEY_STATUSES } from '../../../keys/key-status.ts';
import { keyAlgorithms } from '../../../trust/key-algorithm.ts';

const PARTY_ID = /^[a-z][a-z0-9-]{1,31}$/;
const PEM_MAX = 8_192;
/** Base64url of an RSA modulus of 16384 bits, the longest that anybody verifies with. */
const JWK_NUMBER_MAX = 2_731;

export const partySchema = z
  .strictObject({
    kind: z.enum(['traffic', 'lender']).openapi({ description: 'A traffic partner or a lender', example: 'traffic' }),
    id: z
      .string()
      .regex(PARTY_ID, 'must be the id of a counterparty: its folder')
      .openapi({ description: 'Id, the name of its folder', example: 'acme' }),
  })
  .openapi('KeyParty', { description: 'Whose key it is' });

export const partyIdSchema = partySchema.shape.id;

/** Of a key that is being made. */
export const keyIdSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:|@-]{0,127}$/,
    'must be 1–128 letters, digits or . _ : | @ -, a letter or digit first',
  )
  .openapi({
    description: '`keyid` of signatures, unique across all counterparties and for ever; absent = we make one',
    example: 'acme-ed-2',
  });

/** Of a key in a path; kids of a JWKS may be written more freely. */
export const keyParam = z.object({
  id: z
    .string()
    .max(128)
    .openapi({ description: 'Key id', example: 'acme-ed', param: { name: 'id', in: 'path' } }),
});

export const reasonSchema = z
  .string()
  .trim()
  .min(1)
  .max(AUDIT_REASON_MAX)
  .openapi({ description: 'Why, for the audit log; no personal data', example: 'yearly rotation, ticket 4711' });

export const validitySchema = {
  not_before: instantSchema.optional().openapi({ description: 'Good from; absent = from now' }),
  not_after: instantSchema.optional().openapi({
    description: 'Good until; absent = no end. In its last 30 days answers warn with key_retiring',
    example: '2027-01-01T00:00:00.000Z',
  }),
};

const coordinate = (what: string, example: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url without padding')
    .max(JWK_NUMBER_MAX)
    .optional()
    .openapi({ description: what, example });

/** Where to find a public key: exactly one of both. */
export const publicKeySchema = {
  jwk: z
    .strictObject({
      kty: z.enum(['OKP', 'EC', 'RSA']).openapi({ description: 'Key type (RFC 7517)', example: 'OKP' }),
      crv: z
        .enum(['Ed25519', 'P-256'])
        .optional()
        .openapi({ description: 'Curve, of OKP and EC keys', example: 'Ed25519' }),
      x: coordinate('Public x coordinate, base64url', 'kZ24DqNKxSgStH_bcI3SIyFiYOF7n1b-vn5QImMVYhQ'),
      y: coordinate('Public y coordinate (P-256), base64url', 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'),
      n: coordinate('RSA modulus, base64url', 'sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1Wl'),
      e: coordinate('RSA public exponent, base64url', 'AQAB'),
      kid: z.string().max(256).optional().openapi({ description: 'Ignored: id counts', example: 'acme-ed-2' }),
      alg: z.string().max(64).optional().openapi({ description: 'Ignored: alg beside it counts', example: 'EdDSA' }),
      use: z.literal('sig').optional().openapi({ description: 'Ignored: keys here only verify', example: 'sig' }),
      key_ops: z
        .array(z.string().max(32))
        .max(8)
        .optional()
        .openapi({ description: 'Ignored: keys here only verify', example: ['verify'] }),
    })
    .optional()
    .openapi({ description: 'Public key as a JWK; instead of pem. Never the private half' }),
  pem: z.string().max(PEM_MAX).optional().openapi({
    description: 'Public key as PEM (SubjectPublicKeyInfo, or a certificate); instead of jwk',
    example: '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA…\n-----END PUBLIC KEY-----\n',
  }),
};

const instantOrNull = z.string().nullable();

export const keySchema = z
  .object({
    id: z.string().openapi({ description: '`keyid` of signatures', example: 'acme-ed' }),
    party: partySchema,
    source: z.enum(KEY_SOURCES).openapi({
      description:
        'file = in the counterparty’s file; issued = a shared secret made here; added = a public key added here; ' +
        'jwks = published by the party itself',
      example: 'file',
    }),
    alg: z.enum(keyAlgorithms).openapi({ description: 'Algorithm: belongs to the key', example: 'ed25519' }),
    status: z.enum(KEY_STATUSES).openapi({
      description: 'retiring = good, and ends within 30 days; not_yet, expired and revoked verify nothing',
      example: 'active',
    }),
    not_before: instantOrNull.openapi({ description: 'Good from; null = always', example: null }),
    not_after: instantOrNull.openapi({ description: 'Good until; null = no end', example: '2026-04-01T00:00:00.000Z' }),
    revoked_at: instantOrNull.openapi({ description: 'When it was revoked; null = it was not', example: null }),
    replaces: z.string().nullable().openapi({ description: 'Key that it has replaced', example: null }),
    replaced_by: z.string().nullable().openapi({ description: 'Key that has replaced it', example: 'acme-ed-2' }),
    thumbprint: z.string().nullable().openapi({
      description: 'RFC 7638 thumbprint (SHA-256, base64url) of a public key; null of a secret, or where it has none',
      example: 'rnl9NRwnrYOZj-fXUm6rG2pctDbEYB8XX0_WFltrfTg',
    }),
    spki_sha256: z.string().nullable().openapi({
      description: 'SHA-256 (hex) of the SubjectPublicKeyInfo of a public key; null of a secret',
      example: '8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4',
    }),
  })
  .openapi('Key', { description: 'A key of a counterparty, without what it is made of' });

const SECRET = {
  description: 'The shared secret: base64 of 32 random bytes. It is shown now and never again',
  example: 'q1VqQ0x0bV9kdW1teV9zZWNyZXRfMzJfYnl0ZXMhISE=',
};

export const issuedKeySchema = z
  .object({ key: keySchema, secret: z.string().openapi(SECRET) })
  .openapi('IssuedKey', { description: 'A shared secret that was made, and what is known of it' });

export const rotatedKeySchema = z
  .object({
    key: keySchema.openapi({ description: 'The new key' }),
    secret: z
      .string()
      .nullable()
      .openapi({ ...SECRET, description: `${SECRET.description}; null of a public key` }),
    replaced: keySchema.openapi({ description: 'The old key, good until its not_after' }),
  })
  .openapi('RotatedKey', { description: 'A new key beside the one that it replaces' });
