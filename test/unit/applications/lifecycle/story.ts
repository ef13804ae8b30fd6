import type { DraftEvent } from '../../../../src/applications/context.ts';
import { applyLenderEvent, type LenderDecision } from '../../../../src/applications/lifecycle/apply-lender-event.ts';
import type { LenderFacts, ProductFacts } from '../../../../src/applications/lifecycle/decision.ts';
import { type LenderEvent, parseLenderEvent } from '../../../../src/applications/lifecycle/lender-event.ts';
import { lenderLoanId } from '../../../../src/applications/lifecycle/loan-requested.ts';
import type { Application, Loan } from '../../../../src/applications/model.ts';
import { DAY_MS, isoOf } from '../../../../src/base/clock.ts';
import { sampleApplication } from '../../../support/sample-application.ts';

/** 12:00 in Shanghai. */
export const START = Date.parse('2026-01-01T04:00:00.000Z');
export const LOAN_REF = 'LN-1';
export const PRODUCT: ProductFacts = {
  currency: 'CNY',
  apr_cap: '0.24',
  timezone: 'Asia/Shanghai',
  fpd_days: 30,
  refused_days: 30,
  cooling_off_days: 3,
  term: { unit: 'month' },
};

export const at = (days: number): string => isoOf(START + Math.round(days * DAY_MS));
export const cny = (amount: number) => ({ amount, currency: 'CNY' });

export function factsAt(days: number, change: Partial<LenderFacts> = {}): LenderFacts {
  return { nowMs: START + days * DAY_MS, lenderId: 'quickcredit', product: PRODUCT, ...change };
}

export const submitted = (change: Partial<Application> = {}): Application =>
  sampleApplication('ORDER-1', { status: 'submitted', lender_ref: 'A-1', ...change });

let lastId = 0;

/** An event as it comes over the wire, `days` after the start. About the loan LN-1 where it is about a loan. */
export function wire(type: string, days: number, data?: unknown, change: Record<string, unknown> = {}) {
  lastId += 1;
  const aboutLoan = /^(loan|installment|repayment)\./.test(type) && type !== 'loan.requested';
  return {
    id: `E-${lastId}`,
    type,
    occurred_at: at(days),
    application_id: submitted().id,
    ...(aboutLoan ? { lender_ref: LOAN_REF } : {}),
    ...(data === undefined ? {} : { data }),
    ...change,
  };
}

export function parsed(raw: unknown): LenderEvent {
  const result = parseLenderEvent(raw);
  if (!result.ok) throw new Error(result.detail);
  return result.event;
}

export const event = (...args: Parameters<typeof wire>): LenderEvent => parsed(wire(...args));

const fees = (amount: number) => [{ kind: 'service', payee: 'lender', amount: cny(amount) }];

/** Three instalments due at days 31, 59 and 90: 1 February, 1 March, 1 April. */
export const schedule = (principal = 300_000) =>
  ['2026-02-01', '2026-03-01', '2026-04-01'].map((due_on, index) => ({
    no: index + 1,
    due_on,
    principal: cny(principal / 3),
    interest: cny(1_500),
    fees: fees(200),
  }));

export const granted = (days: number, data: Record<string, unknown> = {}) =>
  wire('credit.granted', days, { amount: cny(500_000), apr: '0.18', expires_at: at(365), ...data });

export const requested = (days: number, data: Record<string, unknown> = {}) =>
  wire('loan.requested', days, {
    lender_ref: LOAN_REF,
    amount: cny(300_000),
    term: 3,
    term_unit: 'month',
    purpose: 'consumption',
    requested_at: at(days),
    ...data,
  });

export const disbursed = (days: number, data: Record<string, unknown> = {}) =>
  wire('loan.disbursed', days, {
    principal: cny(300_000),
    received: cny(300_000),
    disbursed_at: at(days),
    schedule: schedule(),
    ...data,
  });

export const paid = (no: number, days: number, data: Record<string, unknown> = {}) =>
  wire('installment.paid', days, {
    no,
    payment_ref: `P-${no}`,
    principal: cny(100_000),
    interest: cny(1_500),
    fees: fees(200),
    penalty: cny(0),
    waived: cny(0),
    payer: 'borrower',
    paid_at: at(days),
    ...data,
  });

export const overdue = (no: number, days: number, daysPastDue: number) =>
  wire('loan.overdue', days, { no, days_past_due: daysPastDue, amount_overdue: cny(101_700) });

export const needsInput = (days: number, change: Record<string, unknown> = {}) =>
  wire(
    'action.required',
    days,
    { type: 'supplement', scene: 'apply', fields: ['email'], expires_at: at(days + 7) },
    change,
  );

export interface Told {
  readonly application: Application;
  readonly events: readonly DraftEvent[];
  readonly decisions: readonly LenderDecision[];
}

/** Delivers events in the order given, as of day 200 unless told otherwise. */
export function tell(application: Application, raws: readonly unknown[], facts: LenderFacts = factsAt(200)): Told {
  let current = application;
  const events: DraftEvent[] = [];
  const decisions = raws.map((raw) => {
    const decision = applyLenderEvent(current, parsed(raw), facts);
    if (decision.result !== 'rejected') current = decision.application;
    if (decision.result === 'applied') events.push(...decision.events);
    return decision;
  });
  return { application: current, events, decisions };
}

export function loanOf(application: Application): Loan {
  const [loan] = application.loans;
  if (!loan) throw new Error('there is no loan');
  return loan;
}

/** An application with an active loan LN-1, paid out at day 0.2. */
export function active(): Application {
  return tell(submitted(), [granted(0.1), requested(0.15), disbursed(0.2)]).application;
}

export const LOAN_ID = lenderLoanId(submitted().id, LOAN_REF);
export const types = (events: readonly DraftEvent[]) => events.map((each) => each.type);
