import { z } from 'zod';
import { clawbackRuleSchema, ruleSchema } from './rules.ts';
import {
  currencySchema,
  DEFAULT_TIMEZONE,
  dateSchema,
  daysSchema,
  fractionSchema,
  idSchema,
  labelSchema,
  minorUnitsSchema,
  timezoneSchema,
} from './scalars.ts';

/** Legal entity that pays where a file does not name one. */
export const DEFAULT_PAYER = 'operator';

const CYCLE_NAMES = ['month_end', 'half_month', 'daily', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const CYCLE_MESSAGE = `must be ${CYCLE_NAMES.join(', ')}, or a day of the month from 1 to 28`;

const cycleSchema = z
  .union([z.enum(CYCLE_NAMES), z.int({ error: CYCLE_MESSAGE }).min(1, CYCLE_MESSAGE).max(28, CYCLE_MESSAGE)], {
    error: CYCLE_MESSAGE,
  })
  .describe('How periods are cut: month_end, a day of the month 1–28, half_month, mon…sun, or daily');

const payoutSchema = z.strictObject({
  days: daysSchema.default(15).describe('Days from acceptance to the day the payment is due'),
  min: minorUnitsSchema.default(0).describe('Smallest amount paid out, minor units; below it the statement is carried'),
  invoice: z.enum(['none', 'required']).default('none').describe('Whether the partner’s invoice is awaited'),
});

const taxSchema = z.strictObject({
  rate: fractionSchema.default('0').describe('Tax rate, fraction: "0.06" = 6 %'),
  mode: z
    .enum(['exclusive', 'inclusive'])
    .default('exclusive')
    .describe('exclusive: tax comes on top of commissions; inclusive: it is contained in them'),
});

const withholdSchema = z.strictObject({
  rate: fractionSchema.default('0').describe('Rate withheld at payment, fraction'),
});

/** One version of one contract. Versions of a contract follow one another by `from`. */
export const termsSchema = z
  .strictObject({
    id: labelSchema.describe('Version id; once it has priced a commission its content is immutable'),
    contract: labelSchema.default('main').describe('Same contract = versions of it; others run side by side'),
    payer: idSchema.default(DEFAULT_PAYER).describe('Who pays: a legal entity of operator.yaml'),
    from: dateSchema.describe('First day in force, from 00:00 in timezone'),
    price_at: z
      .enum(['application', 'event'])
      .default('application')
      .describe('Which version prices: in force at acceptance of the application, or at each event'),
    currency: currencySchema.describe('ISO 4217 code of every amount in this version'),
    timezone: timezoneSchema
      .default(DEFAULT_TIMEZONE)
      .describe('IANA zone in which days and periods begin; default: default_timezone of operator.yaml'),
    cycle: cycleSchema.default('month_end'),
    accept_days: daysSchema.default(5).describe('Days to accept or dispute an issued statement; silence accepts'),
    payout: payoutSchema.prefault({}).describe('When and above which amount we pay'),
    tax: taxSchema.prefault({}).describe('One tax line a statement, on accruals and adjustments'),
    withhold: withholdSchema.prefault({}).describe('Withheld from payments'),
    rounding: z
      .enum(['half_even', 'half_up', 'floor'])
      .default('half_even')
      .describe('How a line is rounded to minor units, once'),
    rules: z.array(ruleSchema).default([]).describe('What earns; rules add up unless they share a group'),
    clawback: z.array(clawbackRuleSchema).default([]).describe('What takes back'),
  })
  .describe('One version of a contract');
export type Terms = z.output<typeof termsSchema>;
export type Cycle = Terms['cycle'];
