import { setTimeout as delay } from 'node:timers/promises';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../base/clock.ts';
import type { Opened, Sealer } from '../identity/seal.ts';
import type { RedisClient } from '../redis/connection.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { Chore } from './chore.ts';
import type { OutdatedFile, OutdatedText, SealedSource } from './sealed-source.ts';

/** Texts, files, or both. */
type AnySource = SealedSource<OutdatedText | OutdatedFile>;

export interface ResealerDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly sealer: Pick<Sealer, 'activeId' | 'keyIds' | 'resealText'>;
  readonly sources: readonly AnySource[];
  /** Whether the sources list everything that there is; a rotation is not called done before. */
  readonly isComplete: () => Promise<boolean>;
  /** Told once a rotation: nothing is sealed under this key any more. */
  readonly onKeyUnused: (keyId: string) => void;
  /** Told of each round that left texts which cannot be opened, by the reason. */
  readonly onUnreadable: (counts: ReadonlyMap<string, number>) => void;
  readonly onError: (error: unknown) => void;
  /** Texts a second at the most; the default leaves the machine to its work. */
  readonly perSecond?: number;
}

/** What a round has come to. */
export type ResealRound =
  /** Another process is at it. */
  | { readonly kind: 'not_ours' }
  /** There was never a second key. */
  | { readonly kind: 'no_rotation' }
  /** `left`: texts still under other keys. */
  | { readonly kind: 'done'; readonly resealed: number; readonly left: number; readonly isComplete: boolean };

export interface Resealer {
  /** Texts under other keys than the active one as of the last count; null before the first. Whatever process counted them. */
  outdated(): Promise<number | null>;
  /** Re-seals everything that is outdated, once. A round that was cut off is gone on with by the next one. */
  round(): Promise<ResealRound>;
  start(): void;
  /** Breaks a round off; resolves when it has ended. */
  stop(): Promise<void>;
}

const PER_SECOND = 1_000;
const FIRST_ROUND_AFTER_MS = 2 * SECOND_MS;
/** While the list is not complete yet, another process is at it, or something went wrong. */
const AGAIN_SOON_MS = 5 * SECOND_MS;
/** After a round that found something: a process with older settings may still be sealing. */
const AGAIN_AFTER_MS = MINUTE_MS;
const STATE_SHARD = 0;

/**
 * Moves sealed texts to the active key in the background. What is done needs no notes: a text under the active key is not
 * outdated. Counts are kept in Redis, so that every process shows them.
 */
export function createResealer(deps: ResealerDeps): Resealer {
  return new BackgroundResealer(deps);
}

class BackgroundResealer implements Resealer {
  readonly #deps: ResealerDeps;
  readonly #state: string;
  readonly #chore: Chore;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #isStopping = false;

  constructor(deps: ResealerDeps) {
    this.#deps = deps;
    this.#state = deps.keys.shard(STATE_SHARD, 'reseal');
    this.#chore = new Chore(deps.client, deps.keys, 'reseal');
  }

  async outdated(): Promise<number | null> {
    const { client, sealer } = this.#deps;
    if (!(await this.#hasRotated())) return 0;
    const counted = await client.hget(this.#state, `outdated:${sealer.activeId}`);
    return counted === null ? null : Number(counted);
  }

  start(): void {
    const turn = (): void => {
      this.#running = this.#turn().then((waitMs) => {
        if (!this.#isStopping) this.#timer = setTimeout(turn, waitMs);
      });
    };
    this.#timer = setTimeout(turn, FIRST_ROUND_AFTER_MS);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async round(): Promise<ResealRound> {
    if (!(await this.#hasRotated())) return { kind: 'no_rotation' };
    if (!(await this.#chore.hold())) return { kind: 'not_ours' };
    try {
      return await this.#wholeRound();
    } finally {
      await this.#chore.release();
    }
  }

  async #turn(): Promise<number> {
    try {
      const round = await this.round();
      if (round.kind === 'no_rotation') return DAY_MS;
      if (round.kind === 'not_ours' || !round.isComplete) return AGAIN_SOON_MS;
      return round.resealed > 0 ? AGAIN_AFTER_MS : DAY_MS;
    } catch (error) {
      if (!isUnavailable(error)) this.#deps.onError(error);
      return AGAIN_SOON_MS;
    }
  }

  /** One key that never had a successor cannot be outdated. A ring that was longer once may have left texts behind. */
  async #hasRotated(): Promise<boolean> {
    const { client, sealer } = this.#deps;
    return sealer.keyIds.length > 1 || (await client.exists(this.#state)) === 1;
  }

  async #wholeRound(): Promise<ResealRound> {
    const { client, sealer, onUnreadable, isComplete } = this.#deps;
    const wasComplete = await isComplete();
    const counts = await this.#count();
    let left = sum(counts.map(({ count }) => count));
    const field = `outdated:${sealer.activeId}`;
    await client.hset(this.#state, field, left);
    const unreadable = new Map<string, number>();
    let resealed = 0;
    for (const { source, part } of counts.filter(({ count }) => count > 0)) {
      for await (const texts of source.outdated(part, sealer.activeId)) {
        const startedMs = Date.now();
        const done = sum(await Promise.all(texts.map((text) => this.#reseal(text, unreadable))));
        resealed += done;
        left -= done;
        await client.hset(this.#state, field, Math.max(0, left));
        if (this.#isStopping || !(await this.#chore.hold())) return { kind: 'done', resealed, left, isComplete: false };
        await this.#rest(texts.length, startedMs);
      }
    }
    if (unreadable.size > 0) onUnreadable(unreadable);
    // What was replaced or erased while we looked may have been counted; the truth is what a count finds now.
    left = left > 0 ? sum((await this.#count()).map(({ count }) => count)) : 0;
    await client.hset(this.#state, field, left);
    if (left === 0 && wasComplete) await this.#tellUnused();
    return { kind: 'done', resealed, left, isComplete: wasComplete };
  }

  async #count(): Promise<{ source: AnySource; part: number; count: number }[]> {
    const { sources, sealer } = this.#deps;
    const counts: { source: AnySource; part: number; count: number }[] = [];
    for (const source of sources) {
      for (let part = 0; part < source.parts; part += 1) {
        counts.push({ source, part, count: await source.countOutdated(part, sealer.activeId) });
      }
    }
    return counts;
  }

  async #reseal(one: OutdatedText | OutdatedFile, unreadable: Map<string, number>): Promise<number> {
    const next = 'reseal' in one ? await one.reseal() : await this.#resealText(one);
    if (next.ok) return next.plain ? 1 : 0;
    const reason = next.code === 'key_unknown' ? `key ${next.keyId} is not in the ring` : next.code;
    unreadable.set(reason, (unreadable.get(reason) ?? 0) + 1);
    return 0;
  }

  async #resealText(text: OutdatedText): Promise<Opened<boolean>> {
    const next = this.#deps.sealer.resealText(text.sealed, text.aad);
    return next.ok ? { ok: true, plain: await text.replace(next.plain) } : next;
  }

  async #rest(texts: number, startedMs: number): Promise<void> {
    const wantedMs = (texts / (this.#deps.perSecond ?? PER_SECOND)) * SECOND_MS;
    const leftMs = wantedMs - (Date.now() - startedMs);
    if (leftMs > 0) await delay(leftMs);
  }

  async #tellUnused(): Promise<void> {
    const { client, sealer, onKeyUnused } = this.#deps;
    for (const id of sealer.keyIds.filter((one) => one !== sealer.activeId)) {
      if ((await client.hsetnx(this.#state, `unused:${sealer.activeId}:${id}`, '1')) === 1) onKeyUnused(id);
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
