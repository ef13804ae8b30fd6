import { ALL_SHARDS } from '../../base/ids.ts';

/** Between two looks at the shards that are away. */
const PROBE_EVERY_MS = 100;

export interface ShardBreakerSettings {
  /** Rejects while a shard cannot be used. */
  readonly probe: (shard: number) => Promise<unknown>;
  /** Told when no shard is away any more. */
  readonly closed: () => void;
  readonly everyMs?: number;
}

/**
 * Knows which shards are away, so that nobody waits for a timeout twice. One failure puts all shards in doubt, because most
 * often they lie on one server; those that answer a look are back at once, the others are looked at again and again.
 */
export class ShardBreaker {
  readonly #settings: ShardBreakerSettings;
  readonly #away = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #isStopped = false;

  constructor(settings: ShardBreakerSettings) {
    this.#settings = settings;
  }

  isAway(shard: number): boolean {
    return this.#away.size > 0 && this.#away.has(shard);
  }

  get isAnyAway(): boolean {
    return this.#away.size > 0;
  }

  /** A command has failed because Redis could not be used. */
  open(): void {
    if (this.#isStopped) return;
    for (const shard of ALL_SHARDS) this.#away.add(shard);
    if (this.#timer === undefined) this.#round ??= this.#look();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#away.clear();
    await this.#round;
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    const looks = [...this.#away].map(async (shard) => {
      await this.#settings.probe(shard);
      this.#away.delete(shard);
    });
    await Promise.allSettled(looks);
    this.#round = undefined;
    if (this.#isStopped) return;
    if (this.#away.size === 0) {
      this.#settings.closed();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#round = this.#look();
    }, this.#settings.everyMs ?? PROBE_EVERY_MS);
    this.#timer.unref();
  }
}
