import { z } from 'zod';
import { isoOf, msOf } from '../../base/clock.ts';
import type { EventApplication, EventClick, EventLoan, EventPayment, MoneyEvent } from '../money-event.ts';

const instant = z.iso.datetime({ offset: true, error: 'must be an RFC 3339 instant' });
const minor = z.int({ error: 'must be an integer in minor units' });
const text = z.string().min(1);
const textOrNull = text.nullable().default(null);

const applicationSchema = z.strictObject({
  id: text,
  partner_id: textOrNull,
  product_id: textOrNull,
  lender_id: textOrNull,
  funder_id: textOrNull,
  link_code: textOrNull,
  via: z.enum(['api', 'click', 'handoff', 'lender']),
  customer: z.enum(['new', 'returning']),
  accepted_at: instant,
  /** The same person has the same text in one file, and in no other. */
  applicant: textOrNull,
  credit_amount: minor.nullable().default(null),
  region: textOrNull,
  grade: textOrNull,
  pins: z.record(text, text).default({}),
});

const clickSchema = z.strictObject({
  id: text,
  visitor: text,
  link_code: text,
  product_id: textOrNull,
  lender_id: textOrNull,
});

const loanSchema = z.strictObject({
  id: text,
  ordinal: z.int().min(0),
  principal: minor.nullable().default(null),
  currency: text.nullable().default(null),
  received: minor.nullable().default(null),
  disbursed_at: instant.nullable().default(null),
  term: z.int().positive().nullable().default(null),
  term_unit: z.enum(['month', 'day']).default('month'),
});

const paymentSchema = z.strictObject({
  ref: text,
  no: z.int().min(0),
  principal: minor,
  interest: minor,
  fees: z.array(z.strictObject({ kind: text, amount: minor })),
  penalty: minor,
  payer: z.string(),
});

/** One money event as a line of a file has it. */
export const moneyEventLineSchema = z.strictObject({
  id: text,
  counterparty: text,
  type: text,
  occurred_at: instant,
  recorded_at: instant,
  application: applicationSchema.nullable().default(null),
  click: clickSchema.nullable().default(null),
  loan: loanSchema.nullable().default(null),
  payment: paymentSchema.nullable().default(null),
});
export type MoneyEventLine = z.output<typeof moneyEventLineSchema>;

/**
 * The event as a line, without the line break. References of partner and lender stay behind: nothing is priced by them.
 * @param pseudonym what stands for the token of a person or a visitor; the same for the same token
 */
export function moneyEventLine(event: MoneyEvent, pseudonym: (token: string) => string): string {
  const { id, type, counterparty, application, click, loan, payment } = event;
  const line: MoneyEventLine = {
    id,
    counterparty,
    type,
    occurred_at: isoOf(event.occurredAtMs),
    recorded_at: isoOf(event.recordedAtMs),
    application: application && applicationLine(application, pseudonym),
    click: click
      ? {
          id: click.id,
          visitor: pseudonym(click.visitor),
          link_code: click.linkCode,
          product_id: click.productId,
          lender_id: click.lenderId,
        }
      : null,
    loan: loan && loanLine(loan),
    payment: payment && paymentLine(payment),
  };
  return JSON.stringify(line);
}

/** The event of a line. Both directions give the same, but for references and pseudonyms. */
export function moneyEventOfLine(line: MoneyEventLine): MoneyEvent {
  const { id, type, counterparty, click, loan, payment } = line;
  return {
    id,
    type,
    counterparty,
    occurredAtMs: msOf(line.occurred_at),
    recordedAtMs: msOf(line.recorded_at),
    application: line.application && applicationOf(line.application),
    click: click && clickOf(click),
    loan: loan && loanOf(loan),
    payment: payment && paymentOf(payment),
  };
}

function applicationLine(of: EventApplication, pseudonym: (token: string) => string): MoneyEventLine['application'] {
  return {
    id: of.id,
    partner_id: of.partnerId ?? null,
    product_id: of.productId,
    lender_id: of.lenderId,
    funder_id: of.funderId,
    link_code: of.linkCode,
    via: of.via,
    customer: of.customer,
    accepted_at: isoOf(of.acceptedAtMs),
    applicant: of.applicantToken === null ? null : pseudonym(of.applicantToken),
    credit_amount: integerOrNull(of.creditAmount),
    region: of.region ?? null,
    grade: of.grade ?? null,
    pins: { ...of.pins },
  };
}

function applicationOf(line: NonNullable<MoneyEventLine['application']>): EventApplication {
  return {
    id: line.id,
    partnerId: line.partner_id,
    partnerRef: null,
    lenderRef: null,
    productId: line.product_id,
    lenderId: line.lender_id,
    funderId: line.funder_id,
    linkCode: line.link_code,
    via: line.via,
    customer: line.customer,
    acceptedAtMs: msOf(line.accepted_at),
    applicantToken: line.applicant,
    creditAmount: bigintOrNull(line.credit_amount),
    region: line.region,
    grade: line.grade,
    pins: line.pins,
  };
}

function clickOf(line: NonNullable<MoneyEventLine['click']>): EventClick {
  const { id, visitor, link_code: linkCode, product_id: productId, lender_id: lenderId } = line;
  return { id, visitor, linkCode, productId, lenderId };
}

function loanLine(of: EventLoan): NonNullable<MoneyEventLine['loan']> {
  const isInDays = of.termDays !== null && of.termDays !== undefined;
  return {
    id: of.id,
    ordinal: of.ordinal,
    principal: integerOrNull(of.principal),
    currency: of.currency,
    received: integerOrNull(of.received),
    disbursed_at: typeof of.disbursedAtMs === 'number' ? isoOf(of.disbursedAtMs) : null,
    term: isInDays ? (of.termDays ?? null) : of.termMonths,
    term_unit: isInDays ? 'day' : 'month',
  };
}

function loanOf(line: NonNullable<MoneyEventLine['loan']>): EventLoan {
  const isInDays = line.term_unit === 'day';
  return {
    id: line.id,
    ordinal: line.ordinal,
    principal: bigintOrNull(line.principal),
    currency: line.currency,
    received: bigintOrNull(line.received),
    disbursedAtMs: line.disbursed_at === null ? null : msOf(line.disbursed_at),
    termMonths: isInDays ? null : line.term,
    termDays: isInDays ? line.term : null,
  };
}

function paymentLine(of: EventPayment): NonNullable<MoneyEventLine['payment']> {
  const { ref, no, payer } = of;
  const [principal, interest, penalty] = [Number(of.principal), Number(of.interest), Number(of.penalty)];
  const fees = of.fees.map(({ kind, amount }) => ({ kind, amount: Number(amount) }));
  return { ref, no, principal, interest, fees, penalty, payer };
}

function paymentOf(line: NonNullable<MoneyEventLine['payment']>): EventPayment {
  const { ref, no, payer } = line;
  const [principal, interest, penalty] = [BigInt(line.principal), BigInt(line.interest), BigInt(line.penalty)];
  const fees = line.fees.map(({ kind, amount }) => ({ kind, amount: BigInt(amount) }));
  return { ref, no, principal, interest, fees, penalty, payer };
}

/** Amounts came as safe integers of JSON, so nothing is lost. */
function integerOrNull(minorUnits: bigint | null | undefined): number | null {
  return minorUnits === null || minorUnits === undefined ? null : Number(minorUnits);
}

function bigintOrNull(integer: number | null): bigint | null {
  return integer === null ? null : BigInt(integer);
}
