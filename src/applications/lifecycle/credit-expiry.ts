import type { Application } from '../model.ts';
import { APPLICATION_TRANSITIONS } from './application-transitions.ts';
import { isLate } from './apply-application-event.ts';
import type { DatedCredit } from './dated.ts';
import { applied, draft, EARLY, illegalForApplication, latest, type Step } from './decision.ts';
import type { LenderEventOf } from './lender-event.ts';
import { isUsed } from './loan-transitions.ts';
import { judgeTransition } from './transitions.ts';

/** Of `set_at`, beside the fields of a credit: when it ended by itself. */
const EXPIRED = 'expired';

/** The lender lets a credit end. Where it has opened it again since, though that was heard of first, it stays open. */
export function applyCreditExpiry(application: Application, event: LenderEventOf<'credit.expired'>): Step {
  const { status } = application;
  const credit: DatedCredit | null = application.credit;
  if (credit === null) return whileNoCredit(application, event, isLate(application, event));
  // A cancellation, or our own day count, has ended it already: nothing new.
  if (status !== 'credit_granted') return applied(application, []);
  const closed = closeExpiredCredit(application, credit, event.occurred_at);
  const isNews = closed.status !== status || closed.credit?.status !== credit.status;
  const reopened = credit.status !== 'closed' && closed.credit?.status === credit.status;
  return applied(closed, isNews || reopened ? [draft(event, 'credit.expired')] : []);
}

/**
 * Where a credit ends, the application does too, unless it was used: then it stays granted, since its loans go on, and its
 * lender may open the credit again.
 */
export function closeExpiredCredit(application: Application, credit: DatedCredit, at: string): Application {
  const expired = latest(credit.set_at?.[EXPIRED] ?? null, at);
  const isUsedCredit = application.loans.some(isUsed);
  const reopened = isUsedCredit && (credit.set_at?.status ?? '') > expired;
  const closed: DatedCredit = {
    ...credit,
    status: reopened ? credit.status : 'closed',
    set_at: { ...credit.set_at, [EXPIRED]: expired },
  };
  return {
    ...application,
    status: application.status === 'credit_granted' && !isUsedCredit ? 'expired' : application.status,
    credit: closed,
    last_occurred_at: latest(application.last_occurred_at, at),
  };
}

/** A drawdown that came to nothing was all that kept an application going whose credit had ended. */
export function endUnused(application: Application): Application {
  const credit: DatedCredit | null = application.credit;
  if (application.status !== 'credit_granted' || credit?.status !== 'closed') return application;
  const expired = credit.set_at?.[EXPIRED];
  const isOver = expired !== undefined && expired >= (credit.set_at?.status ?? '');
  return isOver && !application.loans.some(isUsed) ? { ...application, status: 'expired' } : application;
}

/** When it was last said, or came by itself, whether the credit is open; empty when it was not since the grant. */
export function statusSetAt({ set_at = {} }: DatedCredit): string {
  return latest(set_at.status ?? null, set_at[EXPIRED] ?? '');
}

/** Without a credit the event waits for one, also where the application has ended since the event happened. */
export function whileNoCredit(
  application: Application,
  event: LenderEventOf<'credit.updated' | 'credit.expired'>,
  late: boolean,
): Step {
  const verdict = judgeTransition(APPLICATION_TRANSITIONS, application.status, event.type, false);
  const endedSince = late && (application.status === 'cancelled' || application.status === 'expired');
  if (verdict.kind === 'early' || endedSince) return EARLY;
  return illegalForApplication(application.status, event.type);
}
