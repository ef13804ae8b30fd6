import type { DraftEvent } from './context.ts';
import type { Application } from './model.ts';
import { standingOf } from './standing.ts';

/**
 * The events of a step with what has become of the application; the last one tells it. A step that changes something without
 * an event of the contract tells it by itself.
 * @param at when it happened
 */
export function withStanding(
  before: Application,
  after: Application,
  events: readonly DraftEvent[],
  at: string,
): readonly DraftEvent[] {
  if (before === after) return events;
  const last = events.at(-1);
  const standing = standingOf(before, after, last?.data.loan_id);
  const isNews = Object.keys(standing).length > 0;
  if (last === undefined) {
    // Each event tells the lender's reference with its context.
    const isNamed = before.lender_ref !== after.lender_ref;
    return isNews || isNamed ? [{ type: 'application.noted', occurred_at: at, data: {}, now: standing }] : events;
  }
  return isNews ? [...events.slice(0, -1), { ...last, now: standing }] : events;
}
