import { msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Application } from '../model.ts';
import { closeExpiredCredit } from './apply-credit-event.ts';
import { type HeldOutcome, retryHeld } from './apply-lender-event.ts';
import { nextLoanSweepAt, sweepLoan } from './days-past-due.ts';
import type { ProductFacts } from './decision.ts';

export interface SweptApplication {
  /** The one that was given when nothing changed. */
  readonly application: Application;
  readonly events: readonly DraftEvent[];
  /** Held events that waited too long. */
  readonly outcomes: readonly HeldOutcome[];
}

/** Everything that time alone does to an application: arrears, the end of its credit, held events that nothing came for. */
export function sweepApplication(application: Application, nowMs: number, product: ProductFacts): SweptApplication {
  const count = { timezone: product.timezone, fpdDays: product.fpd_days };
  const events: DraftEvent[] = [];
  let current = application;
  for (const loan of application.loans) {
    const swept = sweepLoan(current, loan.id, nowMs, count);
    current = swept.application;
    events.push(...swept.events);
  }
  const expired = expireCredit(current, nowMs);
  const released = retryHeld(expired.application, { nowMs, lenderId: application.lender_id, product });
  return {
    application: released.application,
    events: [...events, ...expired.events, ...released.events],
    outcomes: released.outcomes,
  };
}

/** When the next sweep can change anything, epoch ms; null when time alone changes nothing. */
export function nextSweepAt(application: Application, nowMs: number, timezone: string): number | null {
  const { credit } = application;
  const open = credit !== null && credit.status !== 'closed';
  const times = [
    ...application.loans.map((loan) => nextLoanSweepAt(loan, nowMs, timezone)),
    ...application.held.map((held) => msOf(held.until)),
    open ? msOf(credit.expires_at) : null,
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
