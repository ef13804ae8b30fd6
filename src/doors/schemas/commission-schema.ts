import { z } from '@hono/zod-openapi';
import { dateSchema, idSchema, instantSchema, signedMoneySchema } from '../../http/common-schemas.ts';

const EXAMPLE_HEX = '1f8ac10f23c5b5bc1167bda84b833e5c';
const text = (description: string, example: string) => z.string().openapi({ description, example });
const textOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });

export const commissionStatusSchema = z.enum(['pending', 'payable', 'stated', 'paid', 'void']).openapi({
  description:
    'pending: held; payable: earned, on no locked statement; stated: on a locked statement; paid; void: given up, see reason',
  example: 'payable',
});

/** One amount owed, or taken back, because of one event under one version of terms. */
export const commissionSchema = z
  .object({
    id: idSchema('com'),
    contract: text('Contract', 'main'),
    terms_id: text('Version of the terms that priced it', 'acme-2026'),
    rule: textOrNull('Rule of that version; null for what no rule made', 'first'),
    on: textOrNull('Event type; null for what no event made', 'loan.disbursed'),
    kind: z
      .enum(['accrual', 'clawback', 'correction', 'dispute', 'true_up', 'manual'])
      .openapi({ description: 'What made the line', example: 'accrual' }),
    application_id: textOrNull('Application, or registration', `app_${EXAMPLE_HEX}`),
    loan_id: textOrNull('Loan', `loan_${EXAMPLE_HEX}`),
    partner_ref: textOrNull('Your reference of the application', 'ORDER-1'),
    lender_ref: textOrNull('The lender’s reference of the application', 'Q-1'),
    payment_ref: textOrNull('The lender’s reference of the payment', 'P-1'),
    base: signedMoneySchema.nullable().openapi({ description: 'What the rate applied to; null for fixed amounts' }),
    rate: textOrNull('Percent; null for fixed amounts and several tiers', '1.5'),
    amount: signedMoneySchema.openapi({ description: 'Owed to you; negative = taken back' }),
    status: commissionStatusSchema,
    reason: textOrNull('Why it is void', 'cap_exceeded'),
    hold_until: instantSchema.nullable().openapi({ description: 'End of its hold; null = never held' }),
    payable_at: instantSchema.openapi({ description: 'From when it is payable; decides its period' }),
    occurred_at: instantSchema.openapi({ description: 'When the event happened' }),
    period: dateSchema.nullable().openapi({
      description: 'Period whose statement lists it; null while held and once void',
      example: '2026-01-01',
    }),
    original_period: dateSchema
      .nullable()
      .openapi({ description: 'Period it belongs to by its time, when that was cut before it came', example: null }),
    statement_id: idSchema('stm').nullable().openapi({ description: 'Its statement, once its period is in review' }),
    reverses: textOrNull('Line that it takes back', `com_${EXAMPLE_HEX}`),
    clawed_back: signedMoneySchema.openapi({ description: 'How much of it was taken back so far' }),
    late: z.boolean().openapi({ description: 'Whether it came after its own period was cut', example: false }),
    why: text(
      'The calculation in one sentence',
      '1.5 % of principal 5000.00 CNY is 75.00 CNY by rule first of acme-2026.',
    ),
  })
  .openapi('Commission', { description: 'One amount owed because of one event under one version of terms' });

/** Where a partner's money stands. */
export const balanceSchema = z
  .object({
    data: z
      .array(
        z.object({
          contract: text('Contract', 'main'),
          currency: text('ISO 4217', 'CNY'),
          pending: z.int().openapi({ description: 'Earned and held, minor units', example: 750000 }),
          payable: z.int().openapi({ description: 'Earned, on no locked statement, minor units', example: 120000 }),
          stated: z
            .int()
            .openapi({ description: 'On locked statements and unpaid, after tax, minor units', example: 0 }),
          paid: z.int().openapi({ description: 'Paid so far, minor units', example: 9800000 }),
        }),
      )
      .openapi({ description: 'One row a contract' }),
  })
  .openapi('Balance', { description: 'Balances of the ledger' });

/** Where the money stands that a funder owes us. */
export const receivableBalanceSchema = z
  .object({
    data: z
      .array(
        z.object({
          contract: text('Contract', 'funding'),
          currency: text('ISO 4217', 'CNY'),
          pending: z.int().openapi({ description: 'Earned and held, minor units', example: 0 }),
          receivable: z
            .int()
            .openapi({ description: 'Owed to us, on no locked statement, minor units', example: 2000000 }),
          stated: z
            .int()
            .openapi({ description: 'On locked statements and unpaid, after tax, minor units', example: 0 }),
          received: z.int().openapi({ description: 'Received so far, minor units', example: 9800000 }),
        }),
      )
      .openapi({ description: 'One row a contract' }),
  })
  .openapi('ReceivableBalance', { description: 'Balances of the ledger of what a funder owes us' });
