import { z } from '@hono/zod-openapi';
import { applicationView, FULL_VIEW } from '../../applications/lifecycle/view.ts';
import type { Loan, Versioned } from '../../applications/model.ts';
import { attributionView } from '../../attribution/attribution-view.ts';
import type { Language } from '../../http/accept-language.ts';
import { instantSchema, moneySchema } from '../../http/common-schemas.ts';
import { applicationSchema, applicationStatusSchema } from '../schemas/application-schema.ts';
import { attributionSchema } from '../schemas/attribution-schema.ts';
import { shownConsentSchema } from '../schemas/consent-schema.ts';
import { loanSchema } from '../schemas/loan-schema.ts';
import { feeAmountSchema } from '../schemas/quote-schema.ts';

const EXAMPLE_HEX = '1f8ac10f23c5b5bc1167bda84b833e5c';
const text = (description: string, example: string) => z.string().nullable().openapi({ description, example });

const paymentSchema = z
  .object({
    payment_ref: z.string().openapi({ description: 'The lender’s reference', example: 'P-1' }),
    no: z.int().openapi({ description: 'Instalment', example: 1 }),
    principal: moneySchema.openapi({ description: 'Principal paid' }),
    interest: moneySchema.openapi({ description: 'Interest paid' }),
    fees: z.array(feeAmountSchema).openapi({ description: 'Fees paid' }),
    penalty: moneySchema.openapi({ description: 'Penalty paid' }),
    waived: moneySchema.openapi({ description: 'Forgiven' }),
    payer: z
      .enum(['borrower', 'guarantor', 'insurer', 'collector'])
      .openapi({ description: 'Who paid', example: 'borrower' }),
    paid_at: instantSchema.openapi({ description: 'When' }),
    reversed: z.boolean().openapi({ description: 'Whether it was taken back', example: false }),
  })
  .openapi('Payment', { description: 'One payment as the lender reported it' });

const operatorLoanSchema = z
  .object({
    ...loanSchema.shape,
    ordinal: z
      .int()
      .nullable()
      .openapi({ description: '1 = first loan of this application that was paid out', example: 1 }),
    first_payment_default: z
      .boolean()
      .openapi({ description: 'Whether instalment 1 was defaulted on', example: false }),
    payments: z.array(paymentSchema).openapi({ description: 'Every payment, reversed ones too' }),
  })
  .openapi('OperatorLoan', { description: 'A loan with its payments' });

const heldSchema = z
  .object({
    event: z.looseObject({}).openapi({ description: 'The lender’s event as it came' }),
    until: instantSchema.openapi({ description: 'Until when it waits' }),
  })
  .openapi('HeldEvent', { description: 'An event of the lender that came before the one it needs' });

/** An application as operators read it: everything except the person. */
export const operatorApplicationSchema = z
  .object({
    // Not extended: the document would then ask for the statuses that partners see as well.
    ...applicationSchema.shape,
    version: z.int().openapi({ description: 'Number of changes so far', example: 4 }),
    status: z
      .enum(['screening', ...applicationStatusSchema.options])
      .openapi({ description: 'Where it stands; screening = its claims are being taken', example: 'refused' }),
    reason: text('The reason that we keep, whatever the partner is told', 'other_channel'),
    detail: text('More about the reason', 'has_loan'),
    origin: z
      .enum(['partner', 'page', 'lender'])
      .openapi({ description: 'Where it began: a partner’s request, our page, the lender’s app', example: 'partner' }),
    owner_id: text('Partner that may see it; null = none', 'acme'),
    lender_id: z.string().openapi({ description: 'Lender', example: 'quickcredit' }),
    funder_ids: z.array(z.string()).openapi({ description: 'Funders that may lend', example: ['harbour'] }),
    funder_id: text('Funder that does; null until named', 'harbour'),
    verdict: attributionSchema,
    pins: z
      .record(z.string(), z.string())
      .openapi({ description: 'Contract → terms that price it', example: { main: 'acme-2026' } }),
    precheck_id: text('Precheck cited', `pre_${EXAMPLE_HEX}`),
    click_id: text('Click named', `clk_${EXAMPLE_HEX}`),
    handoff_id: text('Hand-off named', `hnd_${EXAMPLE_HEX}`),
    link_code: text('Link', 'acme-home'),
    variant: z
      .object({
        id: z.string().openapi({ description: 'Its id', example: 'short' }),
        link_code: z.string().openapi({ description: 'Link that they came by', example: 'acme-home' }),
        partner_id: z.string().openapi({ description: 'Partner whose link it is', example: 'acme' }),
        click_id: z.string().openapi({ description: 'Click that brought them', example: `clk_${EXAMPLE_HEX}` }),
      })
      .nullable()
      .openapi({ description: 'Variant of a link that received the applicant; null = none did' }),
    region: text('Province of the id number, GB/T 2260', '11'),
    lock_until: instantSchema
      .nullable()
      .openapi({ description: 'Until when the applicant stays the partner’s, at least' }),
    loans: z.array(operatorLoanSchema).openapi({ description: 'Loans under its credit, oldest first' }),
    consents: z.array(shownConsentSchema).openapi({ description: 'What the applicant accepted and took back' }),
    held: z.array(heldSchema).openapi({ description: 'Events of the lender that came too early' }),
    last_occurred_at: instantSchema.nullable().openapi({ description: 'When the newest event of the lender happened' }),
    accepted_at: instantSchema.nullable().openapi({ description: 'When it was accepted; null = it was not' }),
    erased_at: instantSchema
      .nullable()
      .openapi({ description: 'When the applicant’s personal data was erased; null = it was not' }),
  })
  .openapi('OperatorApplication', {
    description: 'Everything about an application except the person, whose data lies sealed beside it',
  });

export function operatorApplication({ version, application }: Versioned, language: Language = 'en') {
  const view = applicationView(application, FULL_VIEW);
  return {
    ...view,
    version,
    status: application.status,
    origin: application.origin,
    owner_id: application.owner_id,
    lender_id: application.lender_id,
    funder_ids: application.funder_ids,
    funder_id: application.funder_id,
    verdict: attributionView(application.attribution, { viewerId: null, language, pins: application.pins }),
    pins: application.pins,
    precheck_id: application.precheck_id,
    click_id: application.click_id,
    handoff_id: application.handoff_id,
    link_code: application.link_code,
    variant: variantOf(application),
    region: application.region,
    lock_until: application.lock_until,
    loans: view.loans.map((shown, index) => ({ ...shown, ...repayment(application.loans[index]) })),
    consents: application.consents ?? [],
    held: application.held,
    last_occurred_at: application.last_occurred_at,
    accepted_at: application.accepted_at,
    erased_at: application.erased_at ?? null,
  };
}

function variantOf({ variant }: Versioned['application']) {
  if (variant === undefined) return null;
  const { id, link_code, partner_id, click_id } = variant;
  return { id, link_code, partner_id, click_id };
}

function repayment(loan: Loan | undefined) {
  if (loan === undefined) return {};
  const money = (amount: number) => ({ amount, currency: loan.amount.currency });
  return {
    ordinal: loan.ordinal,
    first_payment_default: loan.first_payment_default,
    payments: loan.payments.map((payment) => ({
      ...payment,
      principal: money(payment.principal),
      interest: money(payment.interest),
      fees: payment.fees.map((fee) => ({ ...fee, amount: money(fee.amount) })),
      penalty: money(payment.penalty),
      waived: money(payment.waived),
    })),
  };
}
