import { z } from 'zod';
import { CONSENT_KINDS } from './field-catalogue.ts';
import { regionSchema } from './scalars.ts';

/** Youngest and oldest age that a file may name. */
const AGE_LIMITS = { min: 16, max: 100 } as const;

const ageSchema = z.int().min(AGE_LIMITS.min).max(AGE_LIMITS.max);

/** Who may apply; every refusal by these is `ineligible` with its detail. */
export const eligibilitySchema = z.strictObject({
  age: z
    .tuple([ageSchema, ageSchema])
    .refine(([youngest, oldest]) => youngest <= oldest, { error: 'the youngest age is above the oldest' })
    .default([18, 60])
    .describe('Youngest and oldest age in years, both included'),
  excluded_regions: z.array(regionSchema).default([]).describe('GB/T 2260 codes; a shorter one covers all below it'),
  purposes: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'must be a lower-case word such as consumption'))
    .default([])
    .describe('Purposes of the loan that are allowed; empty = any'),
  require: z
    .array(z.string().regex(/^[a-z][a-z0-9_.]{0,63}$/, 'must be a lower-case name such as employment.status'))
    .default([])
    .describe('Data without which an applicant is not eligible, by name'),
});

/** A consent text as shown to the applicant; what is accepted is compared by its hash. */
export const consentTextSchema = z.strictObject({
  kind: z.enum(CONSENT_KINDS).describe('What is consented to'),
  document: z.string().min(1).max(100).describe('Name of the document'),
  version: z
    .string({ error: 'must be text in quotes, such as "3"' })
    .min(1)
    .max(40)
    .describe('Version of the document'),
  text_sha256: z.string().min(1).max(64).describe('SHA-256 of the text shown, 64 lower-case hex digits'),
  url: z.string().min(1).max(2048).optional().describe('Where the text can be read, https'),
  stage: z.enum(['apply', 'card', 'drawdown', 'repay']).default('apply').describe('Scene at which it is needed'),
});
