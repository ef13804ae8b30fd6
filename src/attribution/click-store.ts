import { createHash } from 'node:crypto';
import { type Clock, HOUR_MS, isoOf } from '../base/clock.ts';
import { ALL_SHARDS, isId, shardOfId } from '../base/ids.ts';
import type { NewEvent } from '../events/event.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { CLICK_LIFETIME_MS, type Click, type ClickArrival, type RecordedClick } from './click.ts';
import type { BoundTouch } from './touch-store.ts';

/** A visitor who comes again through the same link within this time has clicked once. */
export const CLICK_WINDOW_MS = HOUR_MS;

type RecordKeys = 'visitor' | 'alias' | 'click' | 'log';

const recordScript = defineScript<RecordKeys, RecordedClick>({
  file: new URL('./record-click.lua', import.meta.url),
  keys: ['visitor', 'alias', 'click', 'log'],
  reply: (raw) => {
    const [id, unique] = raw as [string, number];
    return { id, unique: unique === 1 };
  },
});
const bindScript = defineScript<'click' | 'log', number>({
  file: new URL('./bind-click.lua', import.meta.url),
  keys: ['click', 'log'],
  reply: Number,
});

/** Clicks, each in the shard of its visitor. */
export class ClickStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #clock: Clock;
  readonly #logs: readonly string[];
  readonly #lifetimeMs: number;

  /** @param lifetimeMs how long clicks are kept, in real time */
  constructor(client: RedisClient, keys: Keyspace, clock: Clock, lifetimeMs: number = CLICK_LIFETIME_MS) {
    this.#client = client;
    this.#keys = keys;
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
    this.#logs = ALL_SHARDS.map((shard) => keys.shard(shard, 'log'));
  }

  /**
   * Records one arrival: one script. The same visitor on the same link within an hour gets the same click back.
   * @param isReplay the arrival was answered while Redis was away: it keeps its id, and is recorded once
   */
  record(arrival: ClickArrival, isReplay = false): Promise<RecordedClick> {
    const { facts, id, alias } = arrival;
    const shard = shardOfId(id);
    const window = this.#keys.shard(shard, 'vis', facts.visitor, facts.link_code);
    const args = [
      id,
      JSON.stringify(facts).slice(0, -1),
      isoOf(facts.at_ms),
      arrival.opensWindow ? (arrival.mayBill ? 'billable' : 'free') : 'none',
      this.#keys.wakeChannel,
      String(this.#lifetimeMs),
    ];
    if (isReplay) args.push(isoOf(this.#clock.nowMs()));
    return recordScript.run(
      this.#client,
      {
        visitor: window,
        alias: alias === null ? window : this.#keys.shard(shard, 'vis', alias, facts.link_code),
        click: this.#keys.shard(shard, 'clk', id),
        log: this.#logs[shard] ?? '',
      },
      args,
    );
  }

  /** The click of an id from outside; undefined when it is none of ours. */
  async load(clickId: string): Promise<Click | undefined> {
    if (!isId('clk', clickId)) return undefined;
    const document = await this.#client.hget(this.#clickKey(clickId), 'doc');
    return document ? (JSON.parse(document) as Click) : undefined;
  }

  /**
   * Binds a click to a subject; the same click and tokens again change nothing. The event `click.bound` carries the touch
   * to the subject's shards.
   */
  async bind(click: Click, tokens: readonly string[]): Promise<'bound' | 'known' | 'gone'> {
    const shard = shardOfId(click.id);
    const now = isoOf(this.#clock.nowMs());
    const touch: BoundTouch = {
      kind: 'click',
      id: click.id,
      partner_id: click.partner_id,
      link_code: click.link_code,
      at_ms: click.at_ms,
    };
    const event: NewEvent = {
      type: 'click.bound',
      subject: click.id,
      occurred_at: now,
      recorded_at: now,
      data: { tokens, touch },
      context: null,
    };
    const answer = await bindScript.run(
      this.#client,
      { click: this.#clickKey(click.id), log: this.#keys.shard(shard, 'log') },
      [boundField(tokens), now, JSON.stringify(event), this.#keys.wakeChannel, String(shard)],
    );
    return answer === 1 ? 'bound' : answer === 0 ? 'known' : 'gone';
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

  /** Forgets a click altogether. */
  async forget(clickId: string): Promise<void> {
    await this.#client.del(this.#clickKey(clickId));
  }

  /**
   * Counts one try at a form's one-time code, beside the click that brought the form, and says which one it was.
   * @param clickId one of ours, whether or not the click itself is recorded yet
   */
  async countAttempt(clickId: string, formId: string): Promise<number> {
    const key = this.#clickKey(clickId);
    const [attempts] = await Promise.all([
      this.#client.hincrby(key, `otp:${formId}`, 1),
      this.#client.pexpire(key, this.#lifetimeMs, 'NX'),
    ]);
    return attempts;
  }

  #clickKey(clickId: string): string {
    return this.#keys.shard(shardOfId(clickId), 'clk', clickId);
  }
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
