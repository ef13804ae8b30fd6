import { remainingOf } from '../lifecycle/available.ts';
import { isRunning, TERMINAL_LOAN_STATUSES } from '../lifecycle/loan-transitions.ts';
import type { Instalment, Loan } from '../model.ts';
import type { AskedInstalments } from './repayment.ts';

export type RepaymentProblemCode =
  | 'nothing_due'
  | 'loan_not_running'
  | 'repayment_pending'
  | 'limit_reached'
  | 'idempotency_conflict'
  | 'unknown_instalment'
  | 'instalment_paid'
  | 'instalment_gap'
  | 'card_unknown';

export interface RepaymentProblem {
  readonly ok: false;
  readonly status: 409 | 422;
  readonly code: RepaymentProblemCode;
  /** JSON pointer of the field to change; empty when none would help. */
  readonly pointer: string;
  readonly message: string;
}

export type SelectedInstalments =
  /** In the order in which they fall due. */
  { readonly ok: true; readonly items: readonly Instalment[] } | RepaymentProblem;

/**
 * The instalments of a running loan that somebody wants to pay: all that are unpaid, or some of them without a gap, since what
 * falls due first is paid first.
 */
export function selectInstalments(loan: Loan, asked: AskedInstalments): SelectedInstalments {
  const gate = refuseLoan(loan);
  if (gate) return gate;
  const unpaid = inOrder(loan.schedule.filter((item) => remainingOf(item) > 0));
  if (unpaid.length === 0) return repaymentProblem(409, 'nothing_due', '', 'every instalment is paid');
  if (asked === 'all') return { ok: true, items: unpaid };
  const scheduled = new Set(loan.schedule.map(({ no }) => no));
  const open = new Set(unpaid.map(({ no }) => no));
  const unknown = asked.findIndex((no) => !scheduled.has(no));
  if (unknown >= 0) {
    const message = `the schedule has no instalment ${asked[unknown]}`;
    return repaymentProblem(422, 'unknown_instalment', `/installments/${unknown}`, message);
  }
  const paid = asked.findIndex((no) => !open.has(no));
  if (paid >= 0) {
    if (!asked.some((no) => open.has(no))) {
      return repaymentProblem(409, 'nothing_due', '', 'the instalments are paid');
    }
    return repaymentProblem(422, 'instalment_paid', `/installments/${paid}`, `instalment ${asked[paid]} is paid`);
  }
  const items = unpaid.slice(0, asked.length);
  const skipped = items.find((item) => !asked.includes(item.no));
  if (skipped) {
    const message = `instalment ${skipped.no} falls due first: instalments are paid in order, without a gap`;
    return repaymentProblem(422, 'instalment_gap', '/installments', message);
  }
  return { ok: true, items };
}

export function repaymentProblem(
  status: 409 | 422,
  code: RepaymentProblemCode,
  pointer: string,
  message: string,
): RepaymentProblem {
  return { ok: false, status, code, pointer, message };
}

function refuseLoan(loan: Loan): RepaymentProblem | undefined {
  if (isRunning(loan)) return undefined;
  const { status } = loan;
  if (status === 'settled' || TERMINAL_LOAN_STATUSES.has(status)) {
    return repaymentProblem(409, 'nothing_due', '', `nothing is owed: the loan is ${status}`);
  }
  return repaymentProblem(409, 'loan_not_running', '', `nothing can be repaid while the loan is ${status}`);
}

function inOrder(items: readonly Instalment[]): Instalment[] {
  return [...items].sort((one, other) => {
    return one.due_on === other.due_on ? one.no - other.no : one.due_on < other.due_on ? -1 : 1;
  });
}
