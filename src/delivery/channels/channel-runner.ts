import type { Clock } from '../../base/clock.ts';
import type { Outbound } from '../../outbound/create-outbound.ts';
import { EndpointGate } from '../../outbound/endpoint-gate.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import type { PlacedEntry } from '../feed/feed-entry.ts';
import type { FeedStore } from '../feed/feed-store.ts';
import type { ChannelStore, Look, Settlement } from './channel-store.ts';
import { type DeliveryRecord, newRecord } from './delivery-record.ts';
import type { Destination, Prepared } from './destination.ts';
import { type Attempt, judgeAnswer } from './judge-answer.ts';
import { breakerPauseMs } from './retry-schedule.ts';
import { runLanes } from './run-lanes.ts';
import { type AttemptOutcome, settlementsOf } from './settlements-of.ts';
import { Window } from './window.ts';

/** What a runner tells the outside about itself. */
export interface DeliveryObserver {
  attempted(destination: Destination, record: DeliveryRecord, outcome: AttemptOutcome, tookMs: number): void;
  failed(error: unknown): void;
}

export interface RunnerDeps {
  readonly store: ChannelStore;
  readonly feed: Pick<FeedStore, 'at'>;
  readonly outbound: Pick<Outbound, 'fetchBounded'>;
  /** Real time: deliveries run on it even while a sandbox clock is moved. */
  readonly realClock: Clock;
  readonly random: () => number;
  /** Who looks after the partner, as its lease says. */
  readonly owner: string;
  readonly observer: DeliveryObserver;
}

/** What a turn came to; `lost` = somebody else looks after the partner. */
export type Turn =
  | { readonly kind: 'lost' }
  /** `again` = there may be more to do at once; else when to look again at the earliest, epoch ms (null = as usual). */
  | { readonly kind: 'done'; readonly again: boolean; readonly notBeforeMs: number | null };

/** Deliveries of one channel that are under way at the same time. */
export const CHANNEL_CONCURRENCY = 8;
/** Events of the feed that one turn takes; what a killed process repeats is among them. */
const WINDOW_MAX = 64;
const LANES_MAX = 32;
/**
 * An endpoint whose breaker opened that often in a row was away. When it is back, what it missed is due at once; how quickly it
 * goes out is the gate’s pace. A single event that it cannot take never opens the breaker that often.
 */
const OUTAGE_OPENINGS = 3;

/** A message to send: of an event that the cursor has not passed, or one that has a record. */
interface Task {
  readonly record: DeliveryRecord;
  readonly entry: PlacedEntry | undefined;
  /** Place in the window; null = it has a record. */
  readonly index: number | null;
}

/** What one turn has in hand. */
interface Work {
  readonly window: Window;
  /** What was sent, or was given a record. */
  readonly settled: Set<Task>;
  /** Lanes in which something waits for another attempt. */
  readonly halted: Set<string>;
}

/** One channel of one partner: takes what is due and what is new, sends it, writes down what became of it. */
export class ChannelRunner {
  destination: Destination;
  readonly #deps: RunnerDeps;
  readonly #gate: EndpointGate;
  #stopping = false;
  #isLost = false;
  #isGone = false;

  constructor(destination: Destination, deps: RunnerDeps) {
    this.destination = destination;
    this.#deps = deps;
    this.#gate = new EndpointGate(deps.random, undefined, breakerPauseMs);
  }

  /** Begins nothing more; what fails from now on fails because we stop, and is not counted. */
  stop(): void {
    this.#stopping = true;
  }

  /** Never runs twice at once: the worker sees to that. @throws when Redis cannot be used */
  async turn(): Promise<Turn> {
    const { store, owner } = this.#deps;
    const { destination } = this;
    const nowMs = this.#nowMs();
    this.#isLost = false;
    this.#isGone = false;
    const [lanes, entries] = this.#width() === 0 ? [0, 0] : [LANES_MAX, WINDOW_MAX];
    const look = await store.look(destination, owner, { target: destination.target, nowMs, lanes, entries });
    if (look === undefined) return { kind: 'lost' };
    if (entries === 0) return { kind: 'done', again: false, notBeforeMs: this.#gate.openUntilMs };
    if (look.state.disabledMs !== null) return { kind: 'done', again: false, notBeforeMs: null };
    const isFull = look.entries.length === WINDOW_MAX || look.due.length === LANES_MAX;
    const sent = await this.#send(look);
    if (this.#isLost) return { kind: 'lost' };
    return { kind: 'done', again: this.#width() > 0 && (sent > 0 || isFull), notBeforeMs: null };
  }

  async #send({ due, entries }: Look): Promise<number> {
    const { destination } = this;
    const parts = entries.map((entry) => destination.partsOf(entry));
    const counts = parts.map(({ length }) => length);
    const work: Work = { window: new Window(entries, counts), settled: new Set(), halted: new Set() };
    const fresh = entries.flatMap((entry, index) =>
      (parts[index] ?? []).map(
        (part): Task => ({ record: newRecord(destination.partnerId, destination.name, entry, part), entry, index }),
      ),
    );
    const waiting = await this.#deps.store.waiting(destination, [...new Set(fresh.map(({ record }) => record.lane))]);
    await this.#putBehind(
      fresh.filter(({ record }) => waiting.has(record.lane)),
      work,
    );
    const lanes = new Map<string, Task[]>(
      due.map((record) => [record.lane, [{ record, entry: undefined, index: null }]]),
    );
    for (const task of fresh) {
      if (waiting.has(task.record.lane)) continue;
      const lane = lanes.get(task.record.lane);
      if (lane === undefined) lanes.set(task.record.lane, [task]);
      else lane.push(task);
    }
    let sent = 0;
    await runLanes([...lanes.values()], this.#width, async (task) => {
      const goesOn = await this.#deliver(task, work);
      if (goesOn) sent += 1;
      return goesOn;
    });
    const left = fresh.filter((task) => !work.settled.has(task) && this.#needsRecord(task, work));
    await this.#putBehind(left, work);
    return sent;
  }

  /** What stands behind something that waits, or is passed by something that was sent. */
  #needsRecord({ record, index }: Task, { window, halted }: Work): boolean {
    return halted.has(record.lane) || window.isPassed(index ?? 0);
  }

  async #putBehind(tasks: readonly Task[], work: Work): Promise<void> {
    for (const task of tasks) this.#mark(task, work);
    await this.#settle(
      tasks.map(({ record }) => ({ do: 'keep', record, dueMs: this.#nowMs() })),
      work,
    );
  }

  /** How many messages may be under way now. */
  readonly #width = (): number => {
    if (this.#stopping || this.#isLost || this.#isGone) return 0;
    return this.#gate.width(CHANNEL_CONCURRENCY, this.#nowMs());
  };

  #nowMs(): number {
    return this.#deps.realClock.nowMs();
  }

  /** @returns whether what comes after it about the same thing may be sent */
  async #deliver(task: Task, work: Work): Promise<boolean> {
    const { record, index } = task;
    const { feed, outbound } = this.#deps;
    if (this.#width() === 0) return false;
    const begunMs = this.#nowMs();
    const entry = task.entry ?? (await feed.at(this.destination.partnerId, record.position));
    const prepared: Prepared = entry === undefined ? { kind: 'nothing' } : await this.#prepare(entry, record);
    switch (prepared.kind) {
      case 'nothing': {
        this.#mark(task, work);
        // Of what was never tried nothing is left to show.
        const over: DeliveryRecord = { ...record, state: 'dead', error: 'nothing_to_tell', next_ms: null };
        await this.#settle(index === null ? [{ do: 'leave', record: over }] : [], work);
        return true;
      }
      case 'later': {
        this.#mark(task, work);
        work.halted.add(record.lane);
        const dueMs = this.#nowMs() + prepared.waitMs;
        await this.#settle([{ do: 'keep', record: { ...record, next_ms: dueMs }, dueMs }], work);
        return false;
      }
      case 'fault':
        return this.#judge(
          task,
          { kind: 'failed', status: null, error: 'not_prepared', retryAfterMs: 0 },
          work,
          begunMs,
        );
      case 'ready': {
        this.#gate.began(begunMs);
        const attempt = judgeAnswer(await outbound.fetchBounded(prepared.request));
        return this.#judge(task, attempt, work, begunMs, prepared.told);
      }
    }
  }

  async #judge(task: Task, attempt: Attempt, work: Work, begunMs: number, told?: string): Promise<boolean> {
    const { random, observer } = this.#deps;
    const nowMs = this.#nowMs();
    if (attempt.kind !== 'delivered' && this.#stopping) return false;
    const wasAway = this.#gate.openings >= OUTAGE_OPENINGS;
    const isBack = attempt.kind === 'delivered' && this.#gate.succeeded(CHANNEL_CONCURRENCY, nowMs) && wasAway;
    if (attempt.kind === 'failed') this.#gate.failed(nowMs);
    if (attempt.kind === 'gone') this.#isGone = true;
    const { outcome, after, changes } = settlementsOf(task.record, attempt, { nowMs, random: random(), told });
    observer.attempted(this.destination, after, outcome, nowMs - begunMs);
    this.#mark(task, work);
    const goesOn = outcome === 'delivered' || outcome === 'dead';
    if (!goesOn) work.halted.add(after.lane);
    await this.#settle(isBack ? [...changes, { do: 'forward' }] : changes, work);
    return goesOn;
  }

  async #prepare(entry: PlacedEntry, { part, lane }: DeliveryRecord): Promise<Prepared> {
    const { store, owner, observer } = this.#deps;
    const { destination } = this;
    try {
      return await destination.prepare(entry, part, {
        told: () => store.told(destination, lane),
        remember: async (text) => {
          await store.settle(destination, owner, this.#nowMs(), [{ do: 'told', lane, text }]);
        },
      });
    } catch (error) {
      if (isUnavailable(error)) throw error;
      observer.failed(error);
      return { kind: 'fault' };
    }
  }

  #mark(task: Task, { window, settled }: Work): void {
    settled.add(task);
    if (task.index !== null) window.settle(task.index);
  }

  async #settle(changes: readonly Settlement[], { window }: Work): Promise<void> {
    const { store, owner } = this.#deps;
    if (this.#isLost) return;
    const cursor = window.advance();
    const moved: Settlement[] = cursor === undefined ? [] : [{ do: 'state', field: 'cursor', value: cursor }];
    const all = [...changes, ...moved];
    if (all.length > 0 && !(await store.settle(this.destination, owner, this.#nowMs(), all))) this.#isLost = true;
  }
}
