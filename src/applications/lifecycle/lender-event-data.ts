import { z } from 'zod';
import { isoOf, msOf } from '../../base/clock.ts';
import { Rational } from '../../base/rational.ts';
import { VERIFICATION_KINDS } from '../../registry/schema/field-catalogue.ts';
import { starredAddress, withoutIdentities } from '../without-identities.ts';

/** 10¹³ minor units: sums over a whole schedule stay exact integers. */
const MONEY_MAX = 10_000_000_000_000;
const TEXT_MAX = 500;
const SCHEDULE_MAX = 600;

const PAGE_URL = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(?=[:/]))[\x21-\x7e]+$/;

export const referenceSchema = z.string().min(1).max(128);
/** Instants are compared as text, so they are kept in one form: UTC with milliseconds. */
export const instantSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => /^\d{4}-/.test(utcOf(text)), { error: 'must lie in a year of four digits, in UTC too' })
  .transform((text) => isoOf(msOf(text)));
/** A page that applicants and partners' apps are sent to: nothing that runs, and nothing that a header cannot carry. */
export const pageUrlSchema = z.string().max(2048).regex(PAGE_URL, 'must be an https URL in ASCII, without blanks');
const textSchema = z.string().min(1).max(TEXT_MAX);
/** What people read of it, kept in the open: without the applicant in it. */
const wordsSchema = textSchema.transform((text) => withoutIdentities(text));
/** Where a code was sent, starred by us where the lender has not. */
export const sentToSchema = z.string().min(1).max(64).transform(starredAddress);
const rateSchema = z.string().refine((text) => Rational.isDecimal(text) && !text.startsWith('-'), {
  error: 'must be a decimal fraction such as "0.18"',
});
const numberSchema = z.int().min(1).max(SCHEDULE_MAX);
const termUnitSchema = z.enum(['month', 'day']);
export const moneySchema = z.object({
  amount: z.int().min(0).max(MONEY_MAX),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code'),
});
const positiveMoneySchema = moneySchema.refine((money) => money.amount > 0, { error: 'must be above zero' });
const feesSchema = z
  .array(z.object({ kind: textSchema, payee: textSchema, amount: moneySchema }))
  .max(20)
  .default([]);

const scheduleSchema = z
  .array(
    z.object({
      no: numberSchema,
      due_on: z.iso.date(),
      principal: moneySchema,
      interest: moneySchema,
      fees: feesSchema,
    }),
  )
  .min(1)
  .max(SCHEDULE_MAX)
  .refine((items) => new Set(items.map((item) => item.no)).size === items.length, { error: 'a no is listed twice' });
export type ScheduleData = z.output<typeof scheduleSchema>;

const PERCENT_MAX = Rational.of(100);
const percentSchema = rateSchema.refine(
  (text) => !(Rational.isDecimal(text) && Rational.parse(text).compare(PERCENT_MAX) > 0),
  {
    error: 'must be at most "100" (per cent)',
  },
);
const nominalSchema = rateSchema.refine(
  (text) => !(Rational.isDecimal(text) && Rational.parse(text).compare(Rational.ONE) > 0),
  {
    error: 'must be a fraction of at most "1": write 18 % as "0.18"',
  },
);

const priceFeeSchema = z
  .object({
    kind: textSchema,
    payee: textSchema,
    percent: percentSchema.optional(),
    fixed: z.int().min(0).max(MONEY_MAX).optional(),
    when: z.enum(['upfront', 'each']),
  })
  .refine((fee) => (fee.percent === undefined) !== (fee.fixed === undefined), {
    error: 'a fee takes exactly one of percent, fixed',
  });

const pricingSchema = z
  .array(
    z.object({
      term: z.int().min(1).max(3650),
      annual: nominalSchema.optional(),
      fees: z.array(priceFeeSchema).max(20).optional(),
      apr: rateSchema.optional(),
    }),
  )
  .min(1)
  .max(100)
  .refine((prices) => new Set(prices.map(({ term }) => term)).size === prices.length, {
    error: 'a term is priced twice',
  });

const creditFields = {
  min: moneySchema.optional(),
  step: positiveMoneySchema.optional(),
  terms: z.array(z.int().min(1).max(3650)).min(1).max(100).optional(),
  pricing: pricingSchema.optional(),
  grade: z.string().max(64).nullish(),
  funder_id: referenceSchema.nullish(),
};

const nothing = z.object({}).optional();

/** Checks of one event: more than these are no news of one applicant. */
const VERIFICATIONS_MAX = 20;

const verificationsSchema = z
  .array(
    z.object({
      kind: z.enum(VERIFICATION_KINDS),
      provider: z.string().min(1).max(64),
      result: z.enum(['pass', 'fail', 'unknown']),
      score: z.number().optional(),
      threshold: z.number().optional(),
      ref: referenceSchema.optional(),
      at: instantSchema,
    }),
  )
  .max(VERIFICATIONS_MAX);
const checked = z.object({ verifications: verificationsSchema.optional() }).optional();
const reasons = z.object({ reason: wordsSchema.nullish(), retry_at: instantSchema.nullish() }).optional();

const AGREEMENTS_MAX = 20;

/** A text to agree to. */
const agreementSchema = z.object({
  kind: textSchema,
  document: textSchema,
  version: textSchema,
  text_sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
  url: pageUrlSchema.optional(),
});

/** The data of every event that a lender may send. `no data` means that it may be left out. */
export const LENDER_EVENT_DATA = {
  'application.verifying': checked,
  'application.in_review': checked,
  'application.cancelled': z.object({ reason: wordsSchema.nullish() }).optional(),
  'action.required': z.object({
    type: z.enum(['supplement', 'redirect', 'otp', 'agree', 'card']),
    scene: z.enum(['apply', 'card', 'drawdown', 'repay']),
    fields: z.array(textSchema).max(100).optional(),
    documents: z.array(textSchema).max(100).optional(),
    verifications: z.array(textSchema).max(100).optional(),
    agreements: z.array(agreementSchema).max(AGREEMENTS_MAX).optional(),
    url: pageUrlSchema.optional(),
    sent_to: sentToSchema.optional(),
    message: z
      .string()
      .max(TEXT_MAX)
      .transform((text) => withoutIdentities(text))
      .optional(),
    expires_at: instantSchema,
    loan_id: referenceSchema.optional(),
    card_id: referenceSchema.optional(),
    repayment_id: referenceSchema.optional(),
  }),
  'action.completed': z.object({ action_id: referenceSchema, verifications: verificationsSchema.optional() }),
  'credit.granted': z.object({
    ...creditFields,
    amount: positiveMoneySchema,
    apr: rateSchema,
    expires_at: instantSchema,
  }),
  'credit.declined': z.object({ reason: wordsSchema, retry_at: instantSchema.nullish() }),
  'credit.expired': nothing,
  'credit.updated': z.object({
    ...creditFields,
    amount: moneySchema.optional(),
    apr: rateSchema.optional(),
    expires_at: instantSchema.optional(),
    status: z.enum(['active', 'frozen', 'closed']).optional(),
    reason: wordsSchema.nullish(),
  }),
  'loan.requested': z.object({
    lender_ref: referenceSchema,
    amount: positiveMoneySchema,
    term: z.int().min(1).max(3650),
    term_unit: termUnitSchema,
    purpose: wordsSchema.nullish(),
    requested_at: instantSchema,
  }),
  'loan.in_review': reasons,
  'loan.declined': reasons,
  'loan.paying_out': reasons,
  'loan.payout_failed': reasons,
  'loan.disbursed': z.object({
    principal: positiveMoneySchema,
    received: moneySchema,
    disbursed_at: instantSchema,
    funder_id: referenceSchema.nullish(),
    contract_no: referenceSchema.nullish(),
    schedule: scheduleSchema,
  }),
  'loan.schedule_updated': z.object({
    schedule: scheduleSchema,
    reason: z.enum(['prepayment', 'extension', 'waiver', 'penalty', 'correction']),
    funder_id: referenceSchema.nullish(),
  }),
  'installment.paid': z.object({
    no: numberSchema,
    payment_ref: referenceSchema,
    principal: moneySchema,
    interest: moneySchema,
    fees: feesSchema,
    penalty: moneySchema.optional(),
    waived: moneySchema.optional(),
    payer: z.enum(['borrower', 'guarantor', 'insurer', 'collector']),
    paid_at: instantSchema,
  }),
  'installment.reversed': z.object({ payment_ref: referenceSchema, reason: wordsSchema }),
  'repayment.failed': z.object({
    no: numberSchema.nullish(),
    reason: wordsSchema,
    repayment_id: referenceSchema.optional(),
  }),
  'loan.overdue': z.object({
    no: numberSchema,
    days_past_due: z.int().min(1).max(36_500),
    amount_overdue: moneySchema,
  }),
  'loan.cured': nothing,
  'loan.settled': z.object({ settled_at: instantSchema, early: z.boolean().optional() }),
  'loan.written_off': z.object({ written_off_at: instantSchema }),
  'loan.cancelled': z.object({ reason: z.enum(['cooling_off', 'payout_returned', 'customer', 'lender']) }),
  'application.fraud_confirmed': z.object({ kind: wordsSchema, evidence_ref: textSchema }),
  'complaint.opened': z.object({ channel: wordsSchema, category: wordsSchema, due_on: z.iso.date() }),
  'complaint.closed': z.object({ upheld: z.boolean() }),
} as const;

/** The instant in UTC; empty when the text is none. */
function utcOf(text: string): string {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
}
