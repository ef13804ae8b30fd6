import type { Application, ApplicationStatus, Credit, Loan } from './model.ts';

/** Where a loan stands; only what has changed. */
export type LoanStanding = Partial<Pick<Loan, (typeof OF_LOAN)[number]>>;

/**
 * Where an application and its loans stand after a step; only what has changed. An event says what happened; whether it was
 * news or part of the history, and what followed from it, is decided once and stands here, so that nobody who reads the log
 * has to decide it again.
 */
export interface Standing extends Partial<Pick<Application, (typeof OF_APPLICATION)[number]>> {
  readonly status?: ApplicationStatus;
  readonly credit?: Credit['status'];
  /** Up to when what was asked is settled, by scope. */
  readonly settled?: Readonly<Record<string, string>>;
  /** Of the loan that the event names. */
  readonly loan?: LoanStanding;
  /** Of others, by id. */
  readonly loans?: Readonly<Record<string, LoanStanding>>;
}

const OF_APPLICATION = ['status', 'reason', 'detail', 'retry_at'] as const satisfies readonly (keyof Application)[];
const OF_LOAN = [
  'status',
  'reason',
  'retry_at',
  'days_past_due',
  'first_payment_default',
  'settled_at',
  'written_off_at',
  'updated_at',
] as const satisfies readonly (keyof Loan)[];

/** @param namedLoan id of the loan that the event names, if it names one */
export function standingOf(before: Application, after: Application, namedLoan: unknown): Standing {
  const standing: Record<string, unknown> = changes(before, after, OF_APPLICATION);
  const status = after.credit?.status;
  if (status !== undefined && status !== before.credit?.status) standing.credit = status;
  const settled = Object.entries(after.actions_settled ?? {}).filter(([scope, at]) => {
    return before.actions_settled?.[scope] !== at;
  });
  if (settled.length > 0) standing.settled = Object.fromEntries(settled);
  const loans: Record<string, LoanStanding> = {};
  for (const loan of after.loans) {
    const earlier = before.loans.find(({ id }) => id === loan.id);
    // What a loan begins with, its event says.
    if (earlier === undefined || earlier === loan) continue;
    const changed = changes(earlier, loan, OF_LOAN);
    if (Object.keys(changed).length === 0) continue;
    // The calendar has counted them since without an event.
    const counted = loan.days_past_due > 0 ? { ...changed, days_past_due: loan.days_past_due } : changed;
    if (loan.id === namedLoan) standing.loan = counted;
    else loans[loan.id] = counted;
  }
  if (Object.keys(loans).length > 0) standing.loans = loans;
  return standing;
}

function changes<Thing extends object>(before: Thing, after: Thing, fields: readonly (keyof Thing)[]) {
  const changed = fields.filter((field) => before[field] !== after[field]);
  return Object.fromEntries(changed.map((field) => [field, after[field] ?? null])) as Record<string, unknown>;
}
