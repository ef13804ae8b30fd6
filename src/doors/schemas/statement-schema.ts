import { z } from '@hono/zod-openapi';
import { currencySchema, dateSchema, idSchema, instantSchema } from '../../http/common-schemas.ts';
import { INVOICE_KINDS } from '../../revenue/settlement/settlement.ts';
import { STATEMENT_LINE_KINDS } from '../../revenue/statement-line.ts';
import { sha256Schema } from './scalars.ts';

const EXAMPLE_HEX = '1f8ac10f23c5b5bc1167bda84b833e5c';
const minor = (description: string, example = 0) =>
  z.int().openapi({ description: `${description}; minor units of currency`, example });
const text = (description: string, example: string) => z.string().openapi({ description, example });
const textOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });

/** One line of a statement; the CSV has the same columns. */
export const statementLineSchema = z
  .object({
    commission_id: text('Commission', `com_${EXAMPLE_HEX}`),
    period: dateSchema.openapi({ description: 'Period of the statement', example: '2026-01-01' }),
    kind: z.enum(STATEMENT_LINE_KINDS).openapi({ description: 'accrual and true_up count as accruals' }),
    rule: textOrNull('Rule', 'first'),
    on: textOrNull('Event type', 'loan.disbursed'),
    partner_ref: textOrNull('Your reference of the application', 'ORDER-1'),
    application_id: textOrNull('Application', `app_${EXAMPLE_HEX}`),
    loan_id: textOrNull('Loan', `loan_${EXAMPLE_HEX}`),
    lender_ref: textOrNull('The lender’s reference', 'Q-1'),
    payment_ref: textOrNull('The lender’s reference of the payment', 'P-1'),
    occurred_at: instantSchema.openapi({ description: 'When the event happened' }),
    payable_at: instantSchema.openapi({ description: 'From when it is payable' }),
    base: z.int().nullable().openapi({ description: 'What the rate applied to, minor units', example: 500000 }),
    rate: textOrNull('Percent', '1.5'),
    amount: minor('Amount, negative = taken back', 7500),
    currency: currencySchema,
    reverses: textOrNull('Line that it takes back', `com_${EXAMPLE_HEX}`),
    reason: textOrNull('Reason', 'loan.cancelled'),
  })
  .openapi('StatementLine', { description: 'One commission line on a statement' });

const periodSchema = z.object({
  id: dateSchema.openapi({ description: 'Its first day', example: '2026-01-01' }),
  from: instantSchema.openapi({ description: 'Begins' }),
  to: instantSchema.openapi({ description: 'First instant after it' }),
  timezone: text('IANA zone of its days', 'Asia/Shanghai'),
});

const pendingSchema = z
  .object({
    opening: minor('Held when the period began'),
    added: minor('Newly held', 7500),
    released: minor('Released: payable now'),
    voided: minor('Given up while held'),
    closing: minor('Held when it ended', 7500),
  })
  .openapi({ description: 'Held money: opening + added − released − voided = closing' });

const invoiceViewSchema = z
  .object({
    number: text('As printed on it', '24512000000012345678'),
    kind: z
      .enum(INVOICE_KINDS)
      .openapi({ description: 'VAT special or ordinary, receipt, other', example: 'vat_special' }),
    issued_on: dateSchema.openapi({ description: 'Its date', example: '2026-02-11' }),
    net: minor('Net', 7500),
    tax_rate: text('Fraction', '0.06'),
    tax: minor('Tax', 450),
    gross: minor('Net + tax', 7950),
    received_at: instantSchema.openapi({ description: 'When it was handed in' }),
    status: z
      .enum(['verified', 'rejected'])
      .openapi({ description: 'verified: its figures are the statement’s', example: 'verified' }),
    reason: textOrNull('Why it was rejected', 'Wrong title'),
  })
  .openapi('StatementInvoice', { description: 'An invoice for the statement' });

const settlementSchema = z
  .object({
    due: z.int().nullable().openapi({
      description: 'What this statement asks for, carried ones before it included; null while it waits',
      example: 7950,
    }),
    paid: z.int().nullable().openapi({ description: 'Paid of it', example: 0 }),
    acceptance: z
      .object({
        revision: z.int().openapi({ description: 'Revision that was accepted', example: 1 }),
        how: z
          .enum(['click', 'signature', 'silence'])
          .openapi({ description: 'By whom: a person, a signed request, nobody in time', example: 'signature' }),
        name: textOrNull('Who accepted', 'Li Lei'),
        at: instantSchema.openapi({ description: 'When' }),
      })
      .nullable()
      .openapi({ description: 'null = not accepted yet' }),
    invoices: z.array(invoiceViewSchema).openapi({ description: 'Invoices handed in' }),
    disputes: z
      .array(
        z.object({
          id: idSchema('dsp'),
          open: z.boolean().openapi({ description: 'Whether any of its lines is unresolved', example: true }),
        }),
      )
      .openapi({ description: 'Disputes about it' }),
    open_disputes: z.int().openapi({ description: 'How many of them are open', example: 0 }),
  })
  .openapi('StatementSettlement', { description: 'What has happened to the statement since it was drafted' });

/** A partner's commissions of one period. */
export const statementSchema = z
  .object({
    id: idSchema('stm'),
    contract: text('Contract', 'main'),
    payer: text('Legal entity that pays', 'operator'),
    period: periodSchema.openapi({ description: 'What the statement covers' }),
    revision: z.int().openapi({ description: '1, and one more with every refresh of the draft', example: 1 }),
    status: z
      .enum(['draft', 'issued', 'accepted', 'disputed', 'invoiced', 'part_paid', 'paid', 'carried'])
      .openapi({ description: 'draft: in review; issued: locked and signed; carried: to the next statement' }),
    currency: currencySchema,
    opening: minor('Closing of the statement before'),
    accruals: minor('Σ lines of kind accrual and true_up', 7500),
    adjustments: minor('Σ all other lines'),
    tax: minor('Tax on top of the lines', 450),
    withheld: minor('Withheld for the tax office'),
    payments: minor('Paid out in the period'),
    closing: minor('opening + accruals + adjustments + tax − withheld − payments', 7950),
    tax_included: minor('Tax that the lines contain; no part of the sum'),
    pending: pendingSchema,
    lines_count: z.int().openapi({ description: 'Number of lines', example: 1 }),
    lines_sha256: sha256Schema.openapi({ description: 'SHA-256 of lines.csv, byte for byte' }),
    accept_by: instantSchema.nullable().openapi({ description: 'Silence until then accepts; null on drafts' }),
    due_on: dateSchema.nullable().openapi({ description: 'Day by which it is paid; null on drafts' }),
    ledger_head: sha256Schema.openapi({ description: 'Hash of the ledger entry that it rests on' }),
    settlement: settlementSchema,
    jws: z.string().nullable().openapi({
      description:
        'Compact JWS (EdDSA) over the RFC 8785 form of the statement as shown, without jws and lines; null on drafts',
      example: 'eyJhbGciOiJFZERTQSJ9.eyJpZCI6InN0bV8xIn0.c2lnbmF0dXJl',
    }),
    issued_jws: z.string().nullable().openapi({
      description: 'The signature that it was issued with, over its figures as they were locked; null on drafts',
      example: 'eyJhbGciOiJFZERTQSJ9.eyJpZCI6InN0bV8xIn0.c2lnbmF0dXJl',
    }),
    lines: z.array(statementLineSchema).optional().openapi({ description: 'Only with include=lines' }),
  })
  .openapi('Statement', { description: 'Commissions of one period; integers in minor units of currency' });
