import type { LoggedClick } from '../attribution/clicks/click.ts';
import { placeOfClickId } from '../attribution/clicks/click-id.ts';
import { readClicks } from '../attribution/clicks/click-log.ts';
import type { ClickStore } from '../attribution/clicks/click-store.ts';
import type { BoundTouch, TouchStore } from '../attribution/touch-store.ts';
import { DAY_MS, msOf } from '../base/clock.ts';
import { ALL_SHARDS } from '../base/ids.ts';
import type { LogEvent } from '../events/event.ts';
import { readLog } from '../events/log.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';

const BATCH = 256;
const BEGINNING = '0-0';

interface ClickRetentionDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly clicks: Pick<ClickStore, 'forget'>;
  readonly touches: Pick<TouchStore, 'forget'>;
  readonly lifetimeMs: number;
}

/**
 * Ends clicks and touches by the business clock. Clicks lie in logs, oldest first, whose beginning is cut off. The touches of a
 * token lie in one set, which lives for as long as the newest of them: the event log tells which there were, in order, and a
 * place in the log of each shard says how far this has been done. Days are whole: a click ends at the end of its last one.
 */
export class ClickRetention {
  readonly #deps: ClickRetentionDeps;
  /** Shard → when the next event of its log is due. Logs only grow behind it, so it holds until the shard is swept. */
  readonly #eventDues = new Map<number, number>();
  /** Likewise of its oldest click. */
  readonly #clickDues = new Map<number, number>();

  constructor(deps: ClickRetentionDeps) {
    this.#deps = deps;
  }

  /** When the next click or touch is over (ms), null when there is none. */
  async nextDue(): Promise<number | null> {
    await Promise.all(
      ALL_SHARDS.flatMap((shard) => [
        this.#eventDues.has(shard) ? undefined : this.#lookAtEvents(shard),
        this.#clickDues.has(shard) ? undefined : this.#lookAtClicks(shard),
      ]),
    );
    const dues = [...this.#eventDues.values(), ...this.#clickDues.values()];
    return dues.length === 0 ? null : Math.min(...dues);
  }

  /** Ends what is due in a shard at `nowMs`. @returns how many clicks and events were dealt with */
  async sweep(shard: number, nowMs: number): Promise<number> {
    const [events, clicks] = await Promise.all([this.#sweepEvents(shard, nowMs), this.#sweepClicks(shard, nowMs)]);
    return events + clicks;
  }

  async #lookAtEvents(shard: number): Promise<void> {
    const { client, keys } = this.#deps;
    const [head] = await readLog(client, keys, shard, await this.#place(shard), 1);
    if (head) this.#eventDues.set(shard, this.#dueMs(msOf(head.recorded_at)));
  }

  async #lookAtClicks(shard: number): Promise<void> {
    const { client, keys } = this.#deps;
    const [head] = await readClicks(client, keys, shard, BEGINNING, 1);
    if (head) this.#clickDues.set(shard, this.#dueMs(head.facts.at_ms));
  }

  async #sweepEvents(shard: number, nowMs: number): Promise<number> {
    const dueMs = this.#eventDues.get(shard);
    if (dueMs !== undefined && dueMs > nowMs) return 0;
    this.#eventDues.delete(shard);
    const { client, keys } = this.#deps;
    let done = 0;
    let place = await this.#place(shard);
    for (;;) {
      const events = await readLog(client, keys, shard, place, BATCH);
      const due = untilLater(events, (event) => this.#dueMs(msOf(event.recorded_at)) > nowMs);
      await Promise.all(due.map((event) => this.#endTouches(event)));
      const later = events[due.length];
      if (later !== undefined) this.#eventDues.set(shard, this.#dueMs(msOf(later.recorded_at)));
      const last = due.at(-1);
      if (last === undefined) return done;
      place = last.position;
      await client.set(keys.shard(shard, 'retained'), place);
      done += due.length;
      if (due.length < BATCH) return done;
    }
  }

  async #sweepClicks(shard: number, nowMs: number): Promise<number> {
    const dueMs = this.#clickDues.get(shard);
    if (dueMs !== undefined && dueMs > nowMs) return 0;
    this.#clickDues.delete(shard);
    const { client, keys } = this.#deps;
    let done = 0;
    for (;;) {
      const clicks = await readClicks(client, keys, shard, BEGINNING, BATCH);
      const due = untilLater(clicks, (click) => this.#dueMs(click.facts.at_ms) > nowMs);
      const later = clicks[due.length];
      if (later !== undefined) this.#clickDues.set(shard, this.#dueMs(later.facts.at_ms));
      const last = due.at(-1);
      if (last === undefined) return done;
      await this.#deps.clicks.forget(shard, namesOf(due), last.position);
      done += due.length;
      if (due.length < BATCH) return done;
    }
  }

  async #endTouches(event: LogEvent): Promise<void> {
    if (event.type !== 'click.bound') return;
    const { tokens, touch } = event.data as unknown as { tokens: readonly string[]; touch: BoundTouch };
    await this.#deps.touches.forget(tokens, touch.at_ms);
  }

  #dueMs(atMs: number): number {
    return (Math.floor((atMs + this.#deps.lifetimeMs) / DAY_MS) + 1) * DAY_MS;
  }

  async #place(shard: number): Promise<string> {
    return (await this.#deps.client.get(this.#deps.keys.shard(shard, 'retained'))) ?? BEGINNING;
  }
}

/** The first ones, up to the first that `isLater`. */
function untilLater<Item>(items: readonly Item[], isLater: (item: Item) => boolean): readonly Item[] {
  const first = items.findIndex(isLater);
  return first < 0 ? items : items.slice(0, first);
}

/** Ids that browsers may have been given: those of clicks of their own, and of what was answered while Redis was away. */
function namesOf(clicks: readonly LoggedClick[]): string[] {
  return clicks.filter(({ id, repeats }) => repeats === null || !isPlaced(id)).map(({ id }) => id);
}

function isPlaced(id: string): boolean {
  return placeOfClickId(id) !== undefined;
}
