import { HOUR_MS, isoOf, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import type { Action, Application } from '../model.ts';
import { actionsOf, isOpen, withAction } from './actions.ts';
import { isUsed } from './loan-transitions.ts';

/** An applicant who has let something lie for this long is told of, once. */
export const STALLED_AFTER_MS = 24 * HOUR_MS;

export interface Waited {
  /** The one that was given when nothing changed. */
  readonly application: Application;
  readonly events: readonly DraftEvent[];
}

/** Notes actions whose time ran out unanswered, at the instant at which it did. The lender decides what follows. */
export function expireActions(application: Application, nowMs: number): Waited {
  const due = actionsOf(application).filter(
    (action) => isOpen(application, action) && msOf(action.expires_at) <= nowMs,
  );
  return due.reduce<Waited>(
    (waited, action) => {
      const { id: action_id, expires_at } = action;
      const event: DraftEvent = { type: 'action.expired', occurred_at: expires_at, data: { action_id } };
      const changed = withAction(waited.application, { ...action, expired_at: expires_at });
      return { application: changed, events: [...waited.events, event] };
    },
    { application, events: [] },
  );
}

/** Tells once of each action, and of a credit, that waits for its applicant for a day. What has ended waits for nobody. */
export function noteStalled(application: Application, nowMs: number): Waited {
  let current = application;
  const events: DraftEvent[] = [];
  for (const action of actionsOf(application)) {
    const at = stallsAt(application, action);
    if (at === null || at > nowMs) continue;
    current = withAction(current, { ...action, stalled_at: isoOf(at) });
    events.push(stalled(at, { waiting_for: 'action', action_id: action.id, since: action.asked_at }));
  }
  const at = undrawnAt(application);
  if (at !== null && at <= nowMs) {
    current = { ...current, undrawn_told_at: isoOf(at) };
    events.push(stalled(at, { waiting_for: 'drawdown', since: application.credit?.granted_at ?? null }));
  }
  return { application: current, events };
}

/** When time will next change something of these, epoch ms each. */
export function waitingTimes(application: Application): number[] {
  const ofActions = actionsOf(application).flatMap((action) => {
    return isOpen(application, action) ? [stallsAt(application, action), msOf(action.expires_at)] : [];
  });
  return [...ofActions, undrawnAt(application)].filter((time) => time !== null);
}

/** When an action will have waited for long; null when it does not wait, ends before, or was told of. */
function stallsAt(application: Application, action: Action): number | null {
  if (action.stalled_at !== undefined || !isOpen(application, action)) return null;
  const at = msOf(action.asked_at) + STALLED_AFTER_MS;
  return at < msOf(action.expires_at) ? at : null;
}

function undrawnAt({ status, credit, loans, undrawn_told_at: told }: Application): number | null {
  if (status !== 'credit_granted' || credit?.status !== 'active' || credit.granted_at === undefined) return null;
  if (told !== undefined || loans.some(isUsed)) return null;
  const at = msOf(credit.granted_at) + STALLED_AFTER_MS;
  return at < msOf(credit.expires_at) ? at : null;
}

function stalled(atMs: number, data: DraftEvent['data']): DraftEvent {
  return { type: 'application.stalled', occurred_at: isoOf(atMs), data };
}
