import { msOf } from '../base/clock.ts';
import type { LogEvent } from '../events/event.ts';
import { integerOf, textOf } from './event-data.ts';
import type { EventLoan } from './money-event.ts';

/**
 * What pricing needs of a loan after its disbursal. Later events carry the loan's id alone, so it is kept beside the ledger
 * from `loan.disbursed` on.
 */
export interface LoanFacts {
  readonly ordinal: number;
  /** Minor units. */
  readonly principal: number;
  readonly received: number | null;
  readonly currency: string;
  readonly term: number;
  readonly term_unit: 'month' | 'day';
  readonly disbursed_at: string;
  readonly funder_id: string | null;
}

/** The facts that `loan.disbursed` brings. Throws TypeError when its data lacks one. */
export function loanFactsOf({ data }: Pick<LogEvent, 'data'>): LoanFacts {
  return {
    ordinal: integerOf(data, 'ordinal'),
    principal: integerOf(data, 'principal'),
    received: data.received === null || data.received === undefined ? null : integerOf(data, 'received'),
    currency: textOf(data, 'currency'),
    term: integerOf(data, 'term'),
    term_unit: textOf(data, 'term_unit') === 'day' ? 'day' : 'month',
    disbursed_at: textOf(data, 'disbursed_at'),
    funder_id: typeof data.funder_id === 'string' ? data.funder_id : null,
  };
}

/** The loan as pricing looks at it. */
export function eventLoanOf(loanId: string, facts: LoanFacts): EventLoan {
  return {
    id: loanId,
    ordinal: facts.ordinal,
    principal: BigInt(facts.principal),
    currency: facts.currency,
    received: facts.received === null ? null : BigInt(facts.received),
    disbursedAtMs: msOf(facts.disbursed_at),
    termMonths: facts.term_unit === 'month' ? facts.term : null,
    termDays: facts.term_unit === 'day' ? facts.term : null,
  };
}
