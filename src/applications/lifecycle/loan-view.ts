import type { Application, Fee, Instalment, Loan, Money } from '../model.ts';
import { actionView } from './action-view.ts';
import { openActionOf } from './actions.ts';
import { dueTotal, outstandingPrincipal, recoveredOf, remainingOf } from './available.ts';
import { dayOf } from './calendar-days.ts';
import { isPaidOut } from './loan-transitions.ts';
import { bucketOf } from './past-due.ts';

/** What a partner sees of loans: nothing of repayment, their state, or all. */
export type Visibility = 'none' | 'status' | 'full';

export type LoanView = Readonly<Record<string, unknown>> & { readonly id: string; readonly status: string };

/**
 * A loan as the contract shows it. `none` ends at payout: how it is repaid stays hidden. `outstanding` is principal.
 */
export function loanView(application: Application, loan: Loan, visibility: Visibility): LoanView {
  const hidden = visibility === 'none';
  const { currency } = loan.amount;
  const money = (amount: number): Money => ({ amount, currency });
  const outstanding = isPaidOut(loan) && loan.status !== 'settled' ? outstandingPrincipal(loan) : 0;
  return {
    id: loan.id,
    partner_ref: loan.partner_ref,
    lender_ref: loan.lender_ref,
    application_id: application.id,
    status: hidden && isPaidOut(loan) ? 'active' : loan.status,
    reason: loan.reason,
    retry_at: loan.retry_at,
    amount: loan.amount,
    term: loan.term,
    term_unit: loan.term_unit,
    purpose: loan.purpose,
    quote_id: loan.quote_id ?? null,
    card_id: loan.card_id ?? null,
    received: loan.received === null ? null : money(loan.received),
    funder_id: loan.funder_id,
    contract_no: visibility === 'full' ? loan.contract_no : null,
    disbursed_at: loan.disbursed_at,
    settled_at: hidden ? null : loan.settled_at,
    outstanding: hidden ? null : money(outstanding),
    recovered: hidden || loan.status !== 'written_off' ? null : money(recoveredOf(loan)),
    days_past_due: hidden ? null : loan.days_past_due,
    bucket: hidden ? null : loanBucket(loan),
    next_action: actionView(openActionOf(application, { loan_id: loan.id })),
    created_at: loan.created_at,
    updated_at: hidden && isPaidOut(loan) ? loan.disbursed_at : loan.updated_at,
  };
}

export type InstalmentStatus = 'not_due' | 'due' | 'paid' | 'overdue';

export type InstalmentView = Readonly<Record<string, unknown>> & {
  readonly no: number;
  readonly status: InstalmentStatus;
};

/**
 * The repayment schedule as of now: what is due and what has been paid. Penalties and waivers are shown in full view only.
 * @returns null where the partner may not see repayments
 */
export function scheduleView(
  loan: Loan,
  visibility: Visibility,
  nowMs: number,
  timezone: string,
): readonly InstalmentView[] | null {
  if (visibility === 'none') return null;
  const today = dayOf(nowMs, timezone);
  const money = (amount: number): Money => ({ amount, currency: loan.amount.currency });
  const fees = (list: readonly Fee[]) => list.map((fee) => ({ ...fee, amount: money(fee.amount) }));
  return loan.schedule.map((item) => ({
    no: item.no,
    due_on: item.due_on,
    principal: money(item.principal),
    interest: money(item.interest),
    fees: fees(item.fees),
    total: money(dueTotal(item)),
    paid: money(item.paid.principal + item.paid.interest + item.paid.fees),
    penalty: visibility === 'full' ? money(item.paid.penalty) : null,
    waived: visibility === 'full' ? money(item.paid.waived + forgivenOf(loan, item)) : null,
    status: statusOf(loan, remainingOf(item), item.due_on, today),
    paid_at: item.paid_at,
  }));
}

/** What a settled loan has left was waived by settling it. */
function forgivenOf(loan: Loan, item: Instalment): number {
  return loan.status === 'settled' ? remainingOf(item) : 0;
}

function statusOf(loan: Loan, remaining: number, dueOn: string, today: string): InstalmentStatus {
  // A settled loan owes nothing, whatever was forgiven on the way; of a cancelled one nothing falls due any more.
  if (remaining === 0 || loan.status === 'settled') return 'paid';
  if (loan.status === 'cancelled') return 'not_due';
  if (dueOn === today) return 'due';
  return dueOn < today ? 'overdue' : 'not_due';
}

function loanBucket(loan: Loan): string {
  return loan.status === 'written_off' ? 'written_off' : bucketOf(loan.days_past_due);
}
