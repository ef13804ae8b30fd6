import { randomUUID } from 'node:crypto';
import type { RedisClient } from '../redis/connection.ts';
import { deriveOurKey, type OurKey } from './our-keys.ts';
import {
  type KeyGeneration,
  type KeyStanding,
  keyStandings,
  signingGeneration,
  signsFrom,
} from './our-keys-generations.ts';
import type { OurKeysStore, RotationVerdict } from './our-keys-store.ts';

export interface OurKeysRingDeps {
  readonly store: OurKeysStore;
  /** Every key is derived from it. */
  readonly rootSecret: Uint8Array | string;
  /** Gets what fails in the background: Redis that cannot be asked leaves the generations known so far in force. */
  readonly failed?: (error: unknown) => void;
}

export interface RotationRequest {
  readonly reason: string;
  readonly rotatedBy: string;
  /** For so long the new key is published and does not sign yet. */
  readonly overlapMinutes: number;
}

/** A generation with its key. */
export type RingKey = KeyStanding & { readonly key: OurKey };

/** What signs asks for. */
export type CurrentKey = Pick<OurKeysRing, 'current'>;

/** Pub/sub is at most once: what it lost is found this much later at the most, long before any overlap has passed. */
const POLL_MS = 5_000;

type HeldKey = KeyGeneration & { readonly key: OurKey };

/**
 * The keys that this gateway signs with: messages to lenders, answers, statements. Everything that signs asks `current()`
 * each time, so a rotation reaches all of it, in every process at the same instant. Retired keys stay published for ever: a
 * statement is verified years after it was signed, and a public key that signs nothing any more gives nothing away.
 */
export class OurKeysRing {
  readonly #deps: OurKeysRingDeps;
  readonly #derived = new Map<number, OurKey>();
  #held: readonly HeldKey[] = [];
  #timer: NodeJS.Timeout | undefined;

  private constructor(deps: OurKeysRingDeps) {
    this.#deps = deps;
  }

  /** Reads the generations. @throws what Redis throws: a gateway that does not know its keys must not start */
  static async open(deps: OurKeysRingDeps): Promise<OurKeysRing> {
    const ring = new OurKeysRing(deps);
    await ring.refresh();
    return ring;
  }

  /** The key that signs now, in real time: signatures never follow the sandbox clock. */
  current(nowMs: number = Date.now()): OurKey {
    const held = signingGeneration(this.#held, nowMs);
    if (held === undefined) throw new Error('no generation of our keys signs yet');
    return held.key;
  }

  /** Any published key by its id: whoever names one by hand may have the next one early, or an old one for longer. */
  find(kid: string): OurKey | undefined {
    return this.#held.find(({ key }) => key.kid === kid)?.key;
  }

  /** Every key there is: the one that signs, the one that will, and the retired ones, the newest first. */
  published(nowMs: number = Date.now()): readonly OurKey[] {
    const standings = this.generations(nowMs);
    const current = standings.filter(({ status }) => status === 'current');
    return [...current, ...standings.filter(({ status }) => status !== 'current')].map(({ key }) => key);
  }

  /** The newest first. */
  generations(nowMs: number = Date.now()): readonly RingKey[] {
    return keyStandings(this.#held, nowMs);
  }

  /**
   * Publishes the next generation at once; it signs when the overlap has passed.
   * @returns the generation that was made, or that one is waiting already
   */
  async rotate(request: RotationRequest): Promise<RotationVerdict> {
    const { reason, rotatedBy, overlapMinutes } = request;
    const nowMs = Date.now();
    const signsFromMs = signsFrom(nowMs, overlapMinutes);
    const verdict = await this.#deps.store.rotate({ id: randomUUID(), nowMs, signsFromMs, reason, rotatedBy });
    await this.refresh();
    return verdict;
  }

  /** Reads the generations now. */
  async refresh(): Promise<void> {
    const generations = await this.#deps.store.read();
    this.#held = generations.map((one) => ({ ...one, key: this.#keyOf(one.generation) }));
  }

  /**
   * Follows rotations of other processes.
   * @param subscriber a connection that may wait for messages
   * @param channel the store's
   */
  async follow(subscriber: RedisClient, channel: string): Promise<void> {
    const refresh = (): void => void this.refresh().catch((error) => this.#deps.failed?.(error));
    subscriber.on('message', (from: string) => {
      if (from === channel) refresh();
    });
    this.#timer = setInterval(refresh, POLL_MS);
    this.#timer.unref();
    await subscriber.subscribe(channel);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #keyOf(generation: number): OurKey {
    const known = this.#derived.get(generation);
    if (known !== undefined) return known;
    const key = deriveOurKey(this.#deps.rootSecret, generation);
    this.#derived.set(generation, key);
    return key;
  }
}
