import { z } from 'zod';
import { keySpecSchema } from './keys.ts';
import { productCapsSchema, productSchema } from './product.ts';
import {
  dialectNameSchema,
  idSchema,
  ipRangeSchema,
  partyStatusSchema,
  signResponsesSchema,
  urlSchema,
} from './scalars.ts';

const coreSchema = z
  .union(
    [
      z.literal('sandbox'),
      z.strictObject({
        url: urlSchema.describe('Base URL of the lender’s core; https, in sandbox loopback http too'),
        sign_with: z
          .string()
          .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be a kid of our /.well-known/jwks.json')
          .optional()
          .describe('Our key id that signs pushes, also after it was rotated out; absent = our current key'),
        dialect: dialectNameSchema.default('openapi').describe('openapi, a standard dialect’s name, or ./dialect.ts'),
        dialect_settings: z.record(z.string(), z.unknown()).default({}).describe('Validated by the dialect'),
        max_concurrent: z
          .int()
          .min(1)
          .max(64)
          .default(8)
          .describe('Deliveries that it is sent at the same time, at most; questions come beside them'),
        timeout_ms: z
          .int()
          .min(100)
          .max(60_000)
          .default(10_000)
          .describe('Milliseconds for the answer to a delivery; later it counts as not delivered, and is sent again'),
        retry_max_seconds: z
          .int()
          .min(1)
          .max(1_800)
          .default(1_800)
          .describe('Longest wait between attempts at a delivery, when its core does not ask for more (Retry-After)'),
      }),
      z.strictObject({
        pull: z
          .literal(true)
          .describe(
            'The lender fetches what is for it at GET /lender/v1/deliveries; nothing is sent, and nothing asked',
          ),
      }),
    ],
    {
      error:
        'must be sandbox, { url, sign_with, dialect, max_concurrent, timeout_ms, retry_max_seconds }, or { pull: true }',
    },
  )
  .describe('Where applications are pushed: sandbox, or the lender’s own core; or that the lender fetches them');

/** Where a lender's own core is called. */
export type CalledCore = Extract<z.output<typeof coreSchema>, { readonly url: string }>;

/** Whether a lender has a core of its own that we call; not played by the sandbox, not fetching by itself. */
export function isCalled(core: z.output<typeof coreSchema>): core is CalledCore {
  return core !== 'sandbox' && 'url' in core;
}

/** Whether a lender fetches what is for it. */
export function isPulling(core: z.output<typeof coreSchema>): boolean {
  return core !== 'sandbox' && 'pull' in core;
}

const precheckSchema = z.strictObject({
  mode: z
    .enum(['local', 'live', 'both'])
    .default('local')
    .describe(
      'local = our records decide; live = the lender is asked at POST {core.url}/prechecks, instead of our list of its customers; both = refused when either refuses. Nobody whom we refuse is named to the lender',
    ),
  timeout_ms: z.int().min(50).max(5000).default(800).describe('Milliseconds for the live answer, from the first'),
  on_timeout: z
    .enum(['refuse', 'accept'])
    .default('refuse')
    .describe(
      'What a missing live answer means: refuse = closed/paused for a minute; accept = accepted, provisionally',
    ),
  forms: z
    .array(z.enum(['plain', 'md5', 'sha256', 'sm3', 'masked']))
    .min(1)
    .default(['md5'])
    .describe(
      'Identifier forms that the lender understands when asked live, in order of preference: each identifier is sent once, in the first form that we have or can make of plain; a name that is not in plain comes hashed or as its first character',
    ),
});

/** lending/<id>/lender.yaml: an institution, its core and its products. */
export const lenderSchema = z.strictObject({
  id: idSchema.describe('Equal to the folder name'),
  name: z.string().min(1).max(100).describe('Shown to partners and applicants'),
  status: partyStatusSchema.default('active'),
  core: coreSchema,
  keys: z.array(keySpecSchema).default([]).describe('Keys that sign what the lender posts to us'),
  jwks_url: urlSchema.optional().describe('The lender’s JWKS, instead of or beside keys'),
  allow_ips: z.array(ipRangeSchema).default([]).describe('Addresses it may call from; empty = any'),
  sign_responses: signResponsesSchema,
  precheck: precheckSchema.prefault({}).describe('How prechecks are answered'),
  caps: productCapsSchema.prefault({}).describe('Caps over all products of this lender'),
  products: z.array(productSchema).default([]).describe('Loans on offer'),
});
export type Lender = z.output<typeof lenderSchema>;
