import { z } from 'zod';
import { CLAWBACK_EVENTS, EARNING_EVENTS } from './event-names.ts';
import {
  daysSchema,
  idSchema,
  labelSchema,
  minorUnitsSchema,
  percentSchema,
  positiveCountSchema,
  regionSchema,
} from './scalars.ts';

/** Longest hold: two years. */
const MAX_HOLD_DAYS = 730;

/** What a percentage may be taken of. `fees` is every fee of the event, `fees.<kind>` one kind. */
export const PERCENT_BASES = [
  'principal',
  'interest',
  'penalty',
  'fees',
  'fees.service',
  'fees.guarantee',
  'fees.insurance',
  'fees.membership',
  'fees.other',
] as const;
export type PercentBase = (typeof PERCENT_BASES)[number];

const baseSchema = z.enum(PERCENT_BASES);

const basesSchema = z
  .union([baseSchema, z.array(baseSchema).min(1)], {
    error: `must be one or several of ${PERCENT_BASES.join(', ')}`,
  })
  .describe('What the percentage is taken of; several are summed');

const fixedPaySchema = z.strictObject({
  fixed: minorUnitsSchema.describe('Minor units for each event'),
});

const percentPaySchema = z.strictObject({
  percent: percentSchema.describe('Per cent as a decimal string: "1.5" = 1.5 %'),
  of: basesSchema,
  annualised: z.boolean().optional().describe('Multiply by the term in months / 12; beside a percent of principal'),
});

const tierSchema = z
  .strictObject({
    up_to: positiveCountSchema.optional().describe('Upper end of the tier: minor units, or a count; absent = no end'),
    percent: percentSchema.optional().describe('Per cent as a decimal string'),
    fixed: minorUnitsSchema.optional().describe('Minor units for each event'),
  })
  .refine((tier) => (tier.percent === undefined) !== (tier.fixed === undefined), {
    error: 'a tier takes exactly one of percent, fixed',
  });

const tiersPaySchema = z
  .strictObject({
    tiers: z.array(tierSchema).min(1).describe('From the lowest up; only the last has no up_to'),
    measure: z.enum(['amount', 'count']).describe('What fills the tiers: money of the base, or events'),
    of: basesSchema.optional(),
    over: z.literal('period').default('period').describe('When the counter starts again'),
    mode: z
      .enum(['marginal', 'whole'])
      .default('marginal')
      .describe('marginal: each part at its own tier; whole: all at the tier reached, trued up at review'),
  })
  .superRefine((pay, context) => {
    const last = pay.tiers.length - 1;
    pay.tiers.forEach((tier, index) => {
      const previous = pay.tiers[index - 1]?.up_to ?? 0;
      const message =
        index < last && tier.up_to === undefined
          ? 'only the last tier may have no up_to'
          : tier.up_to !== undefined && tier.up_to <= previous
            ? `must be greater than the tier before (${previous})`
            : null;
      if (message) context.addIssue({ code: 'custom', path: ['tiers', index, 'up_to'], message });
    });
    const needsBase = pay.measure === 'amount' || pay.tiers.some((tier) => tier.percent !== undefined);
    if (needsBase && pay.of === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['of'],
        message: 'is required: tiers by amount or percent need a base',
      });
    }
  });

const paySchema = z
  .union([fixedPaySchema, percentPaySchema, tiersPaySchema], {
    error: 'must be { fixed }, { percent, of } or { tiers, measure }',
  })
  .describe('What is paid: fixed, percent, or tiers');

const whenSchema = z
  .strictObject({
    products: z.array(idSchema).min(1).optional().describe('Product ids'),
    lenders: z.array(idSchema).min(1).optional().describe('Lender ids'),
    funders: z.array(idSchema).min(1).optional().describe('Funder ids'),
    links: z.array(z.string()).min(1).optional().describe('Link codes'),
    via: z
      .union([z.enum(['api', 'click', 'handoff', 'lender']), z.array(z.enum(['api', 'click', 'handoff', 'lender']))])
      .optional()
      .describe('How the applicant came'),
    customer: z.enum(['new', 'returning']).optional().describe('New or returning at this lender'),
    loan: z.enum(['first', 'repeat']).optional().describe('First or later loan under the credit'),
    term: z
      .strictObject({
        min: positiveCountSchema.optional().describe('Shortest term, months'),
        max: positiveCountSchema.optional().describe('Longest term, months'),
      })
      .refine((term) => (term.min ?? 0) <= (term.max ?? Number.MAX_SAFE_INTEGER), { error: 'min is above max' })
      .optional()
      .describe('Term of the loan in months, both ends included'),
    regions: z.array(regionSchema).min(1).optional().describe('GB/T 2260 codes; a shorter one covers all below it'),
    grades: z.array(z.string().min(1)).min(1).optional().describe('Grades named by the lender with the credit'),
  })
  .describe('All conditions must hold; absent = any');

const ruleCapsSchema = z
  .strictObject({
    count: positiveCountSchema.optional().describe('Lines paid at most; what is over is void, cap_exceeded'),
    amount: minorUnitsSchema.optional().describe('Minor units paid at most; the last line gets what is left'),
    per: z.enum(['day', 'month', 'period']).describe('When the cap starts again'),
  })
  .refine((caps) => (caps.count === undefined) !== (caps.amount === undefined), {
    error: 'caps take exactly one of count, amount',
  });

/** One thing that earns. */
export const ruleSchema = z
  .strictObject({
    id: labelSchema.describe('Unique in its version; the same id in later versions shares counters'),
    on: z.enum(EARNING_EVENTS).describe('Event that earns'),
    when: whenSchema.optional(),
    pay: paySchema,
    group: labelSchema.optional().describe('Rules of one group exclude one another: the first match in file order'),
    once_per: z
      .enum(['applicant', 'application', 'loan', 'payment'])
      .optional()
      .describe('Paid once for each; absent = by event: visitor, application, loan, or payment'),
    hold_days: z.int().min(0).max(MAX_HOLD_DAYS).default(0).describe('Days a line stays pending, 0–730'),
    earn_days: daysSchema
      .min(1)
      .optional()
      .describe('Days from acceptance while this earns; absent = while credit lives'),
    payers: z
      .array(z.enum(['borrower', 'guarantor', 'insurer', 'collector']))
      .min(1)
      .optional()
      .describe('Whose payment of an instalment earns; absent = anybody’s'),
    caps: ruleCapsSchema.optional().describe('Most that this rule pays'),
  })
  .superRefine((rule, context) => {
    if ('percent' in rule.pay && rule.pay.annualised && rule.pay.of !== 'principal') {
      context.addIssue({ code: 'custom', path: ['pay', 'annualised'], message: 'goes with a percent of principal' });
    }
    if (rule.payers && rule.on !== 'installment.paid') {
      context.addIssue({ code: 'custom', path: ['payers'], message: 'goes with on: installment.paid only' });
    }
  });
export type Rule = z.output<typeof ruleSchema>;
export type Pay = Rule['pay'];
export type When = NonNullable<Rule['when']>;

const takePercentSchema = z.strictObject({
  percent: percentSchema.describe('Per cent of the line taken back, decimal string'),
  pro_rata: z.literal('unexpired_term').optional().describe('Multiply by the part of the term that was still to run'),
});

const takeFixedSchema = z.strictObject({
  fixed: minorUnitsSchema
    .min(1, 'must be at least 1')
    .describe('Minor units of each line, never more than is left of it'),
});

/** One thing that takes back. Without `rules`: every line that the event's object earned. */
export const clawbackRuleSchema = z.strictObject({
  on: z.enum(CLAWBACK_EVENTS).describe('Event that takes back'),
  take: z
    .union([takePercentSchema, takeFixedSchema], { error: 'must be { percent, pro_rata? } or { fixed }' })
    .describe('How much of a line is taken back: percent, or fixed'),
  within_days: daysSchema.optional().describe('Days from the occurred_at that earned the line; absent = for ever'),
  rules: z.array(labelSchema).min(1).optional().describe('Rule ids of this version; absent = all lines of the object'),
});
export type Clawback = z.output<typeof clawbackRuleSchema>;
