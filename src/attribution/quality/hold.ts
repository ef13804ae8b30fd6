import { businessDayAt } from '../../base/business-day.ts';
import { SECOND_MS } from '../../base/clock.ts';
import { isUnique, type LoggedClick } from '../clicks/click.ts';

/** A span of time in which a link's clicks are not billable. Times epoch ms, of the clicks themselves. */
export interface Hold {
  /** Id of its finding. */
  readonly id: string;
  readonly partner_id: string;
  readonly link_code: string;
  readonly from_ms: number;
  /** First instant at which they are billable again. */
  readonly until_ms: number;
  /** Clicks from this instant on are billable after all: an operator has lifted it. null = none of them. */
  readonly restore_from_ms: number | null;
  /** Real time before which no click of it was recorded. */
  readonly recorded_from_ms: number;
  /** Likewise of those that are billable after all. */
  readonly restore_recorded_from_ms: number;
  /** Whether all of them that were in the click log have been made billable. */
  readonly restored: boolean;
}

/**
 * A hold begins so much later than it is laid: by then every process knows it, so that whether a click is held follows from
 * its time alone, whoever counts it and however late. Likewise it ends so much later than it is lifted, and what was held
 * after the lifting is made billable.
 */
export const LEAD_MS = 4 * SECOND_MS;

export function isHeldBy({ from_ms, until_ms }: Hold, atMs: number): boolean {
  return from_ms <= atMs && atMs < until_ms;
}

/**
 * Whether a click was held and is billable after all.
 * @param holds of its link, all of them: a click may be held for two reasons
 * @returns the hold that it is billable after, undefined when it was not held, or still is
 */
export function restoringHold(holds: readonly Hold[], click: LoggedClick): Hold | undefined {
  const { at_ms: atMs, cause } = click.facts;
  if (!isUnique(click) || cause !== null) return undefined;
  const holding = holds.filter((hold) => isHeldBy(hold, atMs));
  const isLifted = holding.every((hold) => hold.restore_from_ms !== null && atMs >= hold.restore_from_ms);
  return isLifted ? holding[0] : undefined;
}

/** The end of the day after an instant's, in a zone: no hold lasts longer. */
export function endOfNextDay(atMs: number, zone: string): number {
  return businessDayAt(businessDayAt(atMs, zone).endsAtMs, zone).endsAtMs;
}
