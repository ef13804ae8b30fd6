import { LRUCache } from 'lru-cache';
import { addressBlock } from './address-block.ts';
import { type Rate, secondsToWait, takeOne } from './gcra.ts';

/** Failed authentications that one address may make: at once, and a second. */
export const FAILURES: Rate = { perSecond: 5, burst: 100 };
/** Addresses that are remembered; of more, those that have been quiet longest are forgotten. */
const ADDRESSES_MAX = 100_000;
/** Keys of one address that are known to be good. */
const KEYS_MAX = 64;

interface Offender {
  /** See `takeOne`. */
  arrival: number;
  /** Keys that have signed well from here since, each with its own failures; made when there is one. */
  keys: Map<string, number> | undefined;
}

/**
 * Keeps who fails to authenticate from costing more than a look into a table. In memory, of this process alone: only
 * failures are charged, and an address that never failed is not in it. IPv6 counts by /64.
 *
 * Several customers may share an address (NAT, a proxy that is not told to us). A request that claims a key which has signed
 * well from there since the failures began is checked all the same, until failures that claim the same key have used up a
 * second bucket. Everybody else there waits for the refill, 5 tries a second.
 */
export class AddressGuard {
  readonly #offenders = new LRUCache<string, Offender>({ max: ADDRESSES_MAX });

  /** Nobody has failed: there is nothing to ask it. */
  get isIdle(): boolean {
    return this.#offenders.size === 0;
  }

  /**
   * Seconds until a request from here is looked at; 0 = now.
   * @param claimedKey finds out which key the request claims, unverified
   */
  secondsToWait(address: string, claimedKey: () => string | undefined, nowSeconds: number): number {
    const offender = this.#offenders.get(addressBlock(address));
    if (offender === undefined) return 0;
    const verdict = takeOne(FAILURES, offender.arrival, nowSeconds);
    if (verdict.ok) return 0;
    // After the clock was set back.
    offender.arrival = verdict.arrival;
    const arrival = offender.keys?.get(claimedKey() ?? '');
    if (arrival !== undefined && takeOne(FAILURES, arrival, nowSeconds).ok) return 0;
    return secondsToWait(FAILURES, verdict.over);
  }

  /** Charges a failed authentication. */
  failed(address: string, claimedKey: string | undefined, nowSeconds: number): void {
    const block = addressBlock(address);
    let offender = this.#offenders.get(block);
    if (offender === undefined) {
      offender = { arrival: 0, keys: undefined };
      this.#offenders.set(block, offender);
    }
    offender.arrival = charged(offender.arrival, nowSeconds);
    if (claimedKey === undefined) return;
    const own = offender.keys?.get(claimedKey);
    if (own !== undefined) offender.keys?.set(claimedKey, charged(own, nowSeconds));
  }

  /** Notes a key that has signed well. */
  succeeded(address: string, keyId: string): void {
    const offender = this.#offenders.get(addressBlock(address));
    if (offender === undefined) return;
    offender.keys ??= new Map();
    if (offender.keys.size < KEYS_MAX && !offender.keys.has(keyId)) offender.keys.set(keyId, 0);
  }
}

function charged(arrival: number, nowSeconds: number): number {
  return takeOne(FAILURES, arrival, nowSeconds).arrival;
}
