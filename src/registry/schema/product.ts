import { z } from 'zod';
import { APPLICANT_FIELDS, DOCUMENT_KINDS, VERIFICATION_KINDS } from './field-catalogue.ts';
import { onwardSchema } from './onward.ts';
import { consentTextSchema, eligibilitySchema } from './product-conditions.ts';
import {
  currencySchema,
  DEFAULT_TIMEZONE,
  daysSchema,
  fractionSchema,
  idSchema,
  minorUnitsSchema,
  percentSchema,
  positiveCountSchema,
  timezoneSchema,
} from './scalars.ts';

/** Cap of the all-in annual rate where a product names none. */
export const DEFAULT_APR_CAP = '0.24';

const OPENING_HOURS = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;

export const productCapsSchema = z.strictObject({
  applications_per_day: positiveCountSchema.optional().describe('Applications accepted a day; absent = no cap'),
});

const feeSchema = z
  .strictObject({
    kind: z.enum(['service', 'guarantee', 'insurance', 'membership', 'other']).describe('What the fee is for'),
    payee: z
      .enum(['lender', 'funder', 'guarantor', 'insurer'])
      .describe('Who receives it; a traffic partner charges the borrower nothing'),
    percent: percentSchema.optional().describe('Per cent of the principal, decimal string'),
    fixed: minorUnitsSchema.optional().describe('Minor units'),
    when: z.enum(['upfront', 'each']).describe('Once at disbursal, or with each instalment'),
  })
  .refine((fee) => (fee.percent === undefined) !== (fee.fixed === undefined), {
    error: 'a fee takes exactly one of percent, fixed',
  });
export type Fee = z.output<typeof feeSchema>;

const rateSchema = z
  .strictObject({
    annual: fractionSchema.optional().describe('Nominal rate a year, fraction: "0.18" = 18 %'),
    monthly: fractionSchema.optional().describe('Nominal rate a month, fraction'),
    daily: fractionSchema.optional().describe('Nominal rate a day, fraction'),
  })
  .refine((rate) => [rate.annual, rate.monthly, rate.daily].filter((value) => value !== undefined).length === 1, {
    error: 'rate takes exactly one of annual, monthly, daily',
  });

const amountSchema = z
  .strictObject({
    min: positiveCountSchema.describe('Smallest amount, minor units'),
    max: positiveCountSchema.describe('Largest amount, minor units'),
    step: positiveCountSchema.default(1).describe('Amounts are min plus whole steps, minor units'),
  })
  .refine((amount) => amount.min <= amount.max, { error: 'min is above max' });

const termSchema = z
  .strictObject({
    options: z.array(positiveCountSchema.max(3650)).min(1).describe('Terms on offer, in unit'),
    unit: z.enum(['month', 'day']).default('month').describe('Unit of options'),
  })
  .refine((term) => new Set(term.options).size === term.options.length, {
    error: 'an option is listed twice',
    path: ['options'],
  });

const requirementsSchema = z.strictObject({
  applicant: z
    .array(z.enum(APPLICANT_FIELDS))
    .default(['name', 'id_number', 'phone'])
    .describe('Fields of the catalogue that an application must carry'),
  documents: z.array(z.enum(DOCUMENT_KINDS)).default([]).describe('Documents that must come along'),
  verifications: z.array(z.enum(VERIFICATION_KINDS)).default([]).describe('Verifications that must come along'),
  consents: z.array(consentTextSchema).default([]).describe('Agreements the applicant must have accepted'),
});

/** One loan on offer. Defaults that a regulator or a partner sees are those of the guide. */
export const productSchema = z.strictObject({
  id: idSchema.describe('Unique across all lenders'),
  name: z
    .strictObject({ en: z.string().min(1).describe('English'), zh: z.string().min(1).describe('中文') })
    .describe('Name shown to applicants'),
  status: z.enum(['open', 'paused', 'closed']).default('open').describe('paused and closed take no applications'),
  hours: z
    .array(z.string().regex(OPENING_HOURS, 'must be written "09:00-22:00"'))
    .default([])
    .describe('When applications are taken, in timezone; an end before the start runs past midnight; empty = always'),
  timezone: timezoneSchema
    .default(DEFAULT_TIMEZONE)
    .describe('IANA zone of hours, days past due and daily caps; default: default_timezone of operator.yaml'),
  funders: z.array(idSchema).min(1).describe('Funder ids; the first is the default, several are routed'),
  kind: z.enum(['instalment', 'revolving']).describe('One loan, or a limit drawn on repeatedly'),
  currency: currencySchema.describe('ISO 4217 code'),
  amount: amountSchema.describe('Amounts on offer'),
  term: termSchema.describe('Terms on offer'),
  repayment: z
    .enum(['equal_instalments', 'equal_principal', 'interest_only', 'bullet'])
    .describe('等额本息 equal_instalments, 等额本金 equal_principal, 先息后本 interest_only, 到期还本付息 bullet'),
  due_day: z
    .union([
      z
        .int()
        .min(1, 'must be a day from 1 to 28')
        .max(28, 'must be at most 28: month_end is the last day of any month'),
      z.literal('month_end'),
    ])
    .optional()
    .describe('Day of the month on which instalments fall due; absent = the day of the payout, or the month’s last'),
  first_period_min_days: z
    .int({ error: 'must be a whole number of days' })
    .min(1)
    .max(31)
    .optional()
    .describe(
      'With due_day: days from payout to the first instalment, at least; default 15. The first period then lasts this long to about a month longer, and bears interest by its days: annual rate × days / 365',
    ),
  rate: rateSchema.describe('Nominal interest rate'),
  fees: z.array(feeSchema).default([]).describe('Everything the borrower pays besides interest'),
  apr_cap: fractionSchema
    .default(DEFAULT_APR_CAP)
    .describe('Most that interest and fees may cost a year, fraction; above 0.24 needs apr_cap_basis, 0.36 is the end'),
  apr_cap_basis: z.string().min(1).max(300).optional().describe('Rule or ruling that allows a cap above 0.24'),
  quotes: z.enum(['local', 'lender']).default('local').describe('Who computes a quote'),
  apply_at: z
    .enum(['lender', 'hosted'])
    .default('lender')
    .describe('Where hand-offs to apply lead: to a page that the lender is asked for, or to our own form, filled in'),
  eligibility: eligibilitySchema.prefault({}).describe('Who may apply'),
  requirements: requirementsSchema.prefault({}).describe('What an application must carry'),
  caps: productCapsSchema.prefault({}).describe('Caps of this product'),
  cooling_off_days: daysSchema.default(3).describe('Days in which a loan may be returned without cost'),
  fpd_days: daysSchema
    .min(1)
    .default(30)
    .describe('Days past due of the first instalment that make a first-payment default'),
  lock_days: daysSchema.default(30).describe('Days an accepted applicant stays the partner’s, at least'),
  refused_days: daysSchema.default(30).describe('Days of recently_refused when the lender gives no retry_at'),
  onward: onwardSchema.optional().describe('Where applicants of the hosted page go on at the lender; absent = nowhere'),
});
/** A product as written in its file. */
export type Product = z.output<typeof productSchema>;
export type ConsentText = z.output<typeof consentTextSchema>;
