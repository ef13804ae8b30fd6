import { isoOf } from '../../base/clock.ts';
import type { Application } from '../model.ts';
import { type AnswerDeps, answerDelivery } from './answer-delivery.ts';
import type { CoreAddress, CoreMessage } from './core-client.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Delivery } from './delivery.ts';
import type { PushAnswer, PushOutcome } from './judge-response.ts';
import type { MessageAbout } from './lender-message.ts';
import type { ClaimedApplication, HeadDelivery, Outbox } from './outbox.ts';
import { carriesCode } from './passing-code.ts';
import { planDelivery } from './plan-delivery.ts';
import { type PrepareDeps, prepareDelivery } from './prepare-delivery.ts';
import { retryDelayMs } from './retry-delay.ts';

/** How a lender is reached now: `held` = an operator holds its pushes; `pull` = it fetches what is for it. */
export type CoreLookup = CoreAddress | 'held' | 'pull' | undefined;

/** What the sender tells the outside about itself. Delivery ids only, never what is in them. */
export interface PushObserver {
  delivered(delivery: Delivery, lenderId: string, result: PushAnswer['result'], tookMs: number): void;
  retried(delivery: Delivery, lenderId: string, error: string, waitMs: number): void;
  dead(delivery: Delivery, lenderId: string, error: string): void;
  failed(error: unknown): void;
}

/** The breaker lets nothing through for now: no attempt was made. */
export interface Deferred {
  readonly kind: 'deferred';
}

export interface SendDeps extends PrepareDeps, AnswerDeps {
  readonly outbox: Outbox;
  readonly dead: DeadLetters;
  /** Sends a message once, if the lender's core may be asked now. */
  readonly post: (lenderId: string, core: CoreAddress, message: CoreMessage) => Promise<PushOutcome | Deferred>;
  /** @param productId whose pushes may be held; null for a question, which changes nothing and is never held */
  readonly coreOf: (lenderId: string, productId: string | null) => CoreLookup;
  readonly random: () => number;
  /** Our longest wait between attempts at a lender's core, ms; absent = as the delays are. */
  readonly retryMaxMsOf?: (lenderId: string) => number | undefined;
  readonly observer: PushObserver;
}

/** What became of one attempt; `next` = another delivery of the application is due now. */
export type Sent =
  | { readonly kind: 'answered'; readonly answer: PushAnswer; readonly next: boolean }
  /** It is due again after so many ms. */
  | { readonly kind: 'waiting'; readonly waitMs: number }
  | { readonly kind: 'dead'; readonly error: string; readonly next: boolean }
  /** Nobody needed it any more. */
  | { readonly kind: 'gone'; readonly next: boolean };

/** A push that is held is looked at again after this long. */
const HELD_LOOK_AGAIN_MS = 10_000;

/**
 * Sends the first delivery of a claimed application and writes down what became of it: applied together with its removal
 * from the queue, put off, or given up. A crash anywhere in between leaves it there, and it is sent again under the same id.
 * @param wanted the delivery that somebody waits for: if another one is first by now, nothing is sent
 * @throws when Redis fails; the claim then runs out by itself
 */
export async function sendDelivery(deps: SendDeps, claimed: ClaimedApplication, wanted?: string): Promise<Sent> {
  const { applicationId, lenderId } = claimed;
  const [current, head] = await Promise.all([deps.store.load(applicationId), deps.outbox.head(applicationId)]);
  if (!current || !head) return dropAll(deps, claimed);
  if (wanted !== undefined && head.delivery.id !== wanted) return release(deps, claimed);
  const { application } = current;
  const place = { attempts: claimed.attempts, cancels: await cancels(deps, application) };
  const plan = planDelivery(head.delivery, application, place);
  if (plan.do === 'drop_all') return dropAll(deps, claimed);
  if (plan.do === 'drop') return drop(deps, head);
  const core = deps.coreOf(lenderId, application.product_id);
  if (core === 'held' || core === 'pull') {
    // Spread out: what was held together must not go out together.
    const waitMs = Math.round((HELD_LOOK_AGAIN_MS * (1 + deps.random())) / 2);
    return putOff(deps, claimed, { waitMs, attempts: claimed.attempts, isHeld: true });
  }
  if (core === undefined) return retry(deps, claimed, head, 'no_core', 0);
  const prepared = await prepareDelivery(deps, head.delivery, application, plan, head.place);
  if (prepared.kind === 'gone') return drop(deps, head);
  if (prepared.kind === 'unreadable') return bury(deps, claimed, head, { error: prepared.error, status: null });
  const startedMs = deps.realClock.nowMs();
  const outcome = await deps.post(lenderId, core, prepared.message);
  if (outcome.kind === 'deferred') return release(deps, claimed);
  const isForNobody = carriesCode(prepared.message.body) || application.erased_at !== undefined;
  if (outcome.kind === 'dead' && isForNobody) return dropDead(deps, head, outcome.error);
  return settle(deps, claimed, { head, about: prepared.about, startedMs }, outcome);
}

/** Only asked of what was cancelled: then what waits behind decides. */
async function cancels(deps: SendDeps, { id, status }: Application): Promise<boolean> {
  if (status !== 'cancelled') return false;
  return (await deps.outbox.queueOf(id)).some(({ delivery }) => delivery.kind === 'cancellation');
}

interface Attempt {
  readonly head: HeadDelivery;
  readonly about: MessageAbout;
  readonly startedMs: number;
}

async function settle(
  deps: SendDeps,
  claimed: ClaimedApplication,
  { head, about, startedMs }: Attempt,
  outcome: PushOutcome,
): Promise<Sent> {
  if (outcome.kind === 'retry') return retry(deps, claimed, head, outcome.error, outcome.retryAfterMs);
  if (outcome.kind === 'dead') return bury(deps, claimed, head, outcome);
  await answerDelivery(deps, head, about, outcome.answer);
  const tookMs = deps.realClock.nowMs() - startedMs;
  deps.observer.delivered(head.delivery, head.lenderId, outcome.answer.result, tookMs);
  return { kind: 'answered', answer: outcome.answer, next: head.isFollowed };
}

async function release(deps: SendDeps, claimed: ClaimedApplication): Promise<Sent> {
  await deps.outbox.release(claimed);
  return { kind: 'waiting', waitMs: 0 };
}

async function drop(deps: SendDeps, head: HeadDelivery): Promise<Sent> {
  await deps.outbox.remove(head, deps.realClock.nowMs());
  return { kind: 'gone', next: head.isFollowed };
}

/** What the core refused for good and nobody may keep: a code, whatever belongs to somebody who was erased. */
async function dropDead(deps: SendDeps, head: HeadDelivery, error: string): Promise<Sent> {
  await deps.outbox.remove(head, deps.realClock.nowMs());
  deps.observer.dead(head.delivery, head.lenderId, error);
  return { kind: 'dead', error, next: head.isFollowed };
}

async function dropAll(deps: SendDeps, { applicationId, lenderId }: ClaimedApplication): Promise<Sent> {
  await deps.outbox.removeAll(applicationId, lenderId);
  return { kind: 'gone', next: false };
}

async function putOff(
  deps: SendDeps,
  claimed: ClaimedApplication,
  {
    waitMs,
    attempts,
    isHeld = false,
  }: { readonly waitMs: number; readonly attempts: number; readonly isHeld?: boolean },
): Promise<Sent> {
  const dueMs = deps.realClock.nowMs() + waitMs;
  await deps.outbox.putOff(claimed, { dueMs, attempts, ...(isHeld ? { state: 'held' } : {}) });
  return { kind: 'waiting', waitMs };
}

async function retry(
  deps: SendDeps,
  claimed: ClaimedApplication,
  { delivery, lenderId }: HeadDelivery,
  error: string,
  retryAfterMs: number,
): Promise<Sent> {
  const attempts = claimed.attempts + 1;
  const waitMs = retryDelayMs(attempts, deps.random(), retryAfterMs, deps.retryMaxMsOf?.(lenderId));
  const sent = await putOff(deps, claimed, { waitMs, attempts });
  deps.observer.retried(delivery, lenderId, error, waitMs);
  return sent;
}

async function bury(
  deps: SendDeps,
  claimed: ClaimedApplication,
  head: HeadDelivery,
  { error, status }: { readonly error: string; readonly status: number | null },
): Promise<Sent> {
  const attempts = status === null ? claimed.attempts : claimed.attempts + 1;
  const at = isoOf(deps.realClock.nowMs());
  await deps.dead.bury(head, { error, status, attempts, at, place: head.place });
  deps.observer.dead(head.delivery, head.lenderId, error);
  return { kind: 'dead', error, next: head.isFollowed };
}
