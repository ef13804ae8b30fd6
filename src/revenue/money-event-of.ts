import { msOf } from '../base/clock.ts';
import { funderOf } from '../base/ledger-party.ts';
import type { EventContext, LogEvent } from '../events/event.ts';
import { integerOf, optionalText, textOf } from './event-data.ts';
import { eventLoanOf, type LoanFacts, loanFactsOf } from './loan-facts.ts';
import type { EventApplication, EventClick, EventLoan, EventPayment, MoneyEvent } from './money-event.ts';

/** Types that nobody can be paid for: the claim steps, and what a person or lender is asked in between. */
const NEVER_MONEY: ReadonlySet<string> = new Set([
  'application.screening',
  'loan.submitted',
  'repayment.requested',
  'click.bound',
  'action.required',
  'action.completed',
]);

/** Before there is a loan to speak of, only what was asked for is known. */
const NO_ORDINAL = 0;

/** An event of the log, or one of ours that the log does not hold and money moves by all the same. */
export type BookableEvent = Omit<LogEvent, 'type'> & { readonly type: string };

/**
 * An event of the log as pricing looks at it; undefined for events that pay nobody: internal ones, and those of applications
 * that nobody introduced.
 * @param facts of the loan that the event names, null when it was never disbursed under this counterparty
 * @param counterparty whose terms price it: the partner that introduced the applicant, or the funder whose money it is
 * Throws TypeError when the event lacks what its type always has; it is parked then.
 */
export function moneyEventOf(
  event: BookableEvent,
  facts: LoanFacts | null,
  counterparty = counterpartyOf(event),
): MoneyEvent | undefined {
  const { context, type } = event;
  if (counterparty === null || NEVER_MONEY.has(type)) return undefined;
  const common = {
    id: event.id,
    occurredAtMs: msOf(event.occurred_at),
    recordedAtMs: msOf(event.recorded_at),
    counterparty,
  };
  if (type === 'click.recorded') {
    return { ...common, type: 'click', application: null, click: clickOf(event), loan: null, payment: null };
  }
  if (context === null) return undefined;
  const loan = loanOf(event, facts);
  return {
    ...common,
    type,
    application: applicationOf(event, context, facts, funderOf(counterparty)),
    loan,
    payment: paymentOf(event),
  };
}

/** Partner that an event may earn for, null when there is none. A click earns when it is billable: one a visitor, no bots. */
export function counterpartyOf({ type, data, context }: BookableEvent): string | null {
  if (type === 'click.recorded') return data.billable === true ? optionalText(data, 'partner_id') : null;
  return NEVER_MONEY.has(type) ? null : (context?.partner_id ?? null);
}

/** Id of the loan whose facts pricing the event needs; null when it needs none, or brings them itself. */
export function loanIdNeeded(event: BookableEvent): string | null {
  return event.type === 'loan.disbursed' ? null : optionalText(event.data, 'loan_id');
}

/** @param funder whose terms price it, null for a partner's: pins are of contracts with the partner, and fix nothing else */
function applicationOf(
  event: BookableEvent,
  context: EventContext,
  facts: LoanFacts | null,
  funder: string | null,
): EventApplication {
  const registration = optionalText(event.data, 'registration_id');
  const granted = event.type === 'credit.granted' || event.type === 'credit.updated';
  const amount = granted && typeof event.data.amount === 'number' ? BigInt(integerOf(event.data, 'amount')) : null;
  return {
    id: registration ?? event.subject,
    partnerId: context.partner_id,
    partnerRef: context.partner_ref,
    lenderRef: context.lender_ref,
    productId: context.product_id,
    lenderId: context.lender_id,
    funderId: funder ?? optionalText(event.data, 'funder_id') ?? facts?.funder_id ?? context.funder_id,
    linkCode: context.link_code,
    via: context.via ?? 'lender',
    customer: context.customer,
    acceptedAtMs: msOf(context.accepted_at ?? event.occurred_at),
    applicantToken: context.applicant_token,
    creditAmount: amount,
    region: context.region,
    grade: optionalText(event.data, 'grade') ?? context.grade,
    pins: funder === null ? context.pins : {},
  };
}

function loanOf(event: BookableEvent, facts: LoanFacts | null): EventLoan | null {
  const loanId = optionalText(event.data, 'loan_id');
  if (loanId === null) return null;
  if (event.type === 'loan.disbursed') return eventLoanOf(loanId, loanFactsOf(event));
  if (facts !== null) return eventLoanOf(loanId, facts);
  if (event.type === 'installment.paid') {
    throw new TypeError(`${event.type} of ${loanId}, whose disbursal is not known here; redrive once it is`);
  }
  return event.type === 'loan.requested' ? requestedLoan(loanId, event) : { ...UNKNOWN_LOAN, id: loanId };
}

/** What it is paid for and taken back by still goes by its id. */
const UNKNOWN_LOAN = { ordinal: NO_ORDINAL, principal: null, currency: null, termMonths: null };

function requestedLoan(id: string, { data }: BookableEvent): EventLoan {
  const term = integerOf(data, 'term');
  const inDays = data.term_unit === 'day';
  return {
    id,
    ordinal: NO_ORDINAL,
    principal: BigInt(integerOf(data, 'amount')),
    currency: textOf(data, 'currency'),
    termMonths: inDays ? null : term,
    termDays: inDays ? term : null,
  };
}

function paymentOf({ type, data }: BookableEvent): EventPayment | null {
  if (type === 'installment.reversed') return { ...NO_PAYMENT, ref: textOf(data, 'payment_ref') };
  if (type !== 'installment.paid') return null;
  const fees = Array.isArray(data.fees) ? (data.fees as Readonly<Record<string, unknown>>[]) : [];
  return {
    ref: textOf(data, 'payment_ref'),
    no: integerOf(data, 'no'),
    principal: BigInt(integerOf(data, 'principal')),
    interest: BigInt(integerOf(data, 'interest')),
    fees: fees.map((fee) => ({ kind: textOf(fee, 'kind'), amount: BigInt(integerOf(fee, 'amount')) })),
    penalty: BigInt(integerOf(data, 'penalty')),
    payer: textOf(data, 'payer'),
  };
}

/** A reversal names its payment and carries no amounts. */
const NO_PAYMENT = { no: 0, principal: 0n, interest: 0n, fees: [], penalty: 0n, payer: '' };

function clickOf({ subject, data }: BookableEvent): EventClick {
  return {
    id: subject,
    visitor: textOf(data, 'visitor'),
    linkCode: textOf(data, 'link_code'),
    productId: optionalText(data, 'product_id'),
    lenderId: optionalText(data, 'lender_id'),
  };
}
