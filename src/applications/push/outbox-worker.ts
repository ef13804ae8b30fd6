import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../../base/clock.ts';
import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import { CORE_CONCURRENCY, CORE_TIMEOUT_MS, CoreClient } from './core-client.ts';
import type { Delivery } from './delivery.ts';
import type { CoreQuestion, CoreReply, LenderCalls, SentNow } from './lender-calls.ts';
import { LenderLane } from './lender-lane.ts';
import { SEND_NOW_GRACE_MS } from './lender-message.ts';
import type { ClaimedDelivery } from './outbox.ts';
import { type SendDeps, type Sent, sendDelivery } from './send-delivery.ts';

export interface OutboxWorker extends LenderCalls {
  start(): void;
  /** Takes nothing more, waits for what is under way. What was claimed and not sent is due again at once. */
  stop(): Promise<void>;
  /** Sends everything that is due now and waits for it. */
  drain(): Promise<void>;
  /** Looks at a shard soon; cheap, many calls become one look. */
  kick(shard: number): void;
}

export interface OutboxWorkerDeps extends Omit<SendDeps, 'client' | 'random'> {
  readonly random?: () => number;
  /** How long a core may take, ms; its default is the contract. */
  readonly timeoutMs?: number;
}

const POLL_BUSY_MS = 50;
const POLL_IDLE_MAX_MS = SECOND_MS;
const CLAIMS_PER_SHARD = 8;
/** Nothing more is claimed while so many deliveries are in hand. */
const IN_HAND_MAX = 128;
/** What an answer may take to be written, on top of the core's time. */
const COMMIT_MARGIN_MS = SECOND_MS;
/** How long a claimed delivery may wait for its turn before it is given back. */
const QUEUE_MAX_MS = 4 * SECOND_MS;
/** Retries further away than this are found by polling. */
const TIMED_KICK_MAX_MS = 60 * SECOND_MS;

/**
 * Sends due deliveries of all shards. Any number of processes may run one: a claim moves the delivery out of the others'
 * sight for a little longer than sending may take, so one message is sent twice only when its sender was lost; and then
 * under the same id.
 */
export function createOutboxWorker(deps: OutboxWorkerDeps): OutboxWorker {
  return new PollingWorker(deps);
}

class PollingWorker implements OutboxWorker {
  readonly #deps: SendDeps;
  readonly #visibilityMs: number;
  readonly #minimumLeftMs: number;
  readonly #lanes = new Map<string, LenderLane<ClaimedDelivery>>();
  readonly #kicked = new Set<number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<void>>();
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;
  #stopping = false;

  constructor({ timeoutMs = CORE_TIMEOUT_MS, random = Math.random, ...deps }: OutboxWorkerDeps) {
    this.#deps = { ...deps, random, client: new CoreClient(timeoutMs) };
    this.#minimumLeftMs = timeoutMs + COMMIT_MARGIN_MS;
    this.#visibilityMs = this.#minimumLeftMs + QUEUE_MAX_MS;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#loop;
    await this.#idle();
    await this.#deps.client.close();
  }

  async drain(): Promise<void> {
    for (;;) {
      const claimed = await this.#poll(ALL_SHARDS);
      await this.#idle();
      if (claimed === 0) return;
    }
  }

  async sendNow(delivery: Delivery, deadlineMs: number): Promise<SentNow> {
    const { outbox, realClock } = this.#deps;
    const nowMs = realClock.nowMs();
    if (this.#stopping) return { kind: 'pending' };
    const claimed = await outbox.claimOne(delivery, nowMs + SEND_NOW_GRACE_MS, nowMs + this.#visibilityMs);
    if (!claimed) return (await outbox.isPending(delivery)) ? { kind: 'pending' } : { kind: 'gone' };
    let sent: Sent | undefined;
    // An answer that comes after the deadline is written down all the same.
    const attempt = this.#track(
      this.#attempt(claimed).then((result) => {
        sent = result;
      }),
    );
    const deadline = new AbortController();
    await Promise.race([attempt, delay(deadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined)]);
    deadline.abort();
    return sent === undefined || sent.kind === 'waiting' ? { kind: 'pending' } : sent;
  }

  async ask(question: CoreQuestion): Promise<CoreReply> {
    const core = this.#deps.coreOf(question.lenderId, question.productId);
    if (core === undefined || core === 'held') return { kind: 'unavailable', cause: 'no_core' };
    return this.#deps.client.ask(core, question);
  }

  kick(shard: number): void {
    this.#kicked.add(shard);
    this.#wake?.();
  }

  async #run(): Promise<void> {
    let pauseMs = POLL_BUSY_MS;
    let nextFullPollMs = 0;
    while (!this.#stopping) {
      try {
        if (this.#inHand() < IN_HAND_MAX) {
          const nowMs = this.#deps.realClock.nowMs();
          const full = nowMs >= nextFullPollMs;
          const shards = full ? ALL_SHARDS : [...this.#kicked];
          this.#kicked.clear();
          const claimed = await this.#poll(shards);
          if (claimed > 0) pauseMs = POLL_BUSY_MS;
          else if (full) pauseMs = Math.min(pauseMs * 2, POLL_IDLE_MAX_MS);
          if (full || claimed > 0) nextFullPollMs = this.#deps.realClock.nowMs() + pauseMs;
        }
      } catch (error) {
        this.#deps.observer.failed(error);
        pauseMs = POLL_IDLE_MAX_MS;
        nextFullPollMs = this.#deps.realClock.nowMs() + pauseMs;
        this.#kicked.clear();
      }
      await this.#sleep(Math.min(pauseMs, POLL_IDLE_MAX_MS));
    }
  }

  /** Until the time is up, somebody kicks, or (with full hands) something is finished. */
  async #sleep(ms: number): Promise<void> {
    const full = this.#inHand() >= IN_HAND_MAX;
    if (this.#stopping || (this.#kicked.size > 0 && !full)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, full ? POLL_BUSY_MS : ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** All shards in one pipelined batch. @returns how many deliveries were claimed */
  async #poll(shards: readonly number[]): Promise<number> {
    const { outbox, realClock } = this.#deps;
    const nowMs = realClock.nowMs();
    const batches = await Promise.all(
      shards.map((shard) => outbox.claim(shard, nowMs, nowMs + this.#visibilityMs, CLAIMS_PER_SHARD)),
    );
    const claimed = batches.flat();
    for (const item of claimed) this.#track(this.#dispatch(item));
    return claimed.length;
  }

  async #dispatch(item: ClaimedDelivery): Promise<void> {
    const current = await this.#deps.store.load(item.delivery.applicationId);
    if (!current) return this.#deps.outbox.remove(item.delivery);
    const { lender_id: lenderId } = current.application;
    let lane = this.#lanes.get(lenderId);
    if (!lane) {
      const applicationOf = (claimed: ClaimedDelivery) => claimed.delivery.applicationId;
      lane = new LenderLane(CORE_CONCURRENCY, applicationOf, (claimed) => this.#track(this.#send(claimed)));
      this.#lanes.set(lenderId, lane);
    }
    lane.add(item);
  }

  async #send(item: ClaimedDelivery): Promise<void> {
    const { outbox, realClock } = this.#deps;
    const nowMs = realClock.nowMs();
    // Too little of the claim is left to be sure that nobody else sends it meanwhile; or we are about to stop.
    if (this.#stopping || item.claimedUntilMs - nowMs < this.#minimumLeftMs) {
      return outbox.putOff(item.delivery, nowMs, item.attempts);
    }
    await this.#attempt(item);
  }

  async #attempt(item: ClaimedDelivery): Promise<Sent> {
    const sent = await sendDelivery(this.#deps, item);
    if (sent.kind === 'waiting' && sent.waitMs <= TIMED_KICK_MAX_MS) this.#kickIn(sent.waitMs, item);
    return sent;
  }

  #kickIn(waitMs: number, item: ClaimedDelivery): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.kick(shardOfId(item.delivery.applicationId));
    }, waitMs + 1);
    this.#timers.add(timer);
  }

  /** Remembers work under way; what fails is told, and the claim runs out by itself. */
  #track(work: Promise<void>): Promise<void> {
    const tracked = work
      .catch((error: unknown) => this.#deps.observer.failed(error))
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }

  #inHand(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.size;
    return sum;
  }

  /** Waits until nothing is dispatched, queued or under way. */
  async #idle(): Promise<void> {
    while (this.#underWay.size > 0 || this.#inHand() > 0) {
      await Promise.allSettled(this.#underWay);
      await Promise.resolve();
    }
  }
}
