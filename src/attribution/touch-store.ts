import { shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { CLICK_LIFETIME_MS } from './clicks/click.ts';
import type { VoidCode } from './why-codes.ts';

/** A contact that is known to belong to a subject. */
export interface BoundTouch {
  readonly kind: 'click' | 'handoff';
  readonly id: string;
  readonly partner_id: string;
  readonly link_code: string | null;
  /** To whose pages a hand-off led: it introduces nobody to another lender. Absent = anybody's. */
  readonly lender_id?: string;
  /** Why it can never count, whatever its age; absent = nothing is known against it. */
  readonly void?: VoidCode;
  /** Business time, milliseconds. */
  readonly at_ms: number;
}

/** Newest touches of a token that are looked at; more than that many links in 400 days is no person. */
const TOUCHES_READ = 100;
/** As a number to read: all there are. */
export const ALL_TOUCHES = Number.MAX_SAFE_INTEGER;

/** Touches by the tokens of the subject they belong to, each token in its own shard. */
export class TouchStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #lifetimeMs: number;

  /** @param lifetimeMs how long touches are kept, in real time */
  constructor(client: RedisClient, keys: Keyspace, lifetimeMs: number = CLICK_LIFETIME_MS) {
    this.#client = client;
    this.#keys = keys;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Binds a touch to a subject; doing it again changes nothing. */
  async bind(tokens: readonly string[], touch: BoundTouch): Promise<void> {
    const { at_ms: atMs, ...member } = touch;
    const text = JSON.stringify(member);
    await Promise.all(
      tokens.flatMap((token) => {
        const key = this.#key(token);
        return [this.#client.zadd(key, atMs, text), this.#client.pexpire(key, this.#lifetimeMs)];
      }),
    );
  }

  /** Touches bound to any of the tokens, each once, newest first. @param count newest of each token that are looked at */
  async touchesOf(tokens: readonly string[], count: number = TOUCHES_READ): Promise<BoundTouch[]> {
    const lists = await Promise.all(
      tokens.map((token) => this.#client.zrange(this.#key(token), 0, count - 1, 'REV', 'WITHSCORES')),
    );
    const found = new Map<string, BoundTouch>();
    for (const list of lists) {
      for (let index = 0; index < list.length; index += 2) {
        const member = JSON.parse(list[index] ?? '{}') as Omit<BoundTouch, 'at_ms'>;
        found.set(member.id, { ...member, at_ms: Number(list[index + 1]) });
      }
    }
    return [...found.values()].sort((a, b) => b.at_ms - a.at_ms || (a.id < b.id ? -1 : 1));
  }

  /** Unbinds one touch from a subject. */
  async unbind(tokens: readonly string[], touch: BoundTouch): Promise<void> {
    const { at_ms: _, ...member } = touch;
    const text = JSON.stringify(member);
    await Promise.all(tokens.map((token) => this.#client.zrem(this.#key(token), text)));
  }

  /** Forgets the touches of a subject of this business time and before. */
  async forget(tokens: readonly string[], untilMs: number): Promise<void> {
    await Promise.all(tokens.map((token) => this.#client.zremrangebyscore(this.#key(token), '-inf', untilMs)));
  }

  #key(token: string): string {
    return this.#keys.shard(shardOfText(token), 'touch', token);
  }
}
