import { isoOf, msOf } from '../../base/clock.ts';
import type { Effect } from '../../events/commit.ts';
import type { DraftEvent } from '../context.ts';
import type { Application } from '../model.ts';
import { withStanding } from '../with-standing.ts';
import { type HeldOutcome, retryHeld } from './apply-lender-event.ts';
import { closeExpiredCredit } from './credit-expiry.ts';
import { nextLoanSweepAt, sweepLoan } from './days-past-due.ts';
import type { ProductFacts } from './decision.ts';
import { expireActions, noteStalled, waitingTimes } from './stalled.ts';

export interface SweptApplication {
  /** The one that was given when nothing changed. */
  readonly application: Application;
  readonly events: readonly DraftEvent[];
  /** Held events that waited too long. */
  readonly outcomes: readonly HeldOutcome[];
}

/**
 * Everything that time alone does to an application: arrears, the end of its credit and of what its applicant was asked, held
 * events that nothing came for; and what waits for the applicant for long.
 */
export function sweepApplication(application: Application, nowMs: number, product: ProductFacts): SweptApplication {
  const count = { timezone: product.timezone, fpdDays: product.fpd_days };
  const events: DraftEvent[] = [];
  let current = application;
  for (const loan of application.loans) {
    const swept = sweepLoan(current, loan.id, nowMs, count);
    current = swept.application;
    events.push(...swept.events);
  }
  const stalled = noteStalled(current, nowMs);
  const lapsed = expireActions(stalled.application, nowMs);
  const expired = expireCredit(lapsed.application, nowMs);
  const passed = [...events, ...stalled.events, ...lapsed.events, ...expired.events];
  // A day more past due is no event between the steps of the count: the calendar tells.
  const told = passed.length === 0 ? [] : withStanding(application, expired.application, passed, isoOf(nowMs));
  const released = retryHeld(expired.application, { nowMs, lenderId: application.lender_id, product });
  return {
    application: released.application,
    events: [...told, ...released.events],
    outcomes: released.outcomes,
  };
}

/** Has an application swept at once, for changes that cannot tell when time will next change it. */
export function sweepSoon(applicationId: string, nowMs: number): Effect {
  return { do: 'ZADD', key: 'timers', score: nowMs, member: `${applicationId}|sweep` };
}

/** When the next sweep can change anything, epoch ms; null when time alone changes nothing. */
export function nextSweepAt(application: Application, nowMs: number, timezone: string): number | null {
  const { credit } = application;
  const open = credit !== null && credit.status !== 'closed';
  const times = [
    ...application.loans.map((loan) => nextLoanSweepAt(loan, nowMs, timezone)),
    ...application.held.map((held) => msOf(held.until)),
    open ? msOf(credit.expires_at) : null,
    ...waitingTimes(application),
  ].filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}

function expireCredit(application: Application, nowMs: number): Omit<SweptApplication, 'outcomes'> {
  const { credit } = application;
  if (credit === null || credit.status === 'closed' || msOf(credit.expires_at) > nowMs) {
    return { application, events: [] };
  }
  const event: DraftEvent = { type: 'credit.expired', occurred_at: credit.expires_at, data: {} };
  return { application: closeExpiredCredit(application, credit, credit.expires_at), events: [event] };
}
