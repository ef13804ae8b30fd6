import { msOf } from '../../base/clock.ts';
import type { Instalment, Loan } from '../model.ts';
import { disbursedCost } from '../quote/disbursed-cost.ts';
import { settleLoanActions } from './actions.ts';
import { availableCredit } from './available.ts';
import { dayOf } from './calendar-days.ts';
import { resumedByPayout } from './cancel.ts';
import type { DatedLoan } from './dated.ts';
import { draft, EARLY, illegalForLoan, type Rejection, rejected, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { appliedToLoan, type LoanContext } from './loan-event-context.ts';
import { buildInstalments, datesRefusal, dueOf, sumRefusal } from './loan-schedule.ts';
import { isPaidOut, LOAN_TRANSITIONS } from './loan-transitions.ts';
import { comesLater } from './transitions.ts';

/** The money is out: the loan begins to run, with its schedule. */
export function applyDisbursal(context: LoanContext, event: LenderEventOf<'loan.disbursed'>): Step {
  const { loan, application } = context;
  const status = LOAN_TRANSITIONS[loan.status][event.type];
  if (status === undefined) {
    return !isPaidOut(loan) && comesLater(LOAN_TRANSITIONS, loan.status, event.type)
      ? EARLY
      : illegalForLoan(loan.status, event.type);
  }
  const { data } = event;
  const principal = data.principal.amount;
  // What was asked for was set aside when it was: a credit that was lowered since, or is owed more, takes none of it back.
  const available = Math.max(availableCredit(application, loan.id), loan.amount.amount);
  if (principal > available) {
    return rejected('over_available', `a principal of ${principal} is more than the ${available} that is available`);
  }
  if (data.received.amount > principal) {
    return rejected('schedule_sum_mismatch', `received (${data.received.amount}) is above principal (${principal})`);
  }
  const schedule = buildInstalments(data.schedule, []);
  const refusal = sumRefusal(schedule, [principal]);
  if (refusal) return refusal;
  const misdated = datesRefusal(schedule, data.disbursed_at, context.facts.product.timezone);
  if (misdated) return misdated;
  const tooDear = costRefusal(context, event, schedule);
  if (tooDear) return tooDear;
  const changes: Partial<DatedLoan> = {
    status,
    reason: null,
    retry_at: null,
    amount: data.principal,
    ordinal: 1 + application.loans.filter((each) => each.ordinal !== null).length,
    received: data.received.amount,
    funder_id:
      data.funder_id ?? application.credit?.funder_id ?? application.funder_id ?? application.funder_ids[0] ?? null,
    contract_no: data.contract_no ?? null,
    disbursed_at: data.disbursed_at,
    schedule,
    schedule_at: event.occurred_at,
  };
  const freed = resumedByPayout(settleLoanActions(application, loan.id, event.occurred_at), event);
  const funded = { ...freed, funder_id: changes.funder_id ?? null };
  return appliedToLoan({ ...context, application: funded }, event, changes, [
    draft(event, 'loan.disbursed', disbursal({ ...loan, ...changes })),
  ]);
}

/** A loan that costs more than the product's cap by its own schedule, whatever was stated before. */
function costRefusal(
  { loan, facts: { product } }: LoanContext,
  { data }: LenderEventOf<'loan.disbursed'>,
  schedule: readonly Instalment[],
): Rejection | undefined {
  const disbursedOn = dayOf(msOf(data.disbursed_at), product.timezone);
  const paid = { received: data.received.amount, disbursedOn, termUnit: loan.term_unit, schedule };
  const { apr, aboveCap } = disbursedCost(paid, product.apr_cap);
  if (!aboveCap) return undefined;
  const cost = apr === null ? 'no yearly rate describes what was received and is due' : `it costs ${apr} a year`;
  return rejected('apr_above_cap', `${cost}; the product's cap is ${product.apr_cap}`);
}

function disbursal(loan: Loan): Readonly<Record<string, unknown>> {
  return {
    loan_id: loan.id,
    ordinal: loan.ordinal,
    principal: loan.amount.amount,
    received: loan.received,
    currency: loan.amount.currency,
    term: loan.term,
    term_unit: loan.term_unit,
    disbursed_at: loan.disbursed_at,
    funder_id: loan.funder_id,
    contract_no: loan.contract_no,
    schedule: loan.schedule.map(dueOf),
  };
}
