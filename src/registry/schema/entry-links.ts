import { z } from 'zod';
import type { KeySpec } from './keys.ts';
import { envNameSchema, instantSchema } from './scalars.ts';

const DEFAULT_MAX_AGE_SECONDS = 30 * 86_400;
const LONGEST_MAX_AGE_SECONDS = 400 * 86_400;
/** More than a partner needs while it changes from one to the next. */
const KEYS_MAX = 10;

/** A secret with which a partner signs addresses of its links; it signs nothing else. */
export const entryKeySchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1–64 letters, digits, ".", "_" or "-"')
      .describe('Key id (`kid` of a signed address), unique across all counterparties and all their keys'),
    secret_env: envNameSchema
      .optional()
      .describe('Environment variable that holds the secret, base64, 32 bytes or more'),
    secret: z.string().optional().describe('Secret inline, base64; sandbox only'),
    not_before: instantSchema.optional().describe('Instant from which the key is good; absent = always'),
    not_after: instantSchema.optional().describe('Instant until which the key is good; absent = no end'),
  })
  .superRefine((key, context) => {
    if ((key.secret === undefined) === (key.secret_env === undefined)) {
      context.addIssue({ code: 'custom', message: 'a key of links takes exactly one of secret_env, secret' });
    }
    if (key.not_before && key.not_after && Date.parse(key.not_before) >= Date.parse(key.not_after)) {
      context.addIssue({ code: 'custom', path: ['not_after'], message: 'must be later than not_before' });
    }
  });
export type EntryKeySpec = z.output<typeof entryKeySchema>;

/** Such a key as any other key is written. */
export function asKeySpec(key: EntryKeySpec): KeySpec {
  return { ...key, alg: 'hmac-sha256' };
}

/** Whether the addresses at which people arrive through a partner's links have to be signed. */
export const entryLinksSchema = z
  .strictObject({
    mode: z
      .enum(['off', 'report_only', 'enforce'])
      .default('off')
      .describe(
        'report_only = faults are counted and nothing else; enforce = who comes by a faulty address goes elsewhere',
      ),
    max_age_seconds: z
      .int()
      .min(60)
      .max(LONGEST_MAX_AGE_SECONDS)
      .default(DEFAULT_MAX_AGE_SECONDS)
      .describe('How far ahead `exp` may lie at most, seconds'),
    keys: z.array(entryKeySchema).max(KEYS_MAX).default([]).describe('Keys that sign them; several are good at once'),
  })
  .refine(({ mode, keys }) => mode === 'off' || keys.length > 0, {
    error: 'needs a key: without one no address could be signed',
    path: ['keys'],
  });
export type EntryLinks = z.output<typeof entryLinksSchema>;
