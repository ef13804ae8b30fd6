import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema, moneySchema } from '../../../http/common-schemas.ts';
import { PERCENT_BASES } from '../../../registry/schema/rules.ts';
import { profileSchema } from '../../schemas/applicant-schema.ts';
import { agreementSchema } from '../../schemas/consent-schema.ts';
import { partnerUserRefSchema, productIdSchema, termUnitSchema } from '../../schemas/scalars.ts';
import { subIdsSchema } from '../../schemas/sub-ids-schema.ts';
import { subjectSchema } from '../../schemas/subject-schema.ts';

const PRODUCTS_MAX = 100;

/** A question: may this subject apply? */
export const precheckRequestSchema = z
  .strictObject({
    product_id: productIdSchema.optional().openapi({ description: 'One product; the answer is then a single one' }),
    product_ids: z
      .array(productIdSchema)
      .min(1)
      .max(PRODUCTS_MAX)
      .optional()
      .openapi({ description: 'Several products; neither = every product that is open', example: ['quick-cash'] }),
    subject: subjectSchema,
    partner_user_ref: partnerUserRefSchema,
    profile: profileSchema.optional(),
    reserve: z
      .boolean()
      .default(false)
      .openapi({ description: 'Keep the subject for you for 10 minutes, at the price of now', example: false }),
    sub_ids: subIdsSchema.optional(),
  })
  .refine((body) => body.product_id === undefined || body.product_ids === undefined, {
    error: 'give product_id or product_ids, not both',
    path: ['product_ids'],
  })
  .openapi('PrecheckRequest', {
    description: 'May this subject apply?',
    example: {
      product_id: 'quick-cash',
      subject: { phone_id: { md5: '7945bd83237335e5376ff44d62e4f0ae' } },
      reserve: false,
    },
  });

const baseSchema = z.enum(PERCENT_BASES);
const percent = z.string().openapi({ description: 'Per cent: "1.5" = 1.5 %', example: '1.5' });
const fixed = z.int().openapi({ description: 'Minor units of the contract’s currency', example: 3000 });

const paySchema = z
  .object({
    fixed: fixed.optional(),
    percent: percent.optional(),
    of: z
      .union([baseSchema, z.array(baseSchema)])
      .optional()
      .openapi({ description: 'What the percentage is taken of; several are summed', example: 'principal' }),
    annualised: z.boolean().optional().openapi({ description: 'Times the term in months / 12', example: false }),
    tiers: z
      .array(
        z.object({
          up_to: z.int().optional().openapi({ description: 'Upper end: minor units, or a count', example: 100000000 }),
          percent: percent.optional(),
          fixed: fixed.optional(),
        }),
      )
      .optional()
      .openapi({ description: 'From the lowest up' }),
    measure: z.enum(['amount', 'count']).optional().openapi({ description: 'What fills the tiers' }),
    over: z.literal('period').optional().openapi({ description: 'When the tiers start again' }),
    mode: z
      .enum(['marginal', 'whole'])
      .optional()
      .openapi({ description: 'Each part at its tier, or all at the last' }),
  })
  .openapi('Pay', { description: 'What is paid: fixed, percent, or tiers' });

const commissionRuleSchema = z
  .object({
    rule: z.string().openapi({ description: 'Rule of your terms', example: 'first' }),
    on: z.string().openapi({ description: 'Event that earns', example: 'loan.disbursed' }),
    pay: paySchema,
  })
  .openapi('CommissionRule', { description: 'What you would earn, and when' });

const limitsSchema = z
  .object({
    min: moneySchema,
    max: moneySchema,
    terms: z.array(z.int()).openapi({ description: 'Terms on offer, in term_unit', example: [3, 6, 12] }),
    term_unit: termUnitSchema,
  })
  .openapi('Limits', { description: 'What may be applied for' });

/** The answer for one product. */
export const precheckAnswerSchema = z
  .object({
    id: idSchema('pre').openapi({ description: 'Cite it in the application as precheck_id' }),
    product_id: productIdSchema,
    partner_user_ref: z.string().nullable().openapi({ description: 'As you sent it', example: 'U1' }),
    sub_ids: subIdsSchema,
    decision: z.enum(['accept', 'refuse']).openapi({ description: 'May apply, or not', example: 'accept' }),
    reason: z
      .enum([
        'new',
        'returning',
        'own',
        'in_progress',
        'other_channel',
        'existing_customer',
        'recently_refused',
        'blocked',
        'ineligible',
        'capped',
        'closed',
      ])
      .nullable()
      .openapi({ description: 'Why; null where your disclosure does not reach', example: 'new' }),
    detail: z.string().nullable().openapi({ description: 'More about the reason, such as `age`', example: null }),
    retry_at: instantSchema.nullable().openapi({ description: 'When to ask again; null = not known', example: null }),
    valid_until: instantSchema.openapi({ description: 'The answer stays good so long if nothing happens' }),
    provisional: z.boolean().openapi({
      description:
        'A hash or mask may miss what is known of this person under another form; or the lender, who is asked live, has not answered and lets people in meanwhile',
      example: false,
    }),
    customer: z
      .enum(['new', 'returning'])
      .nullable()
      .openapi({ description: 'New or returning at this lender; null when refused', example: 'new' }),
    reserved_until: instantSchema.nullable().openapi({ description: 'End of the reservation', example: null }),
    terms_id: z.string().nullable().openapi({ description: 'Your terms in force now', example: 'acme-2026' }),
    commission: z
      .array(commissionRuleSchema)
      .openapi({ description: 'Rules of your terms that may pay for this product; empty when refused' }),
    limits: limitsSchema,
    agreements: z.array(agreementSchema).openapi({ description: 'Texts to show before the application' }),
  })
  .openapi('Precheck', { description: 'May this subject apply for this product?' });

const precheckListSchema = z
  .object({
    id: idSchema('pre').openapi({ description: 'Cite it in the application as precheck_id' }),
    partner_user_ref: z.string().nullable().openapi({ description: 'As you sent it', example: 'U1' }),
    valid_until: instantSchema.openapi({ description: 'The answer stays good so long if nothing happens' }),
    provisional: z.boolean().openapi({ description: 'As in a single answer', example: false }),
    products: z.array(precheckAnswerSchema).openapi({ description: 'One answer a product' }),
  })
  .openapi('PrecheckList', { description: 'May this subject apply, for each product' });

/** A single answer for `product_id`, else one with `products`. */
export const precheckResponseSchema = z
  .union([precheckAnswerSchema, precheckListSchema])
  .openapi('PrecheckResponse', { description: 'A single answer for `product_id`, else one with `products`' });

export type PrecheckRequest = z.output<typeof precheckRequestSchema>;
export type PrecheckView = z.input<typeof precheckAnswerSchema>;
export type PrecheckResponse = z.input<typeof precheckResponseSchema>;
export type CommissionRule = z.input<typeof commissionRuleSchema>;
export type Limits = z.input<typeof limitsSchema>;
