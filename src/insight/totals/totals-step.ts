import { businessDay } from '../../base/business-day.ts';
import { msOf } from '../../base/clock.ts';
import type { LogEvent } from '../../events/event.ts';

/**
 * What is counted of a product's day. Amounts in minor units of its currency. `paid_*` are the payments of the day less those
 * reversed on it; `outstanding_*` are changes: their sum up to a day is what was outstanding when it ended.
 */
export const TOTALS = [
  'applications',
  'granted_count',
  'granted_amount',
  'disbursed_count',
  'disbursed_principal',
  'paid_count',
  'paid_principal',
  'paid_interest',
  'paid_fees',
  'paid_penalty',
  'outstanding_count',
  'outstanding_principal',
] as const;
export type Total = (typeof TOTALS)[number];
export type Totals = Readonly<Record<Total, number>>;

/** What is kept of a loan, so that later events can be counted from the log alone. */
export interface CountedLoan {
  /** Principal not paid back, minor units. */
  readonly principal: number;
  /** Null while it runs and what is left of it is outstanding; `over` after which it never runs. */
  readonly ended: 'settled' | 'over' | null;
  /** By payment_ref: principal, interest, fees, penalty; once reversed, when. */
  readonly payments: Readonly<Record<string, PaidAmounts | string>>;
}

type PaidAmounts = readonly [principal: number, interest: number, fees: number, penalty: number];

/** What one event adds to a day of a lender's product. */
export interface TotalsStep {
  readonly lenderId: string;
  readonly productId: string;
  /** `YYYY-MM-DD` in the product's zone. */
  readonly day: string;
  readonly adds: Partial<Totals>;
  /** The loan as it is from now on. */
  readonly loan?: CountedLoan & { readonly id: string };
}

/** The loan that must be known before the event can be counted. */
export function loanOfTotals(event: LogEvent): string | null {
  const { type, data } = event;
  return (LOAN_EVENTS.has(type) || runsNow(event)) && typeof data.loan_id === 'string' ? data.loan_id : null;
}

const LOAN_EVENTS: ReadonlySet<string> = new Set([
  'loan.disbursed',
  'loan.schedule_updated',
  'installment.paid',
  'installment.reversed',
  'loan.settled',
  'loan.written_off',
  'loan.cancelled',
]);

/**
 * What an event adds to the totals of a day, by when it happened; null when it adds nothing.
 * @param known of the event's loan; undefined before it was paid out
 * @param zoneOf IANA zone of a product's business day
 * @throws TypeError when the event is not shaped as its type says: a fault of whoever wrote it
 */
export function totalsStepOf(
  event: LogEvent,
  known: CountedLoan | undefined,
  zoneOf: (productId: string) => string,
): TotalsStep | null {
  const { context, data } = event;
  if (context === null || context.product_id === null) return null;
  const at = { lenderId: context.lender_id, productId: context.product_id };
  const step = (when: string, adds: Partial<Totals>, loan?: CountedLoan): TotalsStep => {
    const id = loan === undefined ? undefined : textOf(data, 'loan_id');
    const day = businessDay(msOf(when), zoneOf(at.productId));
    return { ...at, day, adds, ...(loan === undefined || id === undefined ? {} : { loan: { ...loan, id } }) };
  };
  switch (event.type) {
    case 'application.submitted':
      return step(event.occurred_at, { applications: 1 });
    case 'credit.granted':
      return step(event.occurred_at, { granted_count: 1, granted_amount: amountOf(data, 'amount') });
    case 'loan.disbursed': {
      const principal = amountOf(data, 'principal');
      const adds = { disbursed_count: 1, disbursed_principal: principal, ...outstanding(undefined, principal) };
      return step(textOf(data, 'disbursed_at'), adds, { principal, ended: null, payments: {} });
    }
    default:
      return known === undefined ? null : reopened(event, known, loanStep(event, known, step), step);
  }
}

/** A payment that did not hold opens again what was settled: with its reversal, or with the arrears that it leaves. */
function reopened(event: LogEvent, known: CountedLoan, counted: TotalsStep | null, step: MakeStep): TotalsStep | null {
  const loan = counted?.loan ?? known;
  if (loan.ended !== 'settled' || !runsNow(event)) return counted;
  const { principal } = loan;
  return step(event.occurred_at, { ...counted?.adds, ...outstanding(undefined, principal) }, { ...loan, ended: null });
}

/** Whether the loan of the event runs from now on, as was decided when the event was written. */
function runsNow({ now }: LogEvent): boolean {
  const { loan } = (now ?? {}) as { readonly loan?: { readonly status?: unknown } };
  return loan?.status === 'active' || loan?.status === 'overdue';
}

function leaves(loan: CountedLoan): Partial<Totals> {
  return outstanding(loan.principal, undefined);
}

type MakeStep = (when: string, adds: Partial<Totals>, loan: CountedLoan) => TotalsStep;

function loanStep(event: LogEvent, loan: CountedLoan, step: MakeStep): TotalsStep | null {
  const { data } = event;
  switch (event.type) {
    case 'installment.paid': {
      const ref = textOf(data, 'payment_ref');
      if (loan.payments[ref] !== undefined) return null;
      const paid = paidAmounts(data);
      const principal = loan.principal - paid[0];
      const adds = { ...paidTotals(paid, 1), ...(loan.ended === null ? change(loan.principal, principal) : {}) };
      return step(textOf(data, 'paid_at'), adds, { ...loan, principal, payments: { ...loan.payments, [ref]: paid } });
    }
    case 'installment.reversed': {
      const ref = textOf(data, 'payment_ref');
      const paid = loan.payments[ref];
      if (paid === undefined || typeof paid === 'string') return null;
      const principal = loan.principal + paid[0];
      const payments = { ...loan.payments, [ref]: event.occurred_at };
      const adds = { ...paidTotals(paid, -1), ...(loan.ended === null ? change(loan.principal, principal) : {}) };
      return step(event.occurred_at, adds, { ...loan, principal, payments });
    }
    case 'loan.schedule_updated': {
      if (data.superseded === true || !Array.isArray(data.schedule)) return null;
      const principal = principalLeft(data.schedule as readonly LogEvent['data'][], loan);
      const adds = loan.ended === null ? change(loan.principal, principal) : {};
      return step(event.occurred_at, adds, { ...loan, principal });
    }
    case 'loan.settled': {
      const isBack = Object.values(loan.payments).some((paid) => typeof paid === 'string' && paid > event.occurred_at);
      if (loan.ended !== null || isBack) return null;
      return step(endOf(event), leaves(loan), { ...loan, ended: 'settled' });
    }
    case 'loan.written_off':
    case 'loan.cancelled':
      return loan.ended === null ? step(endOf(event), leaves(loan), { ...loan, ended: 'over' }) : null;
    default:
      return null;
  }
}

function endOf({ data, occurred_at }: LogEvent): string {
  const at = data.settled_at ?? data.written_off_at;
  return typeof at === 'string' ? at : occurred_at;
}

/** What a new schedule leaves of the principal: a waiver lets some of it go. */
function principalLeft(schedule: readonly LogEvent['data'][], { payments }: CountedLoan): number {
  const standing = Object.values(payments).filter((paid) => typeof paid !== 'string');
  const paid = standing.reduce((sum, [principal]) => sum + principal, 0);
  return schedule.reduce((sum, item) => sum + amountOf(item, 'principal'), -paid);
}

/** A loan enters (`after`) or leaves (`before`) what is outstanding. */
function outstanding(before: number | undefined, after: number | undefined): Partial<Totals> {
  const count = (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
  return { outstanding_count: count, outstanding_principal: (after ?? 0) - (before ?? 0) };
}

function change(before: number, after: number): Partial<Totals> {
  return { outstanding_principal: after - before };
}

function paidTotals([principal, interest, fees, penalty]: PaidAmounts, sign: 1 | -1): Partial<Totals> {
  return {
    paid_count: sign,
    paid_principal: sign * principal,
    paid_interest: sign * interest,
    paid_fees: sign * fees,
    paid_penalty: sign * penalty,
  };
}

function paidAmounts(data: LogEvent['data']): PaidAmounts {
  const fees = Array.isArray(data.fees) ? (data.fees as readonly LogEvent['data'][]) : [];
  const feeSum = fees.reduce((sum, fee) => sum + amountOf(fee, 'amount'), 0);
  return [amountOf(data, 'principal'), amountOf(data, 'interest'), feeSum, amountOf(data, 'penalty')];
}

function textOf(data: LogEvent['data'], name: string): string {
  const value = data[name];
  if (typeof value === 'string') return value;
  throw new TypeError(`${name} of the event is no text`);
}

function amountOf(data: LogEvent['data'], name: string): number {
  const value = data[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError(`${name} of the event is no integer of minor units`);
}
