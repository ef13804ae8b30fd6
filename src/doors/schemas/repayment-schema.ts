import { z } from '@hono/zod-openapi';
import { idSchema, instantSchema, moneySchema, referenceSchema } from '../../http/common-schemas.ts';
import { nextActionSchema } from './next-action-schema.ts';
import { feeAmountSchema } from './quote-schema.ts';
import { webUrlSchema } from './scalars.ts';

const INSTALMENTS_MAX = 600;

/** Which instalments are meant. */
export const askedInstalmentsSchema = z
  .union([
    z.literal('all'),
    z
      .array(z.int().min(1).max(INSTALMENTS_MAX))
      .min(1)
      .max(INSTALMENTS_MAX)
      .refine((nos) => new Set(nos).size === nos.length, 'an instalment is named twice')
      // The order says nothing: what falls due first is paid first.
      .transform((nos) => [...nos].sort((one, other) => one - other)),
  ])
  .openapi({
    description:
      'Numbers of the schedule, the earliest unpaid ones without a gap; or `all`: everything that is left (提前结清)',
    example: [1],
  });

/** What a payoff is asked for. */
export const payoffRequestSchema = z
  .strictObject({ installments: askedInstalmentsSchema })
  .openapi('RepaymentQuoteRequest', { description: 'Instalments to be repaid' });

/** What it takes to repay. */
export const payoffSchema = z
  .object({
    installments: askedInstalmentsSchema,
    source: z.enum(['local', 'lender']).openapi({
      description: 'Who computed it; `local` knows no penalties: the lender adds them when it collects',
      example: 'local',
    }),
    amount: moneySchema.openapi({ description: 'principal + interest + fees + penalty − waived' }),
    principal: moneySchema.openapi({ description: 'Principal of it' }),
    interest: moneySchema.openapi({ description: 'Interest of it; with `all` up to today' }),
    fees: z.array(feeAmountSchema).openapi({ description: 'Fees of it; with `all` those that are due' }),
    penalty: moneySchema.openapi({ description: 'Penalty of it' }),
    waived: moneySchema.openapi({ description: 'What of these need not be paid' }),
    valid_until: instantSchema.openapi({ description: 'Until when it holds' }),
  })
  .openapi('RepaymentQuote', { description: 'What it takes to repay some instalments now' });

/** What a partner sends to repay. */
export const repaymentRequestSchema = z
  .strictObject({
    partner_ref: referenceSchema.openapi({
      description: 'Your reference: the same again is a retry',
      example: 'REPAY-1',
    }),
    installments: askedInstalmentsSchema,
    card_id: idSchema('card')
      .optional()
      .openapi({ description: 'The bound card to be debited; absent = the one of the loan' }),
    return_url: webUrlSchema.optional().openapi({ description: 'Where the applicant comes back to' }),
  })
  .openapi('RepaymentRequest', { description: 'A repayment that the applicant starts with you (主动还款)' });

/** A repayment as partners read it. */
export const repaymentSchema = z
  .object({
    id: idSchema('rep'),
    loan_id: idSchema('loan').openapi({ description: 'The loan' }),
    partner_ref: z.string().openapi({ description: 'Your reference', example: 'REPAY-1' }),
    status: z.enum(['pending', 'succeeded', 'failed']).openapi({
      description: '`succeeded` once the lender’s payments cover it; `failed` repayments may be asked for again',
      example: 'pending',
    }),
    reason: z.string().nullable().openapi({ description: 'Why it failed', example: null }),
    installments: askedInstalmentsSchema,
    amount: moneySchema.openapi({ description: 'What the lender was asked to collect' }),
    card_id: idSchema('card').nullable().openapi({ description: 'The bound card; null = the lender chooses' }),
    payment_refs: z
      .array(z.string())
      .openapi({ description: 'References of the payments by which it succeeded', example: ['P-1'] }),
    next_action: nextActionSchema.nullable(),
    created_at: instantSchema.openapi({ description: 'When it was asked for' }),
    updated_at: instantSchema.openapi({ description: 'When it last changed' }),
  })
  .openapi('Repayment', { description: 'A repayment that was asked for (还款)' });
