import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema, moneySchema } from '../../http/common-schemas.ts';
import { loanSchema } from './loan-schema.ts';
import { nextActionSchema } from './next-action-schema.ts';
import { requestedSchema } from './requested-schema.ts';
import { productIdSchema, rateSchema, termUnitSchema } from './scalars.ts';
import { subIdsSchema } from './sub-ids-schema.ts';
import { shownVerificationSchema } from './verification-schema.ts';

export const applicationStatusSchema = z
  .enum([
    'received',
    'refused',
    'submitted',
    'verifying',
    'needs_input',
    'in_review',
    'credit_granted',
    'credit_declined',
    'cancelled',
    'expired',
  ])
  .openapi({
    description:
      'received → refused | submitted → verifying ⇄ needs_input → in_review → credit_granted | credit_declined',
    example: 'received',
  });

const priceFeeSchema = z.object({
  kind: z.string().openapi({ description: 'What the fee is for', example: 'service' }),
  payee: z.string().openapi({ description: 'Who receives it', example: 'lender' }),
  percent: z.string().optional().openapi({ description: 'Per cent of the principal: "1.2" = 1.2 %', example: '1.2' }),
  fixed: z
    .int()
    .optional()
    .openapi({ description: 'Fixed amount, minor units of the credit’s currency', example: 5000 }),
  when: z
    .enum(['upfront', 'each'])
    .openapi({ description: 'Once at disbursal, or with each instalment', example: 'upfront' }),
});

const pricingSchema = z
  .object({
    term: z.int().openapi({ description: 'Term, in term_unit', example: 12 }),
    annual: rateSchema.openapi({ description: 'Nominal interest a year, fraction', example: '0.17' }),
    fees: z.array(priceFeeSchema).openapi({ description: 'What is paid besides interest' }),
    apr: rateSchema.nullable().openapi({
      description: 'Yearly cost with every fee as the lender states it; a quote finds it',
      example: '0.19',
    }),
  })
  .openapi('CreditPrice', { description: 'What loans of one term cost' });

/** What a lender granted. */
export const creditSchema = z
  .object({
    status: z
      .enum(['active', 'frozen', 'closed'])
      .openapi({ description: 'Whether it can be drawn', example: 'active' }),
    amount: moneySchema.openapi({ description: 'What was granted' }),
    min: moneySchema.nullable().openapi({ description: 'Smallest drawdown; null = as the product' }),
    step: moneySchema.nullable().openapi({ description: 'Drawdowns are min plus whole steps; null = as the product' }),
    available: moneySchema.openapi({ description: 'What can still be drawn' }),
    terms: z
      .array(z.int())
      .nullable()
      .openapi({ description: 'Terms, in term_unit; null = as the product', example: [3, 6] }),
    term_unit: termUnitSchema,
    pricing: z
      .array(pricingSchema)
      .nullable()
      .openapi({
        description: 'Price a term; null = as the product',
        example: [{ term: 12, annual: '0.17', fees: [], apr: '0.17' }],
      }),
    apr: rateSchema.openapi({ description: 'Yearly cost with every fee, fraction' }),
    expires_at: instantSchema.openapi({ description: 'Until when it can be drawn' }),
    grade: z.string().nullable().openapi({ description: 'The lender’s grade', example: 'A' }),
    funder_id: z.string().nullable().openapi({ description: 'Whose money it is', example: 'harbour' }),
  })
  .openapi('Credit', { description: 'What was granted' });

const attributionSchema = z
  .object({
    partner_id: z.string().nullable().openapi({ description: 'Who earns; null = direct', example: 'acme' }),
    via: z
      .enum(['api', 'click', 'handoff', 'lender'])
      .nullable()
      .openapi({ description: 'How the applicant came', example: 'api' }),
    reason: z.string().openapi({ description: 'Why', example: 'submitted_by' }),
  })
  .openapi('Attribution', { description: 'Which contact introduced it' });

/** An application as partners read it. */
export const applicationSchema = z
  .object({
    id: idSchema('app'),
    partner_ref: z
      .string()
      .nullable()
      .openapi({ description: 'Your reference; null = began at the lender', example: 'ORDER-1' }),
    partner_user_ref: z.string().nullable().openapi({ description: 'Your id of the user', example: 'U1' }),
    lender_ref: z.string().nullable().openapi({ description: 'The lender’s reference', example: null }),
    product_id: productIdSchema,
    status: applicationStatusSchema,
    reason: z
      .string()
      .nullable()
      .openapi({ description: 'Why it was refused or declined, as far as you are told', example: null }),
    detail: z.string().nullable().openapi({ description: 'More about the reason', example: null }),
    retry_at: instantSchema.nullable().openapi({ description: 'When to try again; null = not known', example: null }),
    existing_application_id: idSchema('app')
      .nullable()
      .openapi({ description: 'Your own application that is open; go on with that one', example: null }),
    display: z.string().nullable().openapi({ description: 'A sentence to show to the applicant', example: null }),
    customer: z.enum(['new', 'returning']).openapi({ description: 'New or returning at this lender', example: 'new' }),
    requested: requestedSchema.nullable().openapi({ description: 'What was wished for' }),
    next_action: nextActionSchema.nullable(),
    credit: creditSchema.nullable(),
    verifications: z
      .array(shownVerificationSchema)
      .openapi({ description: 'Checks of the applicant, in the order in which they came: yours, ours, the lender’s' }),
    loans: z.array(loanSchema).openapi({ description: 'Drawdowns, oldest first' }),
    attribution: attributionSchema,
    sub_ids: subIdsSchema,
    created_at: instantSchema.openapi({ description: 'When it arrived' }),
    updated_at: instantSchema.openapi({ description: 'When it last changed' }),
  })
  .openapi('Application', { description: 'One subject’s request for credit on one product' });
