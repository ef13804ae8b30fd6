import { hash, randomUUID } from 'node:crypto';
import { type Clock, DAY_MS, isoOf } from '../base/clock.ts';
import { SHARD_COUNT, shardTag } from '../base/ids.ts';
import { deriveKey } from '../trust/derive-key.ts';

/** A browser as far as clicks need to know it: 32 hex digits, whose first byte says the shard. */
export interface Visitor {
  readonly pseudonym: string;
  readonly shard: number;
  /** Whether the browser brought it along in its cookie. */
  readonly fromCookie: boolean;
}

const PSEUDONYM_DIGITS = 32;
const PSEUDONYM = /^[0-9a-f]{32}$/;

/**
 * Tells visitors apart without keeping who they are: by our own cookie, a random number; else by address and user agent,
 * hashed under a salt that is another one each day, so that nobody can be followed from one day to the next.
 */
export class Visitors {
  readonly #rootSecret: Uint8Array;
  readonly #clock: Clock;
  #day = -1;
  #salt = '';

  constructor(rootSecret: Uint8Array, clock: Clock) {
    this.#rootSecret = rootSecret;
    this.#clock = clock;
  }

  /** @param cookie value of our cookie; anything that is none of ours is ignored */
  identify(cookie: string | undefined, address: string, userAgent: string): Visitor {
    if (cookie !== undefined && PSEUDONYM.test(cookie)) {
      return { pseudonym: cookie, shard: shardOf(cookie), fromCookie: true };
    }
    // A secret in front makes it a keyed hash; half of the digest is left out, so nothing can be appended to it either.
    const digest = hash('sha256', `${this.#todaysSalt()}${address}\0${userAgent}`, 'hex');
    const pseudonym = digest.slice(0, PSEUDONYM_DIGITS);
    return { pseudonym, shard: shardOf(pseudonym), fromCookie: false };
  }

  #todaysSalt(): string {
    const nowMs = this.#clock.nowMs();
    const day = Math.floor(nowMs / DAY_MS);
    if (day !== this.#day) {
      this.#salt = deriveKey(this.#rootSecret, `visitor-salt/${isoOf(nowMs).slice(0, 10)}`).toString('hex');
      this.#day = day;
    }
    return this.#salt;
  }
}

/**
 * A fresh id for a click, in its visitor's shard; some 115 of its bits are random. Made of a UUID, because the runtime keeps
 * a store of random bytes for those: five times as quick as drawing them for each redirect.
 */
export function newClickId(shard: number): string {
  return `clk_${shardTag(shard)}${randomUUID().replaceAll('-', '').slice(2)}`;
}

/** The cookie of a visitor whose first click this is: the same random number, and with it the same shard. */
export function cookieOf(clickId: string): string {
  return clickId.slice('clk_'.length);
}

function shardOf(pseudonym: string): number {
  return Number.parseInt(pseudonym.slice(0, 2), 16) % SHARD_COUNT;
}
