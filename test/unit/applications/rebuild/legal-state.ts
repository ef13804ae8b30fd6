import { expect } from 'vitest';
import { awaitingLoanStatus, awaitingStatus } from '../../../../src/applications/lifecycle/actions.ts';
import {
  APPLICATION_TRANSITIONS,
  TERMINAL_APPLICATION_STATUSES,
} from '../../../../src/applications/lifecycle/application-transitions.ts';
import {
  isPaidOut,
  isRunning,
  LOAN_TRANSITIONS,
  TERMINAL_LOAN_STATUSES,
} from '../../../../src/applications/lifecycle/loan-transitions.ts';
import type { TransitionTable } from '../../../../src/applications/lifecycle/transitions.ts';
import type { Application, Loan } from '../../../../src/applications/model.ts';

function reachable<S extends string>(table: TransitionTable<S>, from: S): ReadonlySet<S> {
  const seen = new Set<S>([from]);
  for (const status of seen) for (const to of Object.values(table[status]) as S[]) seen.add(to);
  return seen;
}

/**
 * The status follows from the one before; what is terminal stays, but for what our side has ended too late to stop a payout;
 * `settled` is left by a reversal only.
 */
export function expectLegalStep(before: Application, after: Application): void {
  const isOver = TERMINAL_APPLICATION_STATUSES.has(before.status);
  if (before.called_off !== undefined && after.status === 'credit_granted' && isOver) {
    expect(payouts(after)).toBeGreaterThan(payouts(before));
  } else {
    expect(reachable(APPLICATION_TRANSITIONS, before.status)).toContain(after.status);
    if (isOver) expect(after.status).toBe(before.status);
  }
  for (const loan of before.loans) {
    const later = after.loans.find((each) => each.id === loan.id);
    if (later === undefined) throw new Error(`${loan.id} is gone`);
    expect(reachable(LOAN_TRANSITIONS, loan.status)).toContain(later.status);
    if (TERMINAL_LOAN_STATUSES.has(loan.status) || loan.status === 'written_off')
      expect(later.status).toBe(loan.status);
    if (loan.status === 'settled' && later.status !== 'settled') {
      expect(reversals(later)).toBeGreaterThan(reversals(loan));
    }
    if (loan.first_payment_default) expect(later.first_payment_default).toBe(true);
    expect(later.updated_at >= loan.updated_at).toBe(true);
    expectLegalRepayments(loan, later);
  }
}

function payouts({ loans }: Application): number {
  return loans.filter(({ disbursed_at }) => disbursed_at !== null).length;
}

function reversals({ payments }: Loan): number {
  return payments.filter(({ reversed }) => reversed).length;
}

function expectLegalRepayments(before: Loan, after: Loan): void {
  for (const repayment of before.repayments ?? []) {
    const later = after.repayments?.find(({ id }) => id === repayment.id);
    if (repayment.status !== 'pending') expect(later?.status).toBe(repayment.status);
  }
}

/** What holds of an application in whatever way it has come there. */
export function expectLegalState(application: Application): void {
  const { status, credit, loans, cards = [] } = application;
  if (status === 'credit_granted') expect(credit).not.toBeNull();
  if (credit !== null) expect(['credit_granted', 'cancelled', 'expired']).toContain(status);
  if (status === 'expired' || status === 'cancelled') expect(credit?.status ?? 'closed').toBe('closed');
  if (loans.length > 0) expect(credit).not.toBeNull();
  expect(awaitingStatus(application)).toBe(status);
  const active = cards.filter((card) => card.status === 'active');
  expect(cards.filter((card) => card.default)).toEqual(active.filter((card) => card.default));
  expect(active.filter((card) => card.default)).toHaveLength(active.length > 0 ? 1 : 0);
  const ordinals = loans.flatMap(({ ordinal }) => ordinal ?? []);
  expect([...ordinals].sort((one, other) => one - other)).toEqual(ordinals.map((_, index) => index + 1));
  for (const loan of loans) expectLegalLoan(application, loan);
}

function expectLegalLoan(application: Application, loan: Loan): void {
  const { status } = loan;
  expect(loan.disbursed_at !== null).toBe(isPaidOut(loan) || (status === 'cancelled' && loan.ordinal !== null));
  expect(loan.settled_at !== null).toBe(status === 'settled');
  expect(loan.written_off_at !== undefined).toBe(status === 'written_off');
  if (status === 'overdue') expect(loan.days_past_due).toBeGreaterThan(0);
  if (!isRunning(loan) && status !== 'written_off') expect(loan.days_past_due).toBe(0);
  if (status === 'active') expect(loan.days_past_due).toBe(0);
  expect(awaitingLoanStatus(application, loan)).toBe(status);
  for (const item of loan.schedule) {
    const standing = loan.payments.filter((payment) => payment.no === item.no && !payment.reversed);
    expect(item.paid.principal).toBe(standing.reduce((sum, payment) => sum + payment.principal, 0));
    expect(item.paid.principal).toBeLessThanOrEqual(item.principal);
    expect(item.paid.interest).toBeLessThanOrEqual(item.interest);
  }
  const isOver = status === 'cancelled' || status === 'settled';
  if (isOver) expect((loan.repayments ?? []).filter((one) => one.status === 'pending')).toEqual([]);
}
