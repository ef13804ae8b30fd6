import { z } from 'zod';
import { keyAlgorithms } from '../../trust/key-algorithm.ts';
import { envNameSchema, instantSchema } from './scalars.ts';

const publicJwkSchema = z
  .strictObject({
    kty: z.enum(['OKP', 'EC', 'RSA']).describe('Key type (RFC 7517)'),
    crv: z.string().optional().describe('Curve: Ed25519 or P-256'),
    x: z.string().optional().describe('Public x coordinate, base64url'),
    y: z.string().optional().describe('Public y coordinate, base64url (P-256)'),
    n: z.string().optional().describe('RSA modulus, base64url'),
    e: z.string().optional().describe('RSA public exponent, base64url'),
    kid: z.string().optional().describe('Ignored: the id beside the JWK counts'),
    alg: z.string().optional().describe('Ignored: the alg beside the JWK counts'),
    use: z.literal('sig').optional().describe('Ignored: keys here only verify'),
    key_ops: z.array(z.string()).optional().describe('Ignored: keys here only verify'),
    d: z
      .never({ error: 'is the private half of the key: remove it, and replace the key' })
      .optional()
      .describe('Never: the private half'),
  })
  .describe('Public JWK (RFC 7517); a private key has no place in this file');

const SOURCES = ['jwk', 'pem', 'secret_env', 'secret'] as const;

/** One verification key of a counterparty. What it is made of is checked against `alg` with the whole set. */
export const keySpecSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._:|@-]{0,127}$/, 'must be 1–128 letters, digits or . _ : | @ -')
      .describe('Key id (keyid of a signature), unique across all counterparties'),
    alg: z.enum(keyAlgorithms).describe('The algorithm belongs to the key, never to the message'),
    jwk: publicJwkSchema.optional(),
    pem: z.string().optional().describe('Public key, PEM (SubjectPublicKeyInfo or certificate)'),
    secret_env: envNameSchema.optional().describe('Environment variable that holds the shared secret, base64'),
    secret: z.string().optional().describe('Shared secret inline, base64; sandbox only'),
    not_before: instantSchema.optional().describe('Instant from which the key is good; absent = always'),
    not_after: instantSchema.optional().describe('Instant until which the key is good; absent = no end'),
  })
  .superRefine((key, context) => {
    const given = SOURCES.filter((source) => key[source] !== undefined);
    if (given.length !== 1) {
      const found = given.length === 0 ? 'none is given' : `given: ${given.join(', ')}`;
      context.addIssue({ code: 'custom', message: `a key takes exactly one of ${SOURCES.join(', ')}; ${found}` });
    }
    const shared = key.secret !== undefined || key.secret_env !== undefined;
    if (given.length === 1 && shared !== (key.alg === 'hmac-sha256')) {
      context.addIssue({
        code: 'custom',
        path: ['alg'],
        message: shared
          ? 'a shared secret goes with alg hmac-sha256'
          : 'hmac-sha256 takes secret_env, not a public key',
      });
    }
    if (key.not_before && key.not_after && Date.parse(key.not_before) >= Date.parse(key.not_after)) {
      context.addIssue({ code: 'custom', path: ['not_after'], message: 'must be later than not_before' });
    }
  });
export type KeySpec = z.output<typeof keySpecSchema>;
