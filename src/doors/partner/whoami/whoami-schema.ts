import { z } from '@hono/zod-openapi';
import { currencySchema, instantSchema } from '../../../http/common-schemas.ts';
import { keyAlgorithms } from '../../../trust/key-algorithm.ts';

const instantOrNull = instantSchema.nullable();

const keySchema = z.object({
  id: z.string().openapi({ description: '`keyid` of your signatures', example: 'acme-ed' }),
  alg: z.enum(keyAlgorithms).openapi({ description: 'Algorithm of the key', example: 'ed25519' }),
  not_before: instantOrNull.openapi({ description: 'Good from; null = always', example: null }),
  not_after: instantOrNull.openapi({ description: 'Good until; null = no end', example: null }),
});

const limitsSchema = z.object({
  requests_per_second: z.int().openapi({ description: 'Sustained requests a second', example: 500 }),
  burst: z.int().openapi({ description: 'Requests at once after a quiet time', example: 1000 }),
  applications_per_day: z.int().openapi({ description: 'Applications a day', example: 50000 }),
  probes_per_day: z.int().openapi({ description: 'Prechecked subjects a day', example: 5000000 }),
  open_reservations: z.int().openapi({ description: 'Reservations held at one time', example: 1000 }),
  handoffs_per_day: z.int().openapi({ description: 'Hand-offs made in a day', example: 20000 }),
  upload_megabytes_per_day: z
    .int()
    .openapi({ description: 'Documents stored in a day, units of 1 000 000 bytes', example: 20000 }),
});

const contractSchema = z.object({
  contract: z.string().openapi({ description: 'Contract', example: 'main' }),
  terms_id: z.string().openapi({ description: 'Version in force now', example: 'acme-2026' }),
  payer: z.string().openapi({ description: 'Legal entity that pays', example: 'operator' }),
  currency: currencySchema,
  from: z.string().openapi({ description: 'First day of the version, in timezone', example: '2026-01-01' }),
  timezone: z.string().openapi({ description: 'IANA zone of days and periods', example: 'Asia/Shanghai' }),
  cycle: z.string().openapi({
    description: 'How periods are cut: month_end, a day 1–28, half_month, mon…sun, daily',
    example: 'month_end',
  }),
});

/** A partner's own profile, as it is in force now. */
export const whoamiSchema = z
  .object({
    id: z.string().openapi({ description: 'Your id', example: 'acme' }),
    name: z.string().openapi({ description: 'Your name', example: 'Acme Loan Supermarket' }),
    kind: z.enum(['platform', 'referral']).openapi({ description: 'How you send applicants', example: 'platform' }),
    status: z
      .enum(['active', 'suspended', 'terminated'])
      .openapi({ description: 'suspended: no new traffic; reads and accruals go on', example: 'active' }),
    keys: z.array(keySchema).openapi({ description: 'Your keys; several are good at once while you rotate' }),
    environment: z.enum(['sandbox', 'live']).openapi({ description: 'Which gateway this is', example: 'sandbox' }),
    disclosure: z
      .enum(['coarse', 'full', 'institution'])
      .openapi({ description: 'How much a refusal tells you', example: 'coarse' }),
    visibility: z
      .enum(['none', 'status', 'full'])
      .openapi({ description: 'What you see of loans after disbursal', example: 'status' }),
    limits: limitsSchema.openapi({ description: 'Rates and budgets' }),
    contracts: z.array(contractSchema).openapi({ description: 'What you are paid by, per contract' }),
    links: z.array(z.string()).openapi({ description: 'Codes of your links', example: ['acme-home'] }),
    time: instantSchema.openapi({ description: 'Our clock: compare with yours (skew up to 30 s is fine)' }),
  })
  .openapi('Whoami', { description: 'Your profile' });
