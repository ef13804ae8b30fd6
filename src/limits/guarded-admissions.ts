import { LRUCache } from 'lru-cache';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { Admission, AdmissionRequest, Admissions } from './admission.ts';
import { secondsToWait, takeOne } from './gcra.ts';

export interface GuardedOptions {
  /** Gateway processes that share a party's rate while Redis cannot tell them of one another. */
  readonly processes: number;
  /** Told when this process begins and ends to decide by itself. */
  onLocal(isLocal: boolean): void;
}

/** More parties than this are never heard of while Redis is away. */
const BUCKETS_MAX = 10_000;

/**
 * Admissions that stay bounded while Redis is away: each process then counts on its own, with its share of the rate. Over
 * it, a request is limited without asking; within it, the request fails as Redis does, since nobody can say whether its
 * nonce is new.
 */
export class GuardedAdmissions implements Admissions {
  readonly #admissions: Admissions;
  readonly #options: GuardedOptions;
  readonly #arrivals = new LRUCache<string, number>({ max: BUCKETS_MAX });
  /** Parties whose last request could not be decided; of a cluster, only some nodes may be away. */
  readonly #undecided = new Set<string>();
  #isLocal = false;

  constructor(admissions: Admissions, options: GuardedOptions) {
    this.#admissions = admissions;
    this.#options = options;
  }

  async admit(request: AdmissionRequest): Promise<Admission> {
    const { partyId } = request;
    // Known to be away: a flood must not wait for one timeout after the other.
    const isCounted = this.#undecided.has(partyId);
    const limited = isCounted ? this.#takeLocally(request) : undefined;
    if (limited !== undefined) return limited;
    try {
      const admission = await this.#admissions.admit(request);
      if (isCounted || this.#isLocal) this.#tell(false, partyId);
      return admission;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.#tell(true, partyId);
      const limitedNow = isCounted ? undefined : this.#takeLocally(request);
      if (limitedNow !== undefined) return limitedNow;
      throw error;
    }
  }

  #takeLocally({ partyId, rate }: AdmissionRequest): Admission | undefined {
    const { processes } = this.#options;
    const share = { perSecond: rate.perSecond / processes, burst: Math.max(1, Math.floor(rate.burst / processes)) };
    const verdict = takeOne(share, this.#arrivals.get(partyId) ?? 0, Date.now() / 1_000);
    this.#arrivals.set(partyId, verdict.arrival);
    return verdict.ok ? undefined : { kind: 'limited', retryInSeconds: secondsToWait(share, verdict.over) };
  }

  #tell(isLocal: boolean, partyId: string): void {
    if (isLocal) this.#undecided.add(partyId);
    else this.#undecided.delete(partyId);
    if (isLocal === this.#isLocal) return;
    this.#isLocal = isLocal;
    this.#options.onLocal(isLocal);
  }
}
