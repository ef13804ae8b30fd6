import { setTimeout as delay } from 'node:timers/promises';
import { SECOND_MS } from '../../base/clock.ts';
import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import type { BreakerState } from '../../outbound/endpoint-gate.ts';
import { CoreClient } from './core-client.ts';
import { CoreLines } from './core-lines.ts';
import type { Delivery } from './delivery.ts';
import type { CoreQuestion, CoreReply, LenderCalls, SentNow } from './lender-calls.ts';
import type { LenderHealth } from './lender-health.ts';
import type { LaneItem, LenderLine, LenderSettings, ProcessShare } from './lender-line.ts';
import type { OutboxOverview } from './outbox-overview.ts';
import { ReadyLanes } from './ready-lanes.ts';
import { type SendDeps, type Sent, sendDelivery } from './send-delivery.ts';

export interface OutboxWorker extends LenderCalls {
  start(): void;
  /** Takes nothing more, waits for what is under way. What was claimed and not sent is due again at once. */
  stop(): Promise<void>;
  /** Sends everything that may be sent now and waits for it. */
  drain(): Promise<void>;
  /** Looks at a shard soon; cheap, many calls become one look. */
  kick(shard: number): void;
  /** Deliveries that nothing keeps back, so that they will be gone in a moment. Reads all of them; for the sandbox. */
  countFresh(): Promise<number>;
  /** Lenders that this process has sent to, with what it finds of their cores. */
  breakers(): ReadonlyMap<string, BreakerState>;
}

export interface OutboxWorkerDeps extends Omit<SendDeps, 'post' | 'random'> {
  readonly overview: Pick<OutboxOverview, 'countFresh'>;
  readonly random?: () => number;
  /** What lenders' files say; absent = the defaults for every lender. */
  readonly settingsOf?: (lenderId: string) => Partial<LenderSettings>;
  readonly share?: ProcessShare;
  /** Where the other processes read what this one finds. */
  readonly health?: Pick<LenderHealth, 'succeeded' | 'breaker'>;
}

const POLL_BUSY_MS = 50;
const POLL_IDLE_MAX_MS = SECOND_MS;
/** What an answer may take to be written, on top of the core's time. */
const COMMIT_MARGIN_MS = SECOND_MS;
/** How long a claimed delivery may wait for its turn before it is given back. */
const QUEUE_MAX_MS = 4 * SECOND_MS;
/** Retries further away than this are found by polling. */
const TIMED_KICK_MAX_MS = 60 * SECOND_MS;

/**
 * Sends due deliveries of all shards. Any number of processes may run one: a claim moves the application out of the others'
 * sight for a little longer than sending may take, so one message is sent twice only when its sender was lost; and then
 * under the same id. Nothing is claimed for a lender beyond what its line has room for, so one that hangs, or is down, takes
 * nothing from the others.
 */
export function createOutboxWorker(deps: OutboxWorkerDeps): OutboxWorker {
  return new PollingWorker(deps);
}

class PollingWorker implements OutboxWorker {
  readonly #deps: SendDeps & Pick<OutboxWorkerDeps, 'overview'>;
  readonly #lines: CoreLines;
  readonly #ready = new ReadyLanes();
  readonly #kicked = new Set<number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<void>>();
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;
  #stopping = false;
  #stopped: Promise<void> | undefined;

  constructor({ random = Math.random, settingsOf, share, health, ...deps }: OutboxWorkerDeps) {
    this.#lines = new CoreLines({
      client: new CoreClient(),
      coreOf: deps.coreOf,
      settingsOf,
      share,
      random,
      health,
      nowMs: () => deps.realClock.nowMs(),
      work: (line, item) => this.#track(this.#work(line, item)),
      freed: (lenderId) => {
        if (this.#ready.has(lenderId)) this.#wake?.();
      },
      recovered: (lenderId) => void this.#track(this.#bringForward(lenderId)),
      track: (work) => void this.#track(work),
    });
    this.#deps = {
      ...deps,
      random,
      post: (lenderId, core, message) => this.#lines.post(lenderId, core, message),
      retryMaxMsOf: (lenderId) => settingsOf?.(lenderId).retryMaxMs,
    };
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#loop;
    await this.#emptyLanes(this.#lines.all);
    await this.#idle();
    await this.#lines.close();
  }

  async drain(): Promise<void> {
    for (;;) {
      this.#kicked.clear();
      await this.#look(ALL_SHARDS);
      const claimed = await this.#fill();
      await this.#idle();
      if (claimed === 0) return;
    }
  }

  async sendNow(delivery: Delivery, deadlineMs: number): Promise<SentNow> {
    const { outbox } = this.#deps;
    if (this.#stopping) return { kind: 'pending' };
    const addressed = await outbox.find(delivery);
    if (!addressed) return { kind: 'gone' };
    const line = this.#lines.of(addressed.lenderId);
    if (!this.#lines.isSent(line.lenderId)) return { kind: 'pending' };
    const claimed = await outbox.claimOne(addressed, this.#claimUntil(line));
    if (claimed === 'gone') return { kind: 'gone' };
    if (claimed === 'busy') return { kind: 'pending', isBusy: true };
    const sent = new Promise<Sent>((resolve) => {
      line.lane.addFirst({ claimed, wanted: { id: delivery.id, sent: resolve } });
    });
    // An answer that comes after the deadline is written down all the same.
    const deadline = new AbortController();
    const late = delay(deadlineMs, undefined, { signal: deadline.signal }).catch(() => undefined);
    const result = await Promise.race([sent, late]);
    deadline.abort();
    return result === undefined || result.kind === 'waiting' ? { kind: 'pending' } : result;
  }

  ask(question: CoreQuestion): Promise<CoreReply> {
    return this.#lines.ask(question);
  }

  kick(shard: number): void {
    this.#kicked.add(shard);
    this.#wake?.();
  }

  countFresh(): Promise<number> {
    const { overview, realClock } = this.#deps;
    return overview.countFresh((lenderId) => this.#lines.isSent(lenderId), realClock.nowMs());
  }

  breakers(): ReadonlyMap<string, BreakerState> {
    const nowMs = this.#deps.realClock.nowMs();
    return new Map(this.#lines.all.map(({ lenderId, gate }) => [lenderId, gate.state(nowMs)]));
  }

  async #run(): Promise<void> {
    let pauseMs = POLL_BUSY_MS;
    let nextFullLookMs = 0;
    while (!this.#stopping) {
      try {
        const full = this.#deps.realClock.nowMs() >= nextFullLookMs;
        const shards = full ? ALL_SHARDS : [...this.#kicked];
        this.#kicked.clear();
        await this.#look(shards);
        const claimed = await this.#fill();
        if (claimed > 0) pauseMs = POLL_BUSY_MS;
        else if (full) pauseMs = Math.min(pauseMs * 2, POLL_IDLE_MAX_MS);
        if (full) nextFullLookMs = this.#deps.realClock.nowMs() + pauseMs;
        else if (claimed > 0) nextFullLookMs = Math.min(nextFullLookMs, this.#deps.realClock.nowMs() + pauseMs);
      } catch (error) {
        this.#deps.observer.failed(error);
        pauseMs = POLL_IDLE_MAX_MS;
        nextFullLookMs = this.#deps.realClock.nowMs() + pauseMs;
        this.#kicked.clear();
        await delay(POLL_BUSY_MS);
      }
      await this.#sleep(nextFullLookMs - this.#deps.realClock.nowMs());
    }
  }

  /** Until the time is up, somebody kicks, or a lane that has more to fetch has room. */
  async #sleep(ms: number): Promise<void> {
    if (this.#stopping || this.#kicked.size > 0 || ms <= 0 || this.#hasRoom()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, POLL_IDLE_MAX_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #hasRoom(): boolean {
    return this.#ready.lenders.some((lenderId) => this.#lines.of(lenderId).lane.room > 0);
  }

  async #look(shards: readonly number[]): Promise<void> {
    if (shards.length === 0) return;
    this.#ready.replace(shards, await this.#deps.outbox.dueLanes(shards, this.#deps.realClock.nowMs()));
  }

  /** Fetches for every lane as much as it has room for; one pipeline a round. @returns how many were claimed */
  async #fill(): Promise<number> {
    let claimed = 0;
    while (!this.#stopping) {
      const claims = this.#ready.lenders.flatMap((lenderId) => {
        const line = this.#lines.of(lenderId);
        return this.#ready.allot(lenderId, line.lane.room).map((lot) => this.#claim(line, lot.shard, lot.limit));
      });
      // A shard may have nothing left for a lender by now; there is an end when there is no room, or nothing to ask for.
      if (claims.length === 0) break;
      for (const count of await Promise.all(claims)) claimed += count;
    }
    return claimed;
  }

  async #claim(line: LenderLine, shard: number, limit: number): Promise<number> {
    const { lenderId, lane } = line;
    const nowMs = this.#deps.realClock.nowMs();
    const found = await this.#deps.outbox.claim({ shard, lenderId }, nowMs, this.#claimUntil(line), limit);
    this.#ready.remove(lenderId, shard);
    const { claimed, nextDueMs } = found;
    if (nextDueMs !== null && nextDueMs <= nowMs) this.#ready.add({ lenderId, shard, dueMs: nextDueMs });
    for (const one of claimed) lane.add({ claimed: one });
    return claimed.length;
  }

  async #work(line: LenderLine, { claimed, wanted }: LaneItem): Promise<void> {
    const { outbox, realClock } = this.#deps;
    const left = claimed.claimedUntilMs - realClock.nowMs();
    let sent: Sent = { kind: 'waiting', waitMs: 0 };
    try {
      // Too little of the claim is left to be sure that nobody else sends it meanwhile; or we are about to stop.
      if (this.#stopping || left < line.settings.timeoutMs + COMMIT_MARGIN_MS) await outbox.release(claimed);
      else sent = await sendDelivery(this.#deps, claimed, wanted?.id);
    } finally {
      wanted?.sent(sent);
    }
    this.#follow(claimed.lenderId, claimed.applicationId, sent);
    if (this.#lines.isShut(line)) await this.#emptyLanes([line]);
  }

  /** What is due next of an application is looked at when it is. */
  #follow(lenderId: string, applicationId: string, sent: Sent): void {
    const shard = shardOfId(applicationId);
    if (sent.kind !== 'waiting') {
      if (sent.next) this.#ready.add({ lenderId, shard, dueMs: this.#deps.realClock.nowMs() });
      return;
    }
    if (sent.waitMs === 0 || sent.waitMs > TIMED_KICK_MAX_MS || this.#stopping) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.kick(shard);
    }, sent.waitMs + 1);
    this.#timers.add(timer);
  }

  async #bringForward(lenderId: string): Promise<void> {
    const { outbox, realClock } = this.#deps;
    await outbox.bringForward(lenderId, realClock.nowMs());
    for (const shard of ALL_SHARDS) this.#kicked.add(shard);
    this.#wake?.();
  }

  /** Gives back what has been fetched and cannot be sent now. */
  async #emptyLanes(lines: readonly LenderLine[]): Promise<void> {
    const items = lines.flatMap(({ lane }) => lane.empty());
    for (const { wanted } of items) wanted?.sent({ kind: 'waiting', waitMs: 0 });
    await Promise.all(items.map(({ claimed }) => this.#deps.outbox.release(claimed)));
  }

  #claimUntil({ settings: { timeoutMs } }: LenderLine): number {
    return this.#deps.realClock.nowMs() + timeoutMs + COMMIT_MARGIN_MS + QUEUE_MAX_MS;
  }

  /** Remembers work under way; what fails is told, and the claim runs out by itself. */
  #track(work: Promise<void>): Promise<void> {
    const tracked = work
      .catch((error: unknown) => this.#deps.observer.failed(error))
      .finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }

  /** Waits until nothing is in hand or under way. */
  async #idle(): Promise<void> {
    while (this.#underWay.size > 0 || this.#lines.all.some(({ lane }) => lane.size > 0)) {
      await Promise.allSettled(this.#underWay);
      await Promise.resolve();
    }
  }
}
