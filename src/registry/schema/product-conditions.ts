import { z } from 'zod';
import { CONSENT_KINDS, EMPLOYMENT_STATUSES } from './field-catalogue.ts';
import { positiveCountSchema, regionSchema } from './scalars.ts';

/** Youngest and oldest age that a file may name. */
const AGE_LIMITS = { min: 16, max: 100 } as const;

/** About ten years. */
const CONSENT_DAYS_MAX = 3_650;

/** Applicants on one device or address are counted up to these numbers. */
const SHARING_MAX = { device: 100, ip: 200 } as const;

/** Rules that may be marked as soft: whoever is trusted passes them. Age never, and what is asked for must be on offer. */
export const SOFT_RULES = ['region', 'purpose', 'occupation', 'profile'] as const;
export type SoftRule = (typeof SOFT_RULES)[number];

const consequenceSchema = z.enum(['annotate', 'refuse']).default('annotate');

/** What a device tells: by default people are told of it; a product may refuse instead (`ineligible`, `profile`). */
const deviceRuleSchema = z
  .strictObject({
    missing: consequenceSchema.describe('When an application names no device: told to the lender, or refused'),
    max_applicants_per_device: z
      .int()
      .min(1)
      .max(SHARING_MAX.device)
      .optional()
      .describe('Applicants on one device in 24 hours, over all products; more are over it'),
    max_applicants_per_ip: z
      .int()
      .min(1)
      .max(SHARING_MAX.ip)
      .optional()
      .describe('Applicants from one IP address in 24 hours, over all products; more are over it'),
    over: consequenceSchema.describe('Who is over one of these: told to the lender, or refused'),
  })
  .refine(
    (rule) => rule.over === 'annotate' || (rule.max_applicants_per_device ?? rule.max_applicants_per_ip) !== undefined,
    { error: 'over: refuse needs max_applicants_per_device or max_applicants_per_ip', path: ['over'] },
  );

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
    .describe('Data without which an applicant is not eligible, by name; `false` and `none` count as without'),
  excluded_occupations: z
    .array(z.enum(EMPLOYMENT_STATUSES))
    .default([])
    .describe('Values of employment.status that are not admitted'),
  min_monthly_income: positiveCountSchema
    .optional()
    .describe('Least stated income a month, minor units of the product’s currency; absent = any'),
  device: deviceRuleSchema.prefault({}).describe('What is made of the applicant’s device and address'),
  soft: z
    .array(z.enum(SOFT_RULES))
    .default([])
    .describe('Rules that an applicant on the whitelist of somebody who may lend passes'),
});
export type DeviceRule = z.output<typeof deviceRuleSchema>;

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
  valid_days: z
    .int()
    .min(1)
    .max(CONSENT_DAYS_MAX)
    .optional()
    .describe('Days after its acceptance for which it counts; absent = until it is withdrawn'),
});
