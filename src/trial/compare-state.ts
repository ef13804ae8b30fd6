import type { Expected } from './story.ts';

/** An application as far as a trial looks at it; partners’ view. */
export interface SeenApplication {
  readonly id: string;
  readonly partner_ref: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly next_action: SeenAction | null;
  readonly credit: { readonly amount: { readonly amount: number; readonly currency: string } } | null;
  readonly loans: readonly SeenLoan[];
  readonly created_at: string;
}

export interface SeenAction {
  readonly id: string;
  readonly type: string;
  readonly fields?: readonly string[] | undefined;
  readonly documents?: readonly string[] | undefined;
  readonly verifications?: readonly string[] | undefined;
}

export interface SeenLoan {
  readonly id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly next_action: SeenAction | null;
}

/** `wrong` = it cannot come to that any more. */
export type Comparison =
  | { readonly kind: 'met' }
  | { readonly kind: 'not_yet' }
  | { readonly kind: 'wrong'; readonly found: string };

const MET: Comparison = { kind: 'met' };
const NOT_YET: Comparison = { kind: 'not_yet' };
const APPLICATION_OVER: ReadonlySet<string> = new Set(['refused', 'credit_declined', 'cancelled', 'expired']);
const LOAN_OVER: ReadonlySet<string> = new Set(['declined', 'payout_failed', 'settled', 'written_off', 'cancelled']);

/**
 * Whether an application has come to where it is expected.
 * @param firstAmount of its credit when it was granted, minor units
 */
export function compareState(expected: Expected, seen: SeenApplication, firstAmount: number | null): Comparison {
  const { application, asks, loan, raised } = expected;
  if (application !== undefined) {
    const comparison = compareApplication(expected, application, seen);
    if (comparison.kind !== 'met') return comparison;
  }
  if (asks !== undefined) {
    const waiting = [seen.next_action, seen.loans.at(-1)?.next_action];
    if (!waiting.some((action) => action?.type === asks)) return unasked(seen);
  }
  if (loan !== undefined) {
    const comparison = compareLoan(expected, loan, seen);
    if (comparison.kind !== 'met') return comparison;
  }
  if (raised !== undefined && (seen.credit?.amount.amount ?? 0) <= (firstAmount ?? Number.POSITIVE_INFINITY)) {
    return NOT_YET;
  }
  return MET;
}

/** Where an application stands, in a few words. */
export function describeState({ status, reason, loans }: SeenApplication): string {
  const loan = loans.at(-1);
  const because = (why: string | null): string => (why === null ? '' : ` (${why})`);
  const own = `application ${status}${because(reason)}`;
  return loan === undefined ? own : `${own}, loan ${loan.status}${because(loan.reason)}`;
}

/** What is waited for, in a few words. */
export function describeExpected({ application, reason, asks, loan, loanReason, raised }: Expected): string {
  const words = [
    ...(application === undefined ? [] : [`application ${application.join(' or ')}`]),
    ...(reason === undefined ? [] : [`for ${reason}`]),
    ...(asks === undefined ? [] : [asks === 'otp' ? 'a code being asked for' : 'more being asked for']),
    ...(loan === undefined ? [] : [`loan ${loan.join(' or ')}`]),
    ...(loanReason === undefined ? [] : [`for ${loanReason}`]),
    ...(raised === undefined ? [] : ['a higher credit']),
  ];
  return words.join(', ');
}

function compareApplication(expected: Expected, wanted: readonly string[], seen: SeenApplication): Comparison {
  const { status, reason } = seen;
  if (!wanted.includes(status)) {
    // A credit that was granted can still be given up, and nothing else.
    const isDecided = status === 'credit_granted' && !wanted.includes('cancelled');
    return APPLICATION_OVER.has(status) || isDecided ? wrong(seen) : NOT_YET;
  }
  // A partner who is told little reads no reason at all.
  const isOther = expected.reason !== undefined && reason !== null && reason !== expected.reason;
  return isOther ? wrong(seen) : MET;
}

function compareLoan({ loanReason }: Expected, wanted: readonly string[], seen: SeenApplication): Comparison {
  const loan = seen.loans.at(-1);
  if (loan === undefined) return APPLICATION_OVER.has(seen.status) ? wrong(seen) : NOT_YET;
  if (!wanted.includes(loan.status)) return LOAN_OVER.has(loan.status) ? wrong(seen) : NOT_YET;
  return loanReason !== undefined && loan.reason !== null && loan.reason !== loanReason ? wrong(seen) : MET;
}

/** Nobody asks any more of somebody whose application, or whose loan, has been decided. */
function unasked(seen: SeenApplication): Comparison {
  const loan = seen.loans.at(-1);
  const isLent = loan !== undefined && (LOAN_OVER.has(loan.status) || loan.status === 'active');
  const isDecided = loan === undefined && seen.status === 'credit_granted';
  return APPLICATION_OVER.has(seen.status) || isLent || isDecided ? wrong(seen) : NOT_YET;
}

function wrong(seen: SeenApplication): Comparison {
  return { kind: 'wrong', found: describeState(seen) };
}
