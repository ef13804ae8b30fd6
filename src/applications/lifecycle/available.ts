import type { Application, Instalment, Loan } from '../model.ts';
import { isRunning, TERMINAL_LOAN_STATUSES } from './loan-transitions.ts';

/** What of the credit can still be drawn, minor units: the amount less what is being paid out or is not paid back. */
export function availableCredit(application: Application, exceptLoanId?: string): number {
  if (application.credit === null) return 0;
  const others = application.loans.filter((loan) => loan.id !== exceptLoanId);
  const used = others.reduce((sum, loan) => sum + principalInUse(loan), 0);
  return Math.max(0, application.credit.amount - used);
}

/** Principal that the loan takes out of its credit, minor units. */
export function principalInUse(loan: Loan): number {
  if (TERMINAL_LOAN_STATUSES.has(loan.status) || loan.status === 'settled') return 0;
  if (isRunning(loan) || loan.status === 'written_off') return outstandingPrincipal(loan);
  return loan.amount.amount;
}

/** Principal lent and not paid back, minor units. */
export function outstandingPrincipal(loan: Loan): number {
  return loan.schedule.reduce((sum, item) => sum + item.principal - item.paid.principal, 0);
}

/** What came in on a loan since it was written off, whoever paid it, penalties included; minor units. */
export function recoveredOf({ payments, written_off_at: from }: Loan): number {
  if (from === undefined) return 0;
  return payments.reduce((sum, { reversed, paid_at, principal, interest, fees, penalty }) => {
    if (reversed || paid_at < from) return sum;
    return fees.reduce((total, fee) => total + fee.amount, sum + principal + interest + penalty);
  }, 0);
}

/** Principal + interest + fees of an instalment as due, minor units. */
export function dueTotal(item: Instalment): number {
  return item.fees.reduce((sum, fee) => sum + fee.amount, item.principal + item.interest);
}

/** What is still to be paid on an instalment, minor units: waived amounts need not be. */
export function remainingOf(item: Instalment): number {
  const { principal, interest, fees, waived } = item.paid;
  return Math.max(0, dueTotal(item) - principal - interest - fees - waived);
}
