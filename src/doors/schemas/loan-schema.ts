import { z } from '@hono/zod-openapi';
import { dateSchema, idSchema, instantSchema, moneySchema } from '../../http/common-schemas.ts';
import { nextActionSchema } from './next-action-schema.ts';
import { feeAmountSchema } from './quote-schema.ts';
import { termSchema, termUnitSchema } from './scalars.ts';

const HIDDEN = 'null where your visibility does not reach';

/** Where a loan stands. */
export const loanStatusSchema = z
  .enum([
    'requested',
    'in_review',
    'needs_input',
    'declined',
    'paying_out',
    'payout_failed',
    'active',
    'overdue',
    'settled',
    'written_off',
    'cancelled',
  ])
  .openapi({ description: 'Where it stands', example: 'active' });

/** A loan as partners read it. */
export const loanSchema = z
  .object({
    id: idSchema('loan'),
    partner_ref: z
      .string()
      .nullable()
      .openapi({ description: 'Your reference; null = drawn at the lender', example: 'DRAW-1' }),
    lender_ref: z.string().nullable().openapi({ description: 'The lender’s reference', example: 'L-778' }),
    application_id: idSchema('app').openapi({ description: 'The application whose credit it draws' }),
    status: loanStatusSchema,
    reason: z.string().nullable().openapi({ description: 'Why it was declined, failed or cancelled', example: null }),
    retry_at: instantSchema.nullable().openapi({ description: 'When to ask again', example: null }),
    amount: moneySchema.openapi({ description: 'Principal' }),
    term: termSchema,
    term_unit: termUnitSchema,
    purpose: z.string().nullable().openapi({ description: 'What it is for', example: 'consumption' }),
    quote_id: idSchema('quo').nullable().openapi({ description: 'The quote that you cited', example: null }),
    card_id: idSchema('card').nullable().openapi({ description: 'The bound card that you named', example: null }),
    received: moneySchema.nullable().openapi({ description: 'What was paid out; null before payout' }),
    funder_id: z.string().nullable().openapi({ description: 'Whose money it is', example: 'harbour' }),
    contract_no: z
      .string()
      .nullable()
      .openapi({ description: `Contract number; ${HIDDEN}`, example: null }),
    disbursed_at: instantSchema.nullable().openapi({ description: 'When it was paid out' }),
    settled_at: instantSchema.nullable().openapi({ description: `When it was paid back; ${HIDDEN}`, example: null }),
    outstanding: moneySchema.nullable().openapi({ description: `Principal not paid back; ${HIDDEN}` }),
    recovered: moneySchema.nullable().openapi({
      description: `What came in since it was written off, whoever paid it; null while it is not, and ${HIDDEN.slice(5)}`,
      example: null,
    }),
    days_past_due: z
      .int()
      .nullable()
      .openapi({ description: `Days past due; ${HIDDEN}`, example: 0 }),
    bucket: z
      .string()
      .nullable()
      .openapi({ description: `M0 … M4+, written_off; ${HIDDEN}`, example: 'M0' }),
    next_action: nextActionSchema.nullable(),
    created_at: instantSchema.openapi({ description: 'When it was asked for' }),
    updated_at: instantSchema.openapi({ description: 'When it last changed' }),
  })
  .openapi('Loan', { description: 'One drawdown under a credit' });

/** One instalment with what was paid on it. */
export const instalmentSchema = z
  .object({
    no: z.int().openapi({ description: 'Number, from 1', example: 1 }),
    due_on: dateSchema.openapi({ description: 'Day it is due', example: '2026-02-01' }),
    principal: moneySchema,
    interest: moneySchema,
    fees: z.array(feeAmountSchema).openapi({ description: 'Fees of this instalment' }),
    total: moneySchema.openapi({ description: 'Principal, interest and fees' }),
    paid: moneySchema.openapi({ description: 'Paid so far, without penalties' }),
    penalty: moneySchema.nullable().openapi({ description: `Penalty paid; ${HIDDEN}` }),
    waived: moneySchema.nullable().openapi({ description: `Waived; ${HIDDEN}` }),
    status: z
      .enum(['not_due', 'due', 'paid', 'overdue'])
      .openapi({ description: 'Where it stands', example: 'not_due' }),
    paid_at: instantSchema.nullable().openapi({ description: 'When it was paid', example: null }),
  })
  .openapi('Instalment', { description: 'One instalment and what was paid on it' });

/** A loan's repayment schedule. */
export const scheduleSchema = z
  .object({
    loan_id: idSchema('loan').openapi({ description: 'The loan' }),
    schedule: z
      .array(instalmentSchema)
      .nullable()
      .openapi({ description: `Instalments in order; empty before payout; ${HIDDEN}` }),
  })
  .openapi('Schedule', { description: 'Repayment schedule (还款计划)' });
