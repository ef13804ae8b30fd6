import { findAction, withAction } from '../applications/lifecycle/actions.ts';
import type { Action, Application } from '../applications/model.ts';
import { isoOf, MINUTE_MS, msOf, SECOND_MS } from '../base/clock.ts';
import { actionMessage } from './action-message.ts';
import { type ActionResult, refusedBy } from './action-result.ts';
import { takeBack } from './answer-otp.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { standingOfAction } from './judge-action.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';

/** Codes that are asked for again for one action. */
export const RESENDS_MAX = 10;
/** Between two codes. */
export const RESEND_PAUSE_MS = MINUTE_MS;

export type ResendResult =
  | { readonly kind: 'resent'; readonly application: Application; readonly action: Action; readonly nextAt: string }
  | { readonly kind: 'too_soon'; readonly waitSeconds: number }
  /** Only codes are sent again. */
  | { readonly kind: 'no_code'; readonly type: Action['type'] }
  | Extract<ActionResult, { readonly kind: 'expired' | 'completed' | 'refused' | 'unavailable' }>;

type Written =
  | { readonly message: AddressedMessage; readonly before: string | undefined }
  | Extract<ResendResult, { readonly kind: 'too_soon' | 'no_code' | 'expired' | 'completed' | 'refused' }>;

/**
 * Has the lender send another code. Asked for at once or not at all: a code that comes minutes later surprises its reader;
 * then the pause does not count either.
 */
export async function resendCode(deps: IntakeDeps, application: Application, actionId: string): Promise<ResendResult> {
  const nowMs = deps.clock.nowMs();
  const changed = await deps.store.change<Written>(application.id, (current) => {
    const refusal = refuse(current, actionId, nowMs);
    if ('kind' in refusal) return { events: [], result: refusal };
    const asked: Action = { ...refusal, resends: (refusal.resends ?? 0) + 1, resent_at: isoOf(nowMs) };
    const message = resendMessage(current, asked, isoOf(nowMs));
    return {
      application: withAction(current, asked),
      events: [],
      effects: writeMessage(deps, current, message),
      result: { message, before: refusal.resent_at },
    };
  });
  if (changed === undefined) throw new Error(`application ${application.id} is not there`);
  const { result } = changed;
  if ('kind' in result) return result;
  const sent = await sendMessage(deps, application, result.message);
  if (sent.kind === 'answered' && sent.answer.result !== 'rejected') {
    const after = (await deps.store.load(application.id))?.application ?? changed.application;
    const action = findAction(after, actionId);
    if (action === undefined) return { kind: 'completed' };
    return { kind: 'resent', application: after, action, nextAt: isoOf(nowMs + RESEND_PAUSE_MS) };
  }
  await takeBack(deps, application, result.message.deliveryId);
  await forgetResend(deps, application.id, actionId, isoOf(nowMs), result.before);
  if (sent.kind !== 'answered') return { kind: 'unavailable' };
  const refused = refusedBy(sent);
  return refused.kind === 'refused' ? refused : { kind: 'unavailable' };
}

function refuse(
  application: Application,
  actionId: string,
  nowMs: number,
): Action | Exclude<Written, { message: object }> {
  const action = findAction(application, actionId);
  if (action === undefined) return { kind: 'completed' };
  if (action.type !== 'otp') return { kind: 'no_code', type: action.type };
  const standing = standingOfAction(application, action, undefined, nowMs);
  if (standing !== 'open') return { kind: standing === 'expired' ? 'expired' : 'completed' };
  if ((action.resends ?? 0) >= RESENDS_MAX) {
    return { kind: 'refused', reason: 'too_many_attempts', detail: null, triesLeft: null };
  }
  const nextMs = action.resent_at === undefined ? 0 : msOf(action.resent_at) + RESEND_PAUSE_MS;
  if (nextMs > nowMs) return { kind: 'too_soon', waitSeconds: Math.ceil((nextMs - nowMs) / SECOND_MS) };
  return action;
}

/** None was sent, so the next may be asked for at once; that one was asked for stays counted, so it is another message. */
async function forgetResend(
  deps: IntakeDeps,
  applicationId: string,
  actionId: string,
  at: string,
  before: string | undefined,
): Promise<void> {
  await deps.store.change(applicationId, (current) => {
    const action = findAction(current, actionId);
    if (action?.resent_at !== at) return { events: [], result: null };
    const { resent_at: _, ...rest } = action;
    const undone: Action = { ...rest, ...(before === undefined ? {} : { resent_at: before }) };
    return { application: withAction(current, undone), events: [], result: null };
  });
}

function resendMessage(application: Application, action: Action, at: string): AddressedMessage {
  const message = actionMessage(application, action, { given: { resend: true }, digest: 'resend', at });
  return { ...message, about: { ...message.about, resend: true } };
}
