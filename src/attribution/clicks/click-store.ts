import { createHash } from 'node:crypto';
import { type Clock, isoOf, MINUTE_MS } from '../../base/clock.ts';
import { ALL_SHARDS, shardOfId } from '../../base/ids.ts';
import type { NewEvent } from '../../events/event.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { touchOfClick } from '../touch-of-click.ts';
import {
  CLICK_LIFETIME_MS,
  type Click,
  type ClickArrival,
  isPerson,
  type KeptClick,
  type LoggedClick,
  type RecordedClick,
} from './click.ts';
import { encodeFacts } from './click-facts-text.ts';
import { clickIdAt, isClickId, placeOfClickId } from './click-id.ts';
import { clickLogKey, decodeClick, idInWindow } from './click-log.ts';

type RecordKey = 'log' | 'own' | 'window' | 'late' | 'anyLate';

interface ShardKeys {
  readonly log: string;
  /** Of windows, up to the visitor's name. */
  readonly visitors: string;
  readonly late: string;
  readonly anyLate: string;
}

const recordScript = defineScript<RecordKey, string>({
  file: new URL('./record-click.lua', import.meta.url),
  keys: ['log', 'own', 'window', 'late', 'anyLate'],
  gathered: true,
  reply: (raw) => raw as string,
});
const replayScript = defineScript<'log' | 'own' | 'window' | 'click', boolean>({
  file: new URL('./replay-click.lua', import.meta.url),
  keys: ['log', 'own', 'window', 'click'],
  reply: (raw) => raw === 1,
});
const bindScript = defineScript<'click' | 'log', boolean>({
  file: new URL('./bind-click.lua', import.meta.url),
  keys: ['click', 'log'],
  reply: (raw) => raw === 1,
});

/** Two arrivals of one outage are one click whatever is left of the window when they are replayed. */
const REPLAYED_WINDOW_MIN_MS = MINUTE_MS;

export interface ClickStoreOptions {
  /** How long clicks are kept, in real time. */
  readonly lifetimeMs?: number;
  /** Reads a click from an id that carries it; undefined when the id is none, or not ours. */
  readonly readCarried?: (clickId: string) => Promise<Click | undefined>;
}

/** Clicks, each an entry of the click log of its visitor's shard. */
export class ClickStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #readCarried: (clickId: string) => Promise<Click | undefined>;
  /** Spelled once, not for each click. */
  readonly #shardKeys: readonly ShardKeys[];

  constructor(client: RedisClient, keys: Keyspace, clock: Clock, options: ClickStoreOptions = {}) {
    this.#client = client;
    this.#keys = keys;
    this.#clock = clock;
    this.#lifetimeMs = options.lifetimeMs ?? CLICK_LIFETIME_MS;
    this.#readCarried = options.readCarried ?? (async () => undefined);
    this.#shardKeys = ALL_SHARDS.map((shard) => ({
      log: clickLogKey(keys, shard),
      visitors: `${keys.shard(shard, 'vis')}:`,
      late: keys.shard(shard, 'late'),
      anyLate: keys.shard(shard, 'late', 'any'),
    }));
  }

  /** Records one arrival: one script. The same visitor on the same link within the window gets the same click back. */
  async record(arrival: ClickArrival): Promise<RecordedClick> {
    const { shard, random, windowMs, facts } = arrival;
    const opens = windowMs > 0 && isPerson(facts) ? '1' : '0';
    const args = [encodeFacts(facts), random, String(windowMs), opens];
    const reply = await recordScript.run(this.#client, this.#recordKeys(arrival), args);
    if (reply === '') throw new Error('a click was recorded that had been kept elsewhere');
    if (reply.includes(':')) return { id: idInWindow(shard, reply), isNew: false };
    return { id: clickIdAt(shard, reply, random), isNew: true };
  }

  /**
   * Records an arrival that was answered while Redis was away, under the id that it was given; once, however often it is
   * replayed.
   * @param foundAt its place in the click log, where it was found there although its answer never came
   * @returns whether it was recorded now
   */
  async replay({ id, arrival }: KeptClick, foundAt: string | null = null): Promise<boolean> {
    const { windowMs, facts } = arrival;
    const click = this.#clickKey(id);
    const leftMs = Math.max(windowMs - (this.#clock.nowMs() - facts.at_ms), REPLAYED_WINDOW_MIN_MS);
    const opens = windowMs > 0 && isPerson(facts) ? '1' : '0';
    const args = [encodeFacts(facts), id, String(Math.floor(leftMs)), opens, String(this.#lifetimeMs)];
    return replayScript.run(this.#client, { ...this.#recordKeys(arrival), click }, [
      ...args,
      foundAt ?? '',
      String(windowMs),
    ]);
  }

  /** The click of an id from outside; undefined when it is none of ours. */
  async load(clickId: string): Promise<Click | undefined> {
    const place = placeOfClickId(clickId);
    if (place !== undefined) {
      const entry = await this.#entryAt(place.shard, place.position);
      return entry?.id === clickId && entry.repeats === null ? { ...entry.facts, id: clickId } : undefined;
    }
    if (!isClickId(clickId)) return undefined;
    const position = await this.#client.hget(this.#clickKey(clickId), 'at');
    const entry = position === null ? undefined : await this.#entryAt(shardOfId(clickId), position);
    return entry === undefined ? this.#readCarried(clickId) : { ...entry.facts, id: clickId };
  }

  /**
   * Binds a click to a subject; the same click and tokens again change nothing. The event `click.bound` carries the touch
   * to the subject's shards.
   */
  async bind(click: Click, tokens: readonly string[]): Promise<'bound' | 'known'> {
    const shard = shardOfId(click.id);
    const now = isoOf(this.#clock.nowMs());
    const touch = touchOfClick(click);
    const event: NewEvent = {
      type: 'click.bound',
      subject: click.id,
      occurred_at: now,
      recorded_at: now,
      data: { tokens, touch },
      context: null,
    };
    const isBound = await bindScript.run(
      this.#client,
      { click: this.#clickKey(click.id), log: this.#keys.shard(shard, 'log') },
      [boundField(tokens), now, JSON.stringify(event), this.#keys.wakeChannel, String(shard), String(this.#lifetimeMs)],
    );
    return isBound ? 'bound' : 'known';
  }

  /** Whether a click still belongs to the subject of these tokens: it was bound, and neither erased nor forgotten since. */
  async isBound(clickId: string, tokens: readonly string[]): Promise<boolean> {
    return (await this.#client.hexists(this.#clickKey(clickId), boundField(tokens))) === 1;
  }

  /** Forgets whom a click belongs to. @returns whether anything was forgotten */
  async unbind(clickId: string): Promise<boolean> {
    const key = this.#clickKey(clickId);
    const fields = (await this.#client.hkeys(key)).filter((field) => field.startsWith(BOUND));
    return fields.length > 0 && (await this.#client.hdel(key, ...fields)) > 0;
  }

  /**
   * Forgets the oldest clicks of a shard altogether.
   * @param clickIds theirs: what became of them goes first, so that a sweep that breaks off begins with them again
   * @param last place of the last entry that goes
   */
  async forget(shard: number, clickIds: readonly string[], last: string): Promise<void> {
    const gone = clickIds.map((id) => this.#clickKey(id));
    if (gone.length > 0) await this.#client.unlink(...gone);
    await this.#client.xtrim(clickLogKey(this.#keys, shard), 'MINID', placeAfter(last));
  }

  /**
   * Counts a code that somebody tried for a form; the same code again, or at the same instant, is the same try.
   * @param clickId one of ours, whether or not the click itself is recorded yet
   * @param digest keyed, of the code
   * @returns how many different codes were tried, this one included; of codes above `max` none is noted
   */
  async countAttempt(clickId: string, formId: string, digest: string, max: number): Promise<number> {
    const key = this.#clickKey(clickId);
    const [count, code] = [`otp:${formId}`, `otp:${formId}:${digest}`];
    const [before, known] = await this.#client.hmget(key, count, code);
    if (known) return Number(before);
    if (Number(before) >= max) return Number(before) + 1;
    if ((await this.#client.hsetnx(key, code, 1)) === 0) return Number(await this.#client.hget(key, count));
    const [attempts] = await Promise.all([
      this.#client.hincrby(key, count, 1),
      this.#client.pexpire(key, this.#lifetimeMs, 'NX'),
    ]);
    return attempts;
  }

  /** Without a cookie both windows are one key. */
  #recordKeys({ shard, cookie, facts }: ClickArrival): Record<RecordKey, string> {
    const { log, visitors, late, anyLate } = this.#shardKeys[shard] as ShardKeys;
    const window = `${visitors}${facts.visitor}:${facts.link_code}`;
    const own = cookie === null ? window : `${visitors}${cookie}:${facts.link_code}`;
    return { log, own, window, late, anyLate };
  }

  async #entryAt(shard: number, position: string): Promise<LoggedClick | undefined> {
    const [entry] = await this.#client.xrange(clickLogKey(this.#keys, shard), position, position);
    return entry && decodeClick(shard, ...entry);
  }

  #clickKey(clickId: string): string {
    return this.#keys.shard(shardOfId(clickId), 'clk', clickId);
  }
}

/** The stream id that follows the given one. */
function placeAfter(position: string): string {
  const dash = position.indexOf('-');
  return `${position.slice(0, dash)}-${Number(position.slice(dash + 1)) + 1}`;
}

const BOUND = 'bound:';

/** The field of a click that stands for the tokens it was bound to. */
function boundField(tokens: readonly string[]): string {
  return `${BOUND}${hashTokens(tokens)}`;
}

function hashTokens(tokens: readonly string[]): string {
  return createHash('sha256')
    .update([...tokens].sort().join(' '))
    .digest('base64url')
    .slice(0, 22);
}
