import { z } from '@hono/zod-openapi';
import { dateSchema, idSchema, instantSchema, moneySchema } from '../../http/common-schemas.ts';
import { rateSchema, termSchema, termUnitSchema } from './scalars.ts';

/** What a quote is asked for. */
export const quoteRequestSchema = z
  .strictObject({ amount: moneySchema, term: termSchema, term_unit: termUnitSchema })
  .openapi('QuoteRequest', { description: 'A loan to be quoted' });

export const feeAmountSchema = z
  .object({
    kind: z.string().openapi({ description: 'What the fee is for', example: 'service' }),
    payee: z.string().openapi({ description: 'Who receives it', example: 'lender' }),
    amount: moneySchema,
  })
  .openapi('FeeAmount', { description: 'A fee as an amount' });

const instalmentSchema = z
  .object({
    no: z.int().openapi({ description: 'Number, from 1', example: 1 }),
    due_on: dateSchema.openapi({ description: 'Day it is due', example: '2026-02-01' }),
    principal: moneySchema,
    interest: moneySchema,
    fees: z.array(feeAmountSchema).openapi({ description: 'Fees of this instalment' }),
    total: moneySchema,
  })
  .openapi('QuotedInstalment', { description: 'One instalment' });

/** What a loan would cost. */
export const quoteSchema = z
  .object({
    id: idSchema('quo'),
    source: z.enum(['local', 'lender']).openapi({ description: 'Who computed it', example: 'local' }),
    valid_until: instantSchema.openapi({
      description:
        'Until when it may be drawn at these costs: the end of the business day in the product’s time zone, at least half an hour from now; or as the lender says',
    }),
    received: moneySchema.openapi({ description: 'What the applicant gets' }),
    total: moneySchema.openapi({ description: 'What the applicant pays back in all' }),
    apr: rateSchema.openapi({
      description:
        'Yearly cost with every interest and fee, nominal, fraction with 8 digits; found by us, also for a lender’s quote',
      example: '0.18000000',
    }),
    apr_effective: rateSchema.openapi({
      description: 'The same, compounded; on the dates of the payments (XIRR) where the first period is no month',
      example: '0.19561817',
    }),
    cost: z
      .object({
        interest: moneySchema,
        fees: z.array(feeAmountSchema).openapi({ description: 'All fees, upfront ones too' }),
      })
      .openapi({ description: 'What it costs in all' }),
    schedule: z.array(instalmentSchema).openapi({ description: 'Instalments in order' }),
  })
  .openapi('Quote', { description: 'What a loan would cost' });

export type QuoteRequest = z.output<typeof quoteRequestSchema>;
export type QuoteView = z.input<typeof quoteSchema>;
