import type { ClickStore } from '../attribution/click-store.ts';
import type { BoundTouch, TouchStore } from '../attribution/touch-store.ts';
import { DAY_MS, msOf } from '../base/clock.ts';
import { ALL_SHARDS } from '../base/ids.ts';
import type { LogEvent } from '../events/event.ts';
import { readLog } from '../events/log.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';

const BATCH = 256;

/**
 * Ends clicks and touches by the business clock. Redis ends clicks by itself in real time, which is far too late where the
 * clock can be moved; and the touches of a token lie in one set, which lives for as long as the newest of them. The log tells which clicks there were, in order, so nothing has to be kept for this while clicks come in:
 * a place in the log of each shard says how far it has been done. Days are whole: a click ends at the end of its last one.
 */
export class ClickRetention {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #clicks: Pick<ClickStore, 'forget'>;
  readonly #touches: Pick<TouchStore, 'forget'>;
  readonly #lifetimeMs: number;
  /** Shard → when its next place is due. Logs only grow behind it, so it holds until the shard is swept. */
  readonly #dues = new Map<number, number>();

  constructor(deps: {
    readonly client: RedisClient;
    readonly keys: Keyspace;
    readonly clicks: Pick<ClickStore, 'forget'>;
    readonly touches: Pick<TouchStore, 'forget'>;
    readonly lifetimeMs: number;
  }) {
    this.#client = deps.client;
    this.#keys = deps.keys;
    this.#clicks = deps.clicks;
    this.#touches = deps.touches;
    this.#lifetimeMs = deps.lifetimeMs;
  }

  /** When the next place of any log is to be looked at (ms), null when all logs are at their end. */
  async nextDue(): Promise<number | null> {
    const unknown = ALL_SHARDS.filter((shard) => !this.#dues.has(shard));
    await Promise.all(
      unknown.map(async (shard) => {
        const [head] = await readLog(this.#client, this.#keys, shard, await this.#place(shard), 1);
        if (head) this.#dues.set(shard, this.#dueMs(head));
      }),
    );
    return this.#dues.size === 0 ? null : Math.min(...this.#dues.values());
  }

  /** Ends what is due in a shard at `nowMs`. @returns how many events were dealt with */
  async sweep(shard: number, nowMs: number): Promise<number> {
    const dueMs = this.#dues.get(shard);
    if (dueMs !== undefined && dueMs > nowMs) return 0;
    this.#dues.delete(shard);
    let done = 0;
    let place = await this.#place(shard);
    for (;;) {
      const events = await readLog(this.#client, this.#keys, shard, place, BATCH);
      const firstLater = events.findIndex((event) => this.#dueMs(event) > nowMs);
      const due = firstLater < 0 ? events : events.slice(0, firstLater);
      await Promise.all(due.map((event) => this.#end(event)));
      const later = events[due.length];
      if (later !== undefined) this.#dues.set(shard, this.#dueMs(later));
      const last = due.at(-1);
      if (last === undefined) return done;
      place = last.position;
      await this.#client.set(this.#keys.shard(shard, 'retained'), place);
      done += due.length;
      if (due.length < BATCH) return done;
    }
  }

  async #end(event: LogEvent): Promise<void> {
    if (event.type === 'click.recorded') await this.#clicks.forget(event.subject);
    if (event.type !== 'click.bound') return;
    const { tokens, touch } = event.data as unknown as { tokens: readonly string[]; touch: BoundTouch };
    await this.#touches.forget(tokens, touch.at_ms);
  }

  #dueMs({ recorded_at: recordedAt }: LogEvent): number {
    return (Math.floor((msOf(recordedAt) + this.#lifetimeMs) / DAY_MS) + 1) * DAY_MS;
  }

  async #place(shard: number): Promise<string> {
    return (await this.#client.get(this.#keys.shard(shard, 'retained'))) ?? '0-0';
  }
}
