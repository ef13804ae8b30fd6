import { type CloseOutcome, type CloseRequest, refused } from './close-outcome.ts';
import type { Waiver } from './period-record.ts';
import { nextPeriod, type Period } from './periods.ts';
import type { Statement } from './statement.ts';
import type { ContractTerms } from './terms.ts';

/** A request whose contract and period exist. */
export interface Target {
  readonly partnerId: string;
  readonly versions: readonly ContractTerms[];
  readonly contract: string;
  readonly period: Period;
}

export function nextOf(versions: readonly ContractTerms[], period: Period): Period {
  const [terms] = versions;
  if (terms === undefined) throw new RangeError('a contract has at least one version');
  return nextPeriod(terms.cycle, terms.timezone, period);
}

export function waivers({ waive = [], actor }: CloseRequest, at: string): Waiver[] {
  return waive.map(({ code, reason }) => ({ code, reason, by: actor, at }));
}

export function done(statement: Statement): CloseOutcome {
  return { result: 'done', statement };
}

export function locked({ contract, period }: Target): CloseOutcome {
  return refused('period_locked', `period ${period.id} of ${contract} is locked; it is never opened again`);
}

export function outOfOrder({ contract, period }: Target): CloseOutcome {
  return refused('period_out_of_order', `period ${period.id} of ${contract} is open; review it first`);
}

export function notDrafted({ contract, period }: Target): CloseOutcome {
  return refused(
    'period_out_of_order',
    `period ${period.id} of ${contract} has no draft of its last revision; review it`,
  );
}

/** Why a period cannot be refreshed or locked, null when it is in review. */
export function notInReview(target: Target, state: string | undefined, open: string | undefined): CloseOutcome | null {
  if (state === 'review') return null;
  if (state === 'locked' || state === 'passed' || (open !== undefined && target.period.id < open))
    return locked(target);
  return outOfOrder(target);
}
