import type { Loan } from '../model.ts';
import { availableCredit } from './available.ts';
import type { DatedLoan } from './dated.ts';
import { draft, EARLY, illegalForLoan, rejected, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { appliedToLoan, type LoanContext } from './loan-event-context.ts';
import { buildInstalments, sumRefusal } from './loan-schedule.ts';
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
  const available = availableCredit(application, loan.id);
  if (principal > available) {
    return rejected('over_available', `a principal of ${principal} is more than the ${available} that is available`);
  }
  if (data.received.amount > principal) {
    return rejected('schedule_sum_mismatch', `received (${data.received.amount}) is above principal (${principal})`);
  }
  const schedule = buildInstalments(data.schedule, []);
  const refusal = sumRefusal(schedule, principal, false);
  if (refusal) return refusal;
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
  const freed =
    context.application.next_action?.scene === 'drawdown' ? { ...application, next_action: null } : application;
  const funded = { ...freed, funder_id: changes.funder_id ?? null };
  return appliedToLoan({ ...context, application: funded }, event, changes, [
    draft(event, 'loan.disbursed', disbursal({ ...loan, ...changes })),
  ]);
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
  };
}
