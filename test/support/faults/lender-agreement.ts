import { isDeepStrictEqual } from 'node:util';
import { availableCredit, outstandingPrincipal } from '../../../src/applications/lifecycle/available.ts';
import type { Application, Loan } from '../../../src/applications/model.ts';
import type { StateLine } from '../../../src/sandbox/core/read-states.ts';
import type { LoanState } from '../../../src/sandbox/story/state-of-book.ts';

/** Where our state and the lender's are not the same. Nothing of the person in it. */
export interface Disagreement {
  readonly applicationId: string;
  readonly scenario: string;
  readonly field: string;
  readonly ours: unknown;
  readonly lenders: unknown;
}

type Facts = Readonly<Record<string, unknown>>;

/** Every difference between what we and what the lenders believe of applications, credits, cards and loans. */
export function disagreements(
  applications: ReadonlyMap<string, Application>,
  lines: readonly StateLine[],
): Disagreement[] {
  const known = new Set(lines.map(({ application_id }) => application_id));
  const missing = [...applications.values()].filter(({ id, status, lender_ref }) => {
    return !known.has(id) && status !== 'refused' && !(status === 'cancelled' && lender_ref === null);
  });
  return [
    ...missing.map(({ id, status }) => differing(id, '', 'application', status, undefined)),
    ...lines.flatMap((line) => {
      const application = applications.get(line.application_id);
      if (!application) return [differing(line.application_id, line.scenario, 'application', undefined, line.status)];
      return compare(application, line);
    }),
  ];
}

function compare(application: Application, line: StateLine): Disagreement[] {
  // Both are over, each in its own words: the applicant did not want what the lender would not give.
  const isOverAnyway = application.called_off !== undefined && ['credit_declined', 'expired'].includes(line.status);
  const differ = (name: string, ours: Facts, lenders: Facts): Disagreement[] =>
    Object.keys(lenders)
      .filter((field) => !isDeepStrictEqual(ours[field], lenders[field]))
      .map((field) => differing(application.id, line.scenario, `${name}${field}`, ours[field], lenders[field]));
  const loans = line.loans.flatMap((theirs, at) => {
    const ours = application.loans.find(
      ({ id, lender_ref }) => id === theirs.loan_id || lender_ref === theirs.lender_ref,
    );
    const name = `loans[${at}].`;
    if (!ours) return [differing(application.id, line.scenario, name, undefined, theirs.status)];
    return differ(name, factsOfLoan(ours), factsOfTheirLoan(theirs));
  });
  const unknown = application.loans.filter(({ lender_ref, id, status }) => {
    const isTold = line.loans.some((theirs) => theirs.lender_ref === lender_ref || theirs.loan_id === id);
    // A drawdown that the lender has refused at once leaves nothing there.
    return !isTold && status !== 'declined';
  });
  return [
    ...differ('', factsOf(application, line), factsOfTheirs(line)).filter(
      ({ field }) => !(isOverAnyway && (field === 'status' || field === 'reason')),
    ),
    ...loans,
    ...unknown.map((loan) => differing(application.id, line.scenario, `loan ${loan.id}`, loan.status, undefined)),
  ];
}

function factsOf(application: Application, line: StateLine): Facts {
  const { status, reason, lender_ref, credit, cards = [], held } = application;
  const active = cards.filter((card) => card.status === 'active');
  const [usual, ...others] = active.toSorted((one, other) => Number(other.default) - Number(one.default));
  return {
    status,
    lender_ref,
    // Of what the partner has ended, each side has its own words.
    reason: line.reason === null ? null : reason,
    credit: credit && {
      status: credit.status,
      amount: credit.amount,
      available: credit.status === 'active' ? availableCredit(application) : 0,
    },
    cards: usual === undefined ? [] : [usual.id, ...others.map(({ id }) => id).sort()],
    held: held.length,
  };
}

function factsOfTheirs({ status, lender_ref, reason, credit, cards }: StateLine): Facts {
  const [usual, ...others] = cards;
  return {
    status,
    lender_ref,
    reason,
    credit,
    cards: usual === undefined ? [] : [usual, ...[...others].sort()],
    held: 0,
  };
}

function factsOfLoan(loan: Loan): Facts {
  const isOut = loan.status === 'active' || loan.status === 'overdue' || loan.status === 'settled';
  const payments = loan.payments.filter(({ reversed }) => !reversed);
  const sum = (amountOf: (payment: Loan['payments'][number]) => number): number =>
    payments.reduce((total, payment) => total + amountOf(payment), 0);
  return {
    lender_ref: loan.lender_ref,
    status: loan.status,
    reason: loan.reason,
    amount: loan.amount.amount,
    outstanding: isOut ? outstandingPrincipal(loan) : 0,
    paid: {
      count: payments.length,
      principal: sum(({ principal }) => principal),
      interest: sum(({ interest }) => interest),
      fees: sum(({ fees }) => feesOf(fees)),
      penalty: sum(({ penalty }) => penalty),
    },
    disbursed_at: loan.disbursed_at,
    settled_at: loan.settled_at,
    written_off_at: loan.written_off_at ?? null,
    schedule: loan.schedule.map(({ no, due_on, principal, interest, fees }) => {
      const paid = payments.some((payment) => payment.no === no);
      return { no, due_on, principal, interest, fees: feesOf(fees), paid };
    }),
  };
}

function factsOfTheirLoan({ loan_id: _, ...facts }: LoanState): Facts {
  return { ...facts, written_off_at: null };
}

function feesOf(fees: Loan['payments'][number]['fees']): number {
  return fees.reduce((total, fee) => total + fee.amount, 0);
}

function differing(
  applicationId: string,
  scenario: string,
  field: string,
  ours: unknown,
  lenders: unknown,
): Disagreement {
  return { applicationId, scenario, field, ours, lenders };
}
