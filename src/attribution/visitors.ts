import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
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

const PSEUDONYM_BYTES = 16;
const PSEUDONYM = /^[0-9a-f]{32}$/;

/**
 * Tells visitors apart without keeping who they are: by our own cookie, a random number; else by address and user agent,
 * hashed under a salt that is another one each day, so that nobody can be followed from one day to the next.
 */
export class Visitors {
  readonly #rootSecret: Uint8Array;
  readonly #clock: Clock;
  #day = -1;
  #salt: KeyObject | undefined;

  constructor(rootSecret: Uint8Array, clock: Clock) {
    this.#rootSecret = rootSecret;
    this.#clock = clock;
  }

  /** @param cookie value of our cookie; anything that is none of ours is ignored */
  identify(cookie: string | undefined, address: string, userAgent: string): Visitor {
    if (cookie !== undefined && PSEUDONYM.test(cookie)) {
      return { pseudonym: cookie, shard: shardOf(cookie), fromCookie: true };
    }
    const hashed = createHmac('sha256', this.#todaysSalt()).update(`${address}\0${userAgent}`).digest('hex');
    const pseudonym = hashed.slice(0, 2 * PSEUDONYM_BYTES);
    return { pseudonym, shard: shardOf(pseudonym), fromCookie: false };
  }

  /** A fresh value for the cookie of a visitor known by address so far, in the same shard. */
  newCookie(visitor: Visitor): string {
    return shardTag(visitor.shard) + randomBytes(PSEUDONYM_BYTES - 1).toString('hex');
  }

  #todaysSalt(): KeyObject {
    const nowMs = this.#clock.nowMs();
    const day = Math.floor(nowMs / DAY_MS);
    if (this.#salt === undefined || day !== this.#day) {
      this.#salt = createSecretKey(deriveKey(this.#rootSecret, `visitor-salt/${isoOf(nowMs).slice(0, 10)}`));
      this.#day = day;
    }
    return this.#salt;
  }
}

function shardOf(pseudonym: string): number {
  return Number.parseInt(pseudonym.slice(0, 2), 16) % SHARD_COUNT;
}
