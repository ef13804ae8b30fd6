import { hash } from 'node:crypto';
import { type Clock, DAY_MS, isoOf } from '../../base/clock.ts';
import { SHARD_COUNT } from '../../base/ids.ts';
import { randomDigits } from '../../base/random-digits.ts';
import { deriveKey } from '../../trust/derive-key.ts';

/** A browser as far as clicks need to know it. */
export interface Visitor {
  /** 32 hex digits: address and user agent as they were when it was first seen, hashed under the salt of that day. */
  readonly pseudonym: string;
  /** The random name that its cookie gives it, 32 hex digits; null without a cookie of ours. */
  readonly cookie: string | null;
  readonly shard: number;
  /** The address alone, hashed under today's salt: 16 hex digits. */
  readonly address: string;
}

const NAME_DIGITS = 32;
const ADDRESS_DIGITS = 16;
/** Pseudonym, then the cookie's own name. */
const COOKIE = /^[0-9a-f]{64}$/;
/** Addresses whose hash is remembered: half of a visitor's work, and many come from one network. */
const ADDRESSES_KEPT = 4_096;

/**
 * Tells visitors apart without keeping who they are: by our own cookie, which holds a random name; else by address and user
 * agent, hashed under a salt that is another one each day, so that nobody can be followed from one day to the next.
 *
 * The cookie also holds the pseudonym that its browser was first seen under. So a click that set the cookie is found again
 * under the pseudonym, and the browser stays in its shard; people behind one address are told apart from then on.
 */
export class Visitors {
  readonly #rootSecret: Uint8Array;
  readonly #clock: Clock;
  #dayEndsMs = Number.NEGATIVE_INFINITY;
  #dayBeganMs = Number.POSITIVE_INFINITY;
  #salt = '';
  #addresses = new Map<string, string>();

  constructor(rootSecret: Uint8Array, clock: Clock) {
    this.#rootSecret = rootSecret;
    this.#clock = clock;
  }

  /** @param cookie value of our cookie; anything that is none of ours is ignored */
  identify(cookie: string | undefined, address: string, userAgent: string): Visitor {
    const salt = this.#todaysSalt();
    const hashed = this.#addressUnder(salt, address);
    if (cookie !== undefined && COOKIE.test(cookie)) {
      const pseudonym = cookie.slice(0, NAME_DIGITS);
      return { pseudonym, cookie: cookie.slice(NAME_DIGITS), shard: shardOf(pseudonym), address: hashed };
    }
    // A secret in front makes it a keyed hash; half of the digest is left out, so nothing can be appended to it either.
    const digest = hash('sha256', `${salt}${address}\0${userAgent}`, 'hex');
    const pseudonym = digest.slice(0, NAME_DIGITS);
    return { pseudonym, cookie: null, shard: shardOf(pseudonym), address: hashed };
  }

  #addressUnder(salt: string, address: string): string {
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    if (this.#addresses.size >= ADDRESSES_KEPT) this.#addresses.clear();
    const hashed = hash('sha256', `${salt}address\0${address}`, 'hex').slice(0, ADDRESS_DIGITS);
    this.#addresses.set(address, hashed);
    return hashed;
  }

  #todaysSalt(): string {
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#dayBeganMs || nowMs >= this.#dayEndsMs) {
      this.#dayBeganMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
      this.#dayEndsMs = this.#dayBeganMs + DAY_MS;
      this.#salt = deriveKey(this.#rootSecret, `visitor-salt/${isoOf(nowMs).slice(0, 10)}`).toString('hex');
      this.#addresses = new Map();
    }
    return this.#salt;
  }
}

/** The cookie of a visitor whose first click this is. */
export function newVisitorCookie({ pseudonym }: Visitor): string {
  return `${pseudonym}${randomDigits(NAME_DIGITS)}`;
}

function shardOf(pseudonym: string): number {
  return Number.parseInt(pseudonym.slice(0, 2), 16) % SHARD_COUNT;
}
