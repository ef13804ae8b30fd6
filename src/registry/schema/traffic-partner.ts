import { z } from 'zod';
import { callbacksSchema, linkSpecSchema, postbackSchema } from './channels.ts';
import { entryLinksSchema } from './entry-links.ts';
import { CONSENT_KINDS } from './field-catalogue.ts';
import { keySpecSchema } from './keys.ts';
import {
  daysSchema,
  dialectNameSchema,
  idSchema,
  ipRangeSchema,
  partyStatusSchema,
  positiveCountSchema,
  signResponsesSchema,
  urlSchema,
} from './scalars.ts';
import { termsSchema } from './terms.ts';

const limitsSchema = z.strictObject({
  requests_per_second: positiveCountSchema.default(500).describe('Sustained requests a second'),
  burst: positiveCountSchema.default(1000).describe('Requests at once after a quiet time'),
  applications_per_day: positiveCountSchema.default(50_000).describe('Applications a day; over it: capped/partner'),
  probes_per_day: positiveCountSchema.default(5_000_000).describe('Prechecked subjects a day; over it: 429'),
  handoffs_per_day: positiveCountSchema.default(20_000).describe('Hand-offs made in a day; over it: 429'),
  upload_megabytes_per_day: positiveCountSchema
    .default(20_000)
    .describe('Documents stored in a day, in units of 1 000 000 bytes; over it: 429'),
  open_reservations: positiveCountSchema.default(1000).describe('Reservations held at one time'),
});

const attributionSchema = z.strictObject({
  click_min_seconds: z.int().min(0).max(86_400).default(15).describe('Youngest touch that counts, seconds'),
  click_max_days: daysSchema.min(1).max(400).default(30).describe('Oldest touch that counts, days'),
  first_or_last: z.enum(['first', 'last']).default('last').describe('Which valid touch wins'),
});

const payeeSchema = z.strictObject({
  legal_name: z.string().min(1).max(200).describe('Registered name of who is paid'),
  taxpayer: z
    .enum(['general', 'small_scale', 'individual', 'foreign'])
    .optional()
    .describe('VAT status: 一般纳税人 general, 小规模 small_scale, 个人 individual, 境外 foreign'),
  account_last4: z
    .string({ error: 'must be four digits in quotes' })
    .regex(/^\d{4}$/, 'must be the last four digits of the account')
    .optional()
    .describe('Last four digits of the account; the rest has no place here'),
});

const contractConsentSchema = z.strictObject({
  kind: z.enum(CONSENT_KINDS).describe('What is consented to'),
  document: z.string().min(1).max(100).describe('Name of the document'),
  version: z.string({ error: 'must be text in quotes, such as "3"' }).min(1).max(40).describe('Version'),
  text_sha256: z.string().min(1).max(64).describe('SHA-256 of the text shown, 64 lower-case hex digits'),
});

/** traffic/<id>/partner.yaml: who sends applicants. */
export const trafficPartnerSchema = z
  .strictObject({
    id: idSchema.describe('Equal to the folder name'),
    name: z.string().min(1).max(100).describe('Shown to operators'),
    kind: z.enum(['platform', 'referral']).describe('platform = API; referral = links'),
    status: partyStatusSchema.default('active'),
    dialect: dialectNameSchema.default('openapi').describe('openapi, a standard dialect’s name, or ./dialect.ts'),
    dialect_settings: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Product map, default term, switches; validated by the dialect’s own schema'),
    consents_by_contract: z
      .array(contractConsentSchema)
      .default([])
      .describe('Consents that the partner’s standard cannot carry, recorded at arrival'),
    allow_ips: z.array(ipRangeSchema).default([]).describe('Addresses it may call from; empty = any'),
    keys: z.array(keySpecSchema).default([]).describe('Keys that sign its requests; several are valid at once'),
    jwks_url: urlSchema.optional().describe('The partner’s JWKS, instead of or beside keys'),
    sign_responses: signResponsesSchema,
    limits: limitsSchema.prefault({}).describe('Rates and budgets'),
    disclosure: z
      .enum(['coarse', 'full', 'institution'])
      .default('coarse')
      .describe('How much a refusal says: decision only, reason, or everything'),
    visibility: z
      .enum(['none', 'status', 'full'])
      .optional()
      .describe('What it sees of loans after disbursal; default: none for referral, status for platform'),
    attribution: attributionSchema.prefault({}).describe('Which touches count'),
    payee: payeeSchema.optional().describe('Who is paid'),
    callbacks: callbacksSchema.optional().describe('Webhooks'),
    return_urls: z
      .array(urlSchema)
      .max(20)
      .default([])
      .describe('Addresses below which hand-offs may lead back; empty = the host of callbacks.url'),
    phone_verification: z
      .enum(['ours', 'partner'])
      .default('ours')
      .describe(
        'Whose word counts that the phone of a hand-off was verified; partner = our form sends no code to a phone whose phone_verified_at is at most a day old',
      ),
    postbacks: z.array(postbackSchema).default([]).describe('URLs called with macros filled in'),
    links: z.array(linkSpecSchema).default([]).describe('Links to share'),
    entry_links: entryLinksSchema.prefault({}).describe('Whether the addresses of its links have to be signed'),
    terms: z.array(termsSchema).default([]).describe('What it is paid, by version'),
  })
  .transform((partner) => ({
    ...partner,
    visibility: partner.visibility ?? (partner.kind === 'referral' ? ('none' as const) : ('status' as const)),
  }));
export type TrafficPartner = z.output<typeof trafficPartnerSchema>;
