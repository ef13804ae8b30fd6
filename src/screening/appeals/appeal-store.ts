import { type Clock, msOf } from '../../base/clock.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { Appeal, AppealStatus } from './appeal.ts';
import { contributorsOf, guardedBy, nextLookAt } from './appeal-rules.ts';

/** Appeals are counted in dozens a day: all of them share one slot, so that one script writes all that leads to one. */
const SHARD = 0;
/** Somebody else wrote the appeal in between that many times: something is wrong. */
const TRIES = 20;
const READ_AT_ONCE = 100;
const TIME_DIGITS = 15;

type AppealKeys = 'doc' | 'all' | 'live' | 'parties' | 'entries';

const putScript = defineScript<AppealKeys, boolean>({
  file: new URL('./put-appeal.lua', import.meta.url),
  keys: ['doc', 'all', 'live', 'parties', 'entries'],
  reply: (raw) => raw === 1,
});

export interface AppealPage {
  readonly data: readonly Appeal[];
  /** null = this was the last. */
  readonly nextCursor: string | null;
}

/** Appeals with what they are found by: time, party, entry. */
export class AppealStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #clock: Clock;

  constructor(client: RedisClient, keys: Keyspace, clock: Clock) {
    this.#client = client;
    this.#keys = keys;
    this.#clock = clock;
  }

  async get(id: string): Promise<Appeal | undefined> {
    return (await this.#load(id)).appeal;
  }

  /** @returns false when there is one of this id */
  create(appeal: Appeal): Promise<boolean> {
    return this.#put(appeal, 0);
  }

  /**
   * Changes an appeal, again from the start when somebody else was quicker.
   * @param change pure; answers the same object to leave it as it is
   * @returns what is stored afterwards; undefined when there is none
   */
  async change(id: string, change: (before: Appeal) => Appeal): Promise<Appeal | undefined> {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const { version, appeal } = await this.#load(id);
      if (appeal === undefined) return undefined;
      const after = change(appeal);
      if (after === appeal || (await this.#put(after, version))) return after;
    }
    throw new Error(`the appeal ${id} is being changed all the time`);
  }

  /** Whether an undecided appeal keeps an entry suspended. */
  async isGuarded(entryId: string): Promise<boolean> {
    const found = await this.#client.zrangebylex(
      this.#named('entries'),
      `[${entryId}|`,
      `[${entryId}|\xff`,
      'LIMIT',
      0,
      1,
    );
    return found.length > 0;
  }

  /** Appeals, newest first; of one status, or all. */
  async list(status: AppealStatus | undefined, cursor: string | undefined, limit: number): Promise<AppealPage> {
    if (status === 'open' || status === 'escalated') return this.#listLive(status, cursor, limit);
    const found: Appeal[] = [];
    let rank = cursor === undefined ? 0 : await this.#rankAfter(cursor);
    for (;;) {
      const ids = await this.#client.zrevrange(this.#named(), rank, rank + READ_AT_ONCE - 1);
      found.push(...(await this.#loadAll(ids)).filter((appeal) => status === undefined || appeal.status === status));
      rank += ids.length;
      if (found.length > limit || ids.length < READ_AT_ONCE) return pageOf(found, limit);
    }
  }

  /** Those that are not decided are few: all of them are read. */
  async #listLive(status: AppealStatus, cursor: string | undefined, limit: number): Promise<AppealPage> {
    const all = await this.#loadAll(await this.#client.zrange(this.#named('live'), 0, -1));
    const place = ({ opened_at, id }: Appeal): string => `${opened_at}|${id}`;
    const before = cursor === undefined ? undefined : await this.get(cursor);
    const found = all
      .filter((appeal) => appeal.status === status && (before === undefined || place(appeal) < place(before)))
      .sort((a, b) => (place(a) < place(b) ? 1 : -1));
    return pageOf(found, limit);
  }

  /** Appeals that a party opened or has to answer, newest first. */
  async listOf(party: string, cursor: string | undefined, limit: number): Promise<AppealPage> {
    const before = cursor === undefined ? undefined : await this.get(cursor);
    const end = before === undefined ? `(${party}|\xff` : `(${memberOf(party, before)}`;
    const members = await this.#client.zrevrangebylex(this.#named('parties'), end, `[${party}|`, 'LIMIT', 0, limit + 1);
    return pageOf(await this.#loadAll(members.map((member) => member.split('|').at(-1) ?? '')), limit);
  }

  /** Undecided appeals to be looked at, longest due first, after the first `skip`. */
  due(nowMs: number, skip: number): Promise<string[]> {
    return this.#client.zrangebyscore(this.#named('live'), '-inf', nowMs, 'LIMIT', skip, READ_AT_ONCE);
  }

  /** When the next one has to be looked at, epoch ms; null when none is undecided. */
  async nextDue(): Promise<number | null> {
    const [, score] = await this.#client.zrange(this.#named('live'), 0, 0, 'WITHSCORES');
    return score === undefined ? null : Number(score);
  }

  async #rankAfter(id: string): Promise<number> {
    const rank = await this.#client.zrevrank(this.#named(), id);
    return rank === null ? 0 : rank + 1;
  }

  async #loadAll(ids: readonly string[]): Promise<Appeal[]> {
    const appeals = await Promise.all(ids.map((id) => this.get(id)));
    return appeals.filter((appeal) => appeal !== undefined);
  }

  async #load(id: string): Promise<{ readonly version: number; readonly appeal: Appeal | undefined }> {
    const [version, doc] = await this.#client.hmget(this.#keys.shard(SHARD, 'appeal', id), 'v', 'doc');
    return { version: Number(version ?? 0), appeal: doc ? (JSON.parse(doc) as Appeal) : undefined };
  }

  #put(appeal: Appeal, version: number): Promise<boolean> {
    const { id } = appeal;
    const parties = [...new Set([appeal.opener, ...contributorsOf(appeal)])].map((party) => memberOf(party, appeal));
    const guarded = new Set(guardedBy(appeal));
    const others = appeal.entries.filter((entry) => !guarded.has(entry.id));
    const look = nextLookAt(appeal, this.#clock.nowMs());
    return putScript.run(
      this.#client,
      {
        doc: this.#keys.shard(SHARD, 'appeal', id),
        all: this.#named(),
        live: this.#named('live'),
        parties: this.#named('parties'),
        entries: this.#named('entries'),
      },
      [
        version,
        JSON.stringify(appeal),
        id,
        msOf(appeal.opened_at),
        look ?? '',
        parties.length,
        ...parties,
        guarded.size,
        ...[...guarded].map((entry) => `${entry}|${id}`),
        ...others.map((entry) => `${entry.id}|${id}`),
      ],
    );
  }

  #named(...name: readonly string[]): string {
    return this.#keys.shard(SHARD, 'appeals', ...name);
  }
}

/** Sorts by opening within a party. */
function memberOf(party: string, { id, opened_at }: Appeal): string {
  return `${party}|${String(msOf(opened_at)).padStart(TIME_DIGITS, '0')}|${id}`;
}

function pageOf(found: readonly Appeal[], limit: number): AppealPage {
  const data = found.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: found.length > limit && last !== undefined ? last.id : null };
}
