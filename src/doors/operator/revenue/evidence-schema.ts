import { z } from '@hono/zod-openapi';
import { dateSchema, idSchema, instantSchema } from '../../../http/common-schemas.ts';
import { attributionSchema } from '../../schemas/attribution-schema.ts';
import { commissionSchema } from '../../schemas/commission-schema.ts';

const EXAMPLE_HASH = '6b8a0694325eb717f92fe8d3309664398cbcf6d7ddf7c8819f9e9121c6bd8f3c';
const hash = (description: string) => z.string().openapi({ description, example: EXAMPLE_HASH });
const text = (description: string, example: string) => z.string().openapi({ description, example });

const toldSchema = z
  .object({
    id: text('The lender’s own id of the event', 'L-1'),
    digest: hash('SHA-256 (hex) over the RFC 8785 form of the event as the lender sent it').nullable(),
    key_id: text('Key of the lender whose signature over the request was verified', 'qc-ed').nullable(),
  })
  .openapi({
    description:
      'What we hold of the lender’s message: enough to recognise the original, which the lender has. The message and its ' +
      'signature are not kept. null = it is not kept any more',
  });

const eventSchema = z
  .object({
    id: text('Event', 'evt_0a0mmlb3k2w0000'),
    type: text('What happened', 'loan.disbursed'),
    occurred_at: instantSchema.openapi({ description: 'When it happened' }),
    recorded_at: instantSchema.openapi({ description: 'When we wrote it down' }),
    data: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'What is kept of it; amounts in minor units', example: { principal: 500_000 } }),
    told: toldSchema.nullable().openapi({ description: 'The lender’s message; null = no lender told it' }),
  })
  .openapi({ description: 'The event that called for the line' });

const termsSchema = z
  .object({
    id: text('Version', 'acme-2026'),
    contract: text('Contract', 'main'),
    from: dateSchema.openapi({ description: 'First day in force', example: '2026-01-01' }),
    price_at: z.enum(['application', 'event']).openapi({ description: 'Which version prices', example: 'application' }),
    rule: z
      .record(z.string(), z.unknown())
      .nullable()
      .openapi({ description: 'The rule as the file has it', example: { id: 'first', on: 'loan.disbursed' } }),
    clawback: z
      .array(z.record(z.string(), z.unknown()))
      .openapi({ description: 'Clawbacks of the version that the event calls for', example: [] }),
    fingerprint: hash('SHA-256 of the version as its file has it now').nullable(),
    priced_fingerprint: hash('SHA-256 under which it has priced; the same, or the version would not load').nullable(),
  })
  .openapi({ description: 'The version of the terms that priced it' });

const calculationSchema = z
  .object({
    why: text('The calculation in words', '1.5 % of principal 5000.00 CNY is 75.00 CNY by rule first of acme-2026.'),
    base: z.int().nullable().openapi({ description: 'What the rate applied to, minor units', example: 500_000 }),
    rate: text('Percent', '1.5').nullable(),
    exact: text('base × rate before anything else, minor units as a fraction', '7500').nullable(),
    rounding: text('How it was rounded, once', 'half_even').nullable(),
    amount: z
      .int()
      .openapi({ description: 'What came of it, minor units; caps and terms of loans included', example: 7_500 }),
    currency: text('ISO 4217', 'CNY'),
  })
  .openapi({ description: 'The calculation, in words and in numbers' });

const ledgerSchema = z
  .object({
    seq: z.int().openapi({ description: 'Its place in the chain, from 1', example: 12 }),
    hash: hash('Its hash'),
    prev_hash: hash('Hash of the entry before it'),
    kind: text('What it is', 'accrual'),
    at: instantSchema.openapi({ description: 'When it was booked' }),
    transfers: z
      .array(
        z.object({
          from: text('Account', 'main/CNY/expense'),
          to: text('Account', 'main/CNY/payable'),
          amount: text('Minor units', '7500'),
        }),
      )
      .openapi({ description: 'Money moved' }),
    head: z
      .object({
        seq: z.int().openapi({ description: 'Entries so far', example: 40 }),
        hash: hash('Hash of the last one'),
      })
      .openapi({ description: 'Where the chain stands now' }),
  })
  .openapi({ description: 'The ledger entry that booked it' });

const statementSchema = z
  .object({
    id: idSchema('stm'),
    period: dateSchema.openapi({ description: 'Period', example: '2026-01-01' }),
    revision: z.int().openapi({ description: 'Revision of the draft that became it', example: 1 }),
    status: text('Where the statement stands', 'issued'),
  })
  .openapi({ description: 'The statement that lists it' });

/** Everything that a commission goes back to. */
export const evidenceSchema = z
  .object({
    commission: commissionSchema,
    event: eventSchema.nullable().openapi({ description: 'null = no event called for it (a true-up, an adjustment)' }),
    terms: termsSchema.nullable().openapi({ description: 'null = its version is in no file any more' }),
    calculation: calculationSchema,
    attribution: attributionSchema.nullable().openapi({
      description:
        'Who introduced the applicant, with every candidate; null for clicks, and once the application is gone',
    }),
    ledger: ledgerSchema.nullable().openapi({ description: 'null = the entry is missing: run `sluice ledger check`' }),
    statement: statementSchema.nullable().openapi({ description: 'null = its period is not in review yet' }),
    related: z
      .array(commissionSchema)
      .openapi({ description: 'The line that it takes back, and those that took it back' }),
  })
  .openapi('CommissionEvidence', { description: 'What stands behind one commission' });
