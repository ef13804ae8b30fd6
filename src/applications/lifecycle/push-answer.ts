import { isoOf } from '../../base/clock.ts';
import { derivedIdBeside } from '../../base/ids.ts';
import type { DraftEvent } from '../context.ts';
import type { Application } from '../model.ts';
import { askByAnswer, readAnswerAction } from './ask-by-answer.ts';
import { keptOutUntil } from './decision.ts';
import { arrivedCalledOff } from './submission.ts';

/** What a lender's core answers to an application that we push. */
export interface ApplicationAnswer {
  readonly result: 'accepted' | 'duplicate' | 'rejected';
  readonly lender_ref?: string | null | undefined;
  readonly reason?: string | null | undefined;
  readonly detail?: string | null | undefined;
  readonly retry_at?: string | null | undefined;
  readonly next_action?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface AnsweredApplication {
  /** The one that was given when nothing changed. */
  readonly application: Application;
  readonly events: readonly DraftEvent[];
}

/**
 * What the answer to a push changes. Accepted: submitted, under the lender's reference; rejected: declined with its reason.
 * An event of the lender that was quicker than its answer has moved the application already: then only the reference is
 * kept. The same answer again changes nothing.
 * @param refusedDays of the product, for a rejection that does not say until when
 */
export function applyPushAnswer(
  application: Application,
  answer: ApplicationAnswer,
  nowMs: number,
  refusedDays: number,
): AnsweredApplication {
  const at = isoOf(nowMs);
  const lender_ref = application.lender_ref ?? answer.lender_ref ?? null;
  if (answer.result === 'rejected') return reject(application, { ...answer, lender_ref }, at, refusedDays);
  if (application.status !== 'received') {
    const named = lender_ref === application.lender_ref ? application : { ...application, lender_ref };
    const arrived = arrivedCalledOff(named);
    if (arrived === undefined) return { application: named, events: [] };
    const event: DraftEvent = { type: 'application.submitted', occurred_at: at, data: { lender_ref } };
    return { application: arrived, events: [event] };
  }
  const submitted: Application = { ...application, status: 'submitted', lender_ref };
  const events: DraftEvent[] = [{ type: 'application.submitted', occurred_at: at, data: { lender_ref } }];
  const action = readAnswerAction(answer.next_action, 'apply');
  if (!action) return { application: submitted, events };
  const asked = askByAnswer(submitted, { actionId: pushActionId(application.id), object: {}, action }, at);
  return { application: asked.application, events: [...events, ...asked.events] };
}

/** The id of what the answer to a push asks the applicant for. */
export function pushActionId(applicationId: string): string {
  return derivedIdBeside('act', applicationId, 'push');
}

function reject(
  application: Application,
  answer: ApplicationAnswer,
  at: string,
  refusedDays: number,
): AnsweredApplication {
  if (application.status !== 'received' && application.status !== 'submitted') {
    const { lender_ref } = answer;
    const isNews = lender_ref !== application.lender_ref && lender_ref !== undefined;
    return { application: isNews ? { ...application, lender_ref } : application, events: [] };
  }
  const reason = answer.reason ?? 'lender_rejected';
  const detail = answer.detail ?? null;
  const retry_at = keptOutUntil(answer.retry_at, at, refusedDays);
  const declined: Application = {
    ...application,
    status: 'credit_declined',
    lender_ref: answer.lender_ref ?? null,
    reason,
    detail,
    retry_at,
  };
  return {
    application: declined,
    events: [{ type: 'credit.declined', occurred_at: at, data: { reason, detail, retry_at } }],
  };
}
