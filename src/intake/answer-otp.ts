import { setTimeout as delay } from 'node:timers/promises';
import { findAction, withAction } from '../applications/lifecycle/actions.ts';
import type { Action, Application } from '../applications/model.ts';
import type { MessageAbout } from '../applications/push/lender-message.ts';
import { isoOf } from '../base/clock.ts';
import { actionMessage } from './action-message.ts';
import { type ActionResult, refusedBy } from './action-result.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { standingOfAction } from './judge-action.ts';
import { type AddressedMessage, sendMessage, withdrawMessage, writeMessage } from './send-message.ts';

/**
 * Codes of one action that we pass on, whatever the lender thinks of them and however many come at once: of a million
 * possible ones, nobody guesses among so few.
 */
export const CODES_TRIED_MAX = 10;
const TRIED_CHARACTERS = 8;
/** How long a code waits for what is being sent of its application. */
const LOOK_EVERY_MS = 50;
const LOOKS_MAX = 40;

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
  const written = await deps.store.change<AddressedMessage | 'replayed' | 'completed' | 'expired' | 'exhausted'>(
    application.id,
    (current) => {
      const now = findAction(current, action.id);
      const standing = now === undefined ? 'completed' : standingOfAction(current, now, digest, nowMs);
      if (now === undefined) return { events: [], result: 'completed' };
      if (standing !== 'open') return { events: [], result: standing };
      const tried = new Set(now.codes_tried).add(digest.slice(0, TRIED_CHARACTERS));
      if (tried.size > CODES_TRIED_MAX) return { events: [], result: 'exhausted' };
      const message = actionMessage(current, now, { given: { otp }, digest, at: isoOf(nowMs) });
      const application = withAction(current, { ...now, codes_tried: [...tried] });
      return { application, events: [], effects: writeMessage(deps, current, message), result: message };
    },
  );
  if (written === undefined) throw new Error(`application ${application.id} is not there`);
  const { result: message } = written;
  const done = { kind: 'done', status: 'accepted', actionId: action.id } as const;
  if (message === 'replayed') return { ...done, application: written.application, replayed: true };
  if (message === 'completed' || message === 'expired') return { kind: message };
  if (message === 'exhausted') return { kind: 'refused', reason: 'too_many_attempts', detail: null, triesLeft: 0 };
  const sent = await sendMessage(deps, application, message);
  if (sent.kind === 'pending' && sent.isBusy) {
    const told = await toldToAnother(deps, application.id, action.id, message.about);
    if (told) return told;
  }
  if (sent.kind === 'pending' || sent.kind === 'dead') {
    await takeBack(deps, application, message.deliveryId);
    return { kind: 'unavailable' };
  }
  if (sent.kind === 'answered' && sent.answer.result === 'rejected') return refusedBy(sent);
  const after = (await deps.store.load(application.id))?.application ?? application;
  const isAnswered = findAction(after, action.id)?.answered_at !== undefined;
  if (isAnswered) return { ...done, application: after, replayed: false };
  // The same code was sent by somebody else at this moment, and was wrong.
  return { kind: 'refused', reason: 'otp_wrong', detail: null, triesLeft: null };
}

/** Somebody else may be sending the same code at this moment: what comes of that; undefined when nothing does soon. */
async function toldToAnother(
  { store }: Pick<IntakeDeps, 'store'>,
  applicationId: string,
  actionId: string,
  { answer, attempt }: MessageAbout,
): Promise<ActionResult | undefined> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    await delay(LOOK_EVERY_MS);
    const application = (await store.load(applicationId))?.application;
    const action = application && findAction(application, actionId);
    if (application === undefined || action === undefined) return { kind: 'completed' };
    if (action.answered_at !== undefined) {
      if (action.answer !== answer) return { kind: 'completed' };
      return { kind: 'done', status: 'accepted', application, actionId, replayed: true };
    }
    if (action.wrong_tries !== attempt) break;
  }
  return undefined;
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
