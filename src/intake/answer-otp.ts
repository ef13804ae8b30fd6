import { findAction } from '../applications/lifecycle/actions.ts';
import type { Action, Application } from '../applications/model.ts';
import { isoOf } from '../base/clock.ts';
import { actionMessage } from './action-message.ts';
import { type ActionResult, refusedBy } from './action-result.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { standingOfAction } from './judge-action.ts';
import { type AddressedMessage, sendMessage, withdrawMessage, writeMessage } from './send-message.ts';

/**
 * Has a one-time code judged by the lender while the caller waits. Where the lender cannot be asked now, the message is taken
 * back: by the time the outbox would send it, the code would be stale. The code is nowhere but in that sealed message.
 */
export async function answerOtp(
  deps: IntakeDeps,
  application: Application,
  action: Action,
  otp: string,
  digest: string,
): Promise<ActionResult> {
  const nowMs = deps.clock.nowMs();
  const written = await deps.store.change<AddressedMessage | 'completed' | 'expired'>(application.id, (current) => {
    const now = findAction(current, action.id);
    const standing = now === undefined ? 'completed' : standingOfAction(current, now, digest, nowMs);
    if (now === undefined || standing === 'replayed' || standing === 'completed') {
      return { events: [], result: 'completed' };
    }
    if (standing === 'expired') return { events: [], result: 'expired' };
    const message = actionMessage(current, now, { given: { otp }, digest, at: isoOf(nowMs) });
    return { events: [], effects: writeMessage(deps, current, message), result: message };
  });
  if (written === undefined) throw new Error(`application ${application.id} is not there`);
  const { result: message } = written;
  if (message === 'completed' || message === 'expired') return { kind: message };
  const sent = await sendMessage(deps, application, message);
  if (sent.kind === 'pending' || sent.kind === 'dead') {
    await takeBack(deps, application, message.deliveryId);
    return { kind: 'unavailable' };
  }
  if (sent.kind === 'answered' && sent.answer.result === 'rejected') return refusedBy(sent);
  const after = (await deps.store.load(application.id))?.application ?? application;
  const isAnswered = findAction(after, action.id)?.answered_at !== undefined;
  if (isAnswered) return { kind: 'done', status: 'accepted', application: after, actionId: action.id, replayed: false };
  // The same code was sent by somebody else at this moment, and was wrong.
  return { kind: 'refused', reason: 'otp_wrong', detail: null, triesLeft: null };
}

/** Nothing of it is to be sent later. An attempt that is under way is written down all the same. */
export async function takeBack(
  deps: IntakeDeps,
  application: Pick<Application, 'id' | 'lender_id'>,
  deliveryId: string,
): Promise<void> {
  await deps.store.change(application.id, () => ({
    events: [],
    effects: withdrawMessage(deps, application, deliveryId),
    result: null,
  }));
}
