import { DAY_MS, HOUR_MS } from '../base/clock.ts';
import { shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** For whom a code is counted. Phones and addresses by their tokens: what is counted names nobody. */
export type CodeCount =
  | { readonly of: 'phone' | 'address'; readonly token: string }
  | { readonly of: 'link'; readonly partnerId: string; readonly code: string }
  | { readonly of: 'partner'; readonly partnerId: string };

export interface CodeRule {
  /** Between two codes, ms; 0 = none. */
  readonly waitMs: number;
  /** Absent = any number. */
  readonly perHour?: number;
  readonly perDay: number;
}

export type CodeVerdict =
  /** `today`: codes of the day, this one included. */
  | { readonly ok: true; readonly today: number }
  | { readonly ok: false; readonly why: 'wait'; readonly waitMs: number }
  /** `again`: this very code was sent a moment ago. */
  | { readonly ok: false; readonly why: 'hour' | 'day' | 'again' };

/** One code that is about to be sent. */
export interface CountedCode {
  readonly id: string;
  /** Unique for each time that it is to be sent. */
  readonly call: string;
  /** Real time. */
  readonly nowMs: number;
}

const script = defineScript<'codes', readonly [outcome: number, detail: number]>({
  file: new URL('./count-code.lua', import.meta.url),
  keys: ['codes'],
  reply: (raw) => {
    const [outcome, detail] = Array.isArray(raw) ? raw : [];
    if (typeof outcome !== 'number' || typeof detail !== 'number') throw new Error('count-code.lua: unknown reply');
    return [outcome, detail];
  },
});

/** Longer than any window. */
const KEPT_MS = 2 * DAY_MS;

/** One-time codes that were sent, counted before they are: what cannot be counted is not sent. Real time throughout. */
export class CodeCounts {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Counts a code, unless it may not be sent now. */
  async count(
    { id, call, nowMs }: CountedCode,
    whose: CodeCount,
    { waitMs, perHour = 0, perDay }: CodeRule,
  ): Promise<CodeVerdict> {
    const args = [id, call, nowMs, hourOf(nowMs), dayOf(nowMs), waitMs, perHour, perDay, KEPT_MS];
    const [outcome, detail] = await script.run(this.#client, { codes: this.#key(whose) }, args);
    if (outcome === 0) return { ok: true, today: detail };
    if (outcome === 1) return { ok: false, why: 'wait', waitMs: detail };
    return { ok: false, why: outcome === 2 ? 'hour' : outcome === 3 ? 'day' : 'again' };
  }

  /** Lets the next code be asked for at once: this one was not sent. It stays counted. */
  async endWait(whose: CodeCount): Promise<void> {
    await this.#client.hdel(this.#key(whose), 'at');
  }

  /** Codes of a partner today. */
  async today(partnerId: string, nowMs: number): Promise<number> {
    const [day, days] = await this.#client.hmget(this.#key({ of: 'partner', partnerId }), 'day', 'days');
    return day === String(dayOf(nowMs)) ? Number(days) : 0;
  }

  #key(whose: CodeCount): string {
    if (whose.of === 'partner') return this.#keys.partner(whose.partnerId, 'codes');
    if (whose.of === 'link') return this.#keys.partner(whose.partnerId, 'codes', whose.code);
    return this.#keys.shard(shardOfText(whose.token), 'codes', whose.of, whose.token);
  }
}

function hourOf(nowMs: number): number {
  return Math.floor(nowMs / HOUR_MS);
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS);
}
