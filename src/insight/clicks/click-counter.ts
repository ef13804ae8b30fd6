import { setTimeout as delay } from 'node:timers/promises';
import { ALL_SHARDS } from '../../base/ids.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import type { ClickCounts } from './click-counts.ts';
import { type CountRules, countShard } from './count-shard.ts';
import type { ClickConsumer, ClickLogs, CountedClick } from './counted-click.ts';

export interface ClickCounterDeps<Click extends CountedClick> {
  readonly logs: ClickLogs<Click>;
  readonly counts: ClickCounts;
  readonly rules: CountRules;
  /** Which of how many processes on this machine this one is (the first is 1): each counts its share of the shards. */
  readonly share: { readonly index: number; readonly count: number };
  readonly failed: (error: unknown) => void;
}

/** Clicks of this process are counted so soon after they come … */
const SOON_MS = 200;
/** … unless so many came meanwhile that requests need the processor more: then a little later, all together. */
const BUSY_CLICKS = 300;
const BUSY_MS = 1_000;
/** What other processes recorded, or one that crashed, is found this often. */
const SWEEP_MS = 2_000;
const OUTAGE_BACKOFF_MS = 500;
const BATCH = 500;
const SHARDS_AT_ONCE = 8;

/**
 * Counts clicks behind the redirect: reads the click logs in batches, hands them to whoever wants them, and counts them once.
 * Several processes may meet in a shard: the second one finds the work done.
 */
export class ClickCounter<Click extends CountedClick> {
  readonly #deps: ClickCounterDeps<Click>;
  readonly #consumers: ClickConsumer<Click>[] = [];
  readonly #isOurs: (shard: number) => boolean;
  readonly #dirty = new Set<number>();
  /** Shard → place up to which it is counted, as far as this process knows. */
  readonly #counted = new Map<number, string>();
  readonly #busy = new Map<number, Promise<void>>();
  /** Clicks since the last look at how busy it is. */
  #marks = 0;
  #soon: NodeJS.Timeout | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(deps: ClickCounterDeps<Click>) {
    this.#deps = deps;
    this.#isOurs = (shard) => shard % deps.share.count === deps.share.index - 1;
  }

  /** Somebody else who wants every arrival from now on. */
  add(consumer: ClickConsumer<Click>): void {
    this.#consumers.push(consumer);
  }

  /** A click of this process is in the log of a shard. Many calls become one look; other processes' shards are theirs. */
  readonly mark = (shard: number): void => {
    this.#marks += 1;
    if (!this.#isOurs(shard)) return;
    this.#dirty.add(shard);
    if (this.#soon === undefined) this.#lookSoon();
  };

  start(): void {
    this.#isRunning = true;
    this.#sweep = setInterval(() => void this.#findLeft(), SWEEP_MS);
    void this.#findLeft();
  }

  /** Lets what is under way finish; what is left is counted by whoever comes next. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#soon);
    clearInterval(this.#sweep);
    await this.#round;
    await Promise.allSettled(this.#busy.values());
  }

  /** Shards with arrivals that are not counted, whatever process will. */
  async behind(): Promise<number[]> {
    const found = await Promise.all(
      ALL_SHARDS.map(async (shard) => {
        const tail = await this.#deps.logs.tail(shard);
        if (tail === '0-0' || tail === this.#counted.get(shard)) return undefined;
        return tail === (await this.#deps.counts.counted(shard)) ? undefined : shard;
      }),
    );
    return found.filter((shard) => shard !== undefined);
  }

  /** Counts everything that is in the logs now. @throws when Redis cannot be used */
  async settle(): Promise<void> {
    const behind = await this.behind();
    await mapBounded(behind, SHARDS_AT_ONCE, (shard) => this.#drain(shard));
  }

  #lookSoon(waitedMs = 0): void {
    if (!this.#isRunning || this.#soon !== undefined) return;
    this.#marks = 0;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      const waited = waitedMs + SOON_MS;
      if (this.#marks >= BUSY_CLICKS && waited < BUSY_MS) {
        this.#lookSoon(waited);
        return;
      }
      this.#round = this.#round.then(() => this.#look());
    }, SOON_MS);
  }

  async #look(): Promise<void> {
    const shards = [...this.#dirty];
    this.#dirty.clear();
    let wait = 0;
    await mapBounded(shards, SHARDS_AT_ONCE, async (shard) => {
      try {
        if (this.#isRunning) await this.#drain(shard);
      } catch (error) {
        this.#dirty.add(shard);
        this.#deps.failed(error);
        wait = isUnavailable(error) ? OUTAGE_BACKOFF_MS : SWEEP_MS;
      }
    });
    if (wait === 0 || !this.#isRunning) return;
    await delay(wait);
    this.#lookSoon();
  }

  async #findLeft(): Promise<void> {
    try {
      const ours = ALL_SHARDS.filter(this.#isOurs);
      const tails = await Promise.all(ours.map((shard) => this.#deps.logs.tail(shard)));
      for (const [index, shard] of ours.entries()) {
        const tail = tails[index] ?? '0-0';
        if (tail !== '0-0' && tail !== this.#counted.get(shard)) this.mark(shard);
      }
    } catch (error) {
      if (!isUnavailable(error)) this.#deps.failed(error);
    }
  }

  /** One at a time for each shard; one who comes while it is counted waits, and looks again. */
  async #drain(shard: number): Promise<void> {
    for (let other = this.#busy.get(shard); other !== undefined; other = this.#busy.get(shard)) {
      await other.catch(() => undefined);
    }
    const run = this.#count(shard).finally(() => this.#busy.delete(shard));
    this.#busy.set(shard, run);
    await run;
  }

  async #count(shard: number): Promise<void> {
    const { logs, counts, rules } = this.#deps;
    for (;;) {
      const from = this.#counted.get(shard) ?? (await counts.counted(shard));
      const clicks = await logs.read(shard, from, BATCH);
      this.#counted.set(shard, from);
      if (clicks.length === 0) return;
      await this.#tell(shard, clicks);
      let to: string | null = null;
      try {
        to = await countShard(counts, rules, { shard, from, clicks });
      } finally {
        // Of a fault, and when somebody else was first, what is in memory may be behind.
        if (to === null) this.#counted.delete(shard);
        else this.#counted.set(shard, to);
      }
      if (to !== null && clicks.length < BATCH) return;
    }
  }

  /** A consumer's fault is its own: it is reported, and nobody's click goes uncounted for it. */
  async #tell(shard: number, clicks: readonly Click[]): Promise<void> {
    for (const consumer of this.#consumers) {
      try {
        await consumer.consume(shard, clicks);
      } catch (error) {
        if (isUnavailable(error)) throw error;
        this.#deps.failed(error);
      }
    }
  }
}
