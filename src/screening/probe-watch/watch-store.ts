import { randomUUID } from 'node:crypto';
import { DAY_MS, HOUR_MS, isoOf, MINUTE_MS, SECOND_MS } from '../../base/clock.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { HitRate } from './detect-hit-rate.ts';
import type { WindowName } from './finding.ts';
import { COUNT_NAMES, type Slice, type Tally, type WatchWindow, windowOf } from './tally.ts';

const script = defineScript<'minute' | 'hour' | 'days' | 'state', boolean>({
  file: new URL('./add-probes.lua', import.meta.url),
  keys: ['minute', 'hour', 'days', 'state'],
  reply: (raw) => raw === 1,
});

/** A partner is judged once in so long, by whichever process has something to add then. */
export const JUDGE_EVERY_MS = 5 * SECOND_MS;
/** Slices of a window, the one that is being filled not counted. */
const MINUTES = 10;
const HOURS = 24;
/** Days of a partner's past that its hit rate is compared with, and those before them that the long window may cover. */
const BASELINE_DAYS = 28;
const WINDOW_DAYS = 2;
/** Crowds that a slice holds: the first ones. Whoever sweeps so many ranges at once is seen by the sum of their neighbours. */
const CROWDS_MAX = 256;
const KEEP_MINUTE_SECONDS = ((MINUTES + 2) * MINUTE_MS) / SECOND_MS;
const KEEP_HOUR_SECONDS = ((HOURS + 2) * HOUR_MS) / SECOND_MS;
const KEEP_DAYS_SECONDS = ((BASELINE_DAYS + WINDOW_DAYS + 1) * DAY_MS) / SECOND_MS;

/** The windows of one partner, and the past that its hit rate is compared with. */
export interface WatchReading {
  readonly windows: Readonly<Record<WindowName, WatchWindow>>;
  readonly baseline: HitRate;
}

/** What all processes have counted of each partner's questions, in its slot, in real time. */
export class WatchStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #process = randomUUID();
  #additions = 0;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Adds what was counted, if anything.
   * @returns whether the caller is to judge the partner now
   */
  add(partnerId: string, tally: Tally | undefined, nowMs: number): Promise<boolean> {
    const pairs: (string | number)[] = [];
    if (tally !== undefined) {
      this.#additions += 1;
      for (const name of COUNT_NAMES) if (tally.counts[name] > 0) pairs.push(name, tally.counts[name]);
      for (const [name, size] of tally.crowds) pairs.push(name, size);
    }
    const names = {
      minute: this.#slice(partnerId, 'm', Math.floor(nowMs / MINUTE_MS)),
      hour: this.#slice(partnerId, 'h', Math.floor(nowMs / HOUR_MS)),
      days: this.#keys.partner(partnerId, 'watch', 'days'),
      state: this.#keys.partner(partnerId, 'watch', 'state'),
    };
    return script.run(this.#client, names, [
      this.#process,
      tally === undefined ? '' : this.#additions,
      nowMs,
      JUDGE_EVERY_MS,
      CROWDS_MAX,
      KEEP_MINUTE_SECONDS,
      KEEP_HOUR_SECONDS,
      KEEP_DAYS_SECONDS,
      dayOf(nowMs),
      tally?.counts.told ?? 0,
      tally?.counts.known ?? 0,
      ...pairs,
    ]);
  }

  /** Reads everything that a judgement rests on. */
  async read(partnerId: string, nowMs: number): Promise<WatchReading> {
    const [minutes, hours, days] = await Promise.all([
      this.#slices(partnerId, 'm', Math.floor(nowMs / MINUTE_MS), MINUTES),
      this.#slices(partnerId, 'h', Math.floor(nowMs / HOUR_MS), HOURS),
      this.#client.hgetall(this.#keys.partner(partnerId, 'watch', 'days')),
    ]);
    const past = baselineOf(days, nowMs);
    if (past.outdated.length > 0) {
      await this.#client.hdel(this.#keys.partner(partnerId, 'watch', 'days'), ...past.outdated);
    }
    return { windows: { '10m': windowOf(minutes), '24h': windowOf(hours) }, baseline: past.baseline };
  }

  #slices(partnerId: string, unit: 'm' | 'h', latest: number, count: number): Promise<Slice[]> {
    const numbers = Array.from({ length: count + 1 }, (_, back) => latest - back);
    return Promise.all(numbers.map((number) => this.#client.hgetall(this.#slice(partnerId, unit, number))));
  }

  #slice(partnerId: string, unit: 'm' | 'h', number: number): string {
    return this.#keys.partner(partnerId, 'watch', `${unit}${number}`);
  }
}

/** Sums up the days before those that a window may cover. Fields `told:<day>` and `known:<day>`. */
export function baselineOf(
  days: Readonly<Record<string, string>>,
  nowMs: number,
): { readonly baseline: HitRate; readonly outdated: readonly string[] } {
  const before = dayOf(nowMs - (WINDOW_DAYS - 1) * DAY_MS);
  const since = dayOf(nowMs - (BASELINE_DAYS + WINDOW_DAYS) * DAY_MS);
  let [told, known] = [0, 0];
  const outdated: string[] = [];
  for (const [field, count] of Object.entries(days)) {
    const [name, day = ''] = field.split(':');
    if (day < since) outdated.push(field);
    else if (day < before && name === 'told') told += Number(count);
    else if (day < before && name === 'known') known += Number(count);
  }
  return { baseline: { told, known }, outdated };
}

/** `YYYY-MM-DD`, UTC. */
function dayOf(ms: number): string {
  return isoOf(ms).slice(0, 10);
}
