import { randomUUID } from 'node:crypto';
import type { Sealer } from '../identity/seal.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import type { KeyRecord } from './key-record.ts';
import { EMPTY_RING, REVISION_FIELD, type Ring, readRing, tagOf, WRITE_FIELD } from './ring.ts';

/** Messages can be lost (pub/sub is at most once): the revision is looked at this often all the same. */
const POLL_MS = 2_000;
const MAX_TRIES = 20;

export interface KeyringDeps {
  readonly client: RedisClient;
  /** A connection for subscriptions. */
  readonly subscriber: RedisClient;
  readonly keys: Keyspace;
  readonly sealer: Pick<Sealer, 'open'>;
  /** The store could not be asked; told once until it can be again. */
  readonly failed: (error: unknown) => void;
  /** Keys that are there and cannot be used. */
  readonly unusable?: (keyIds: readonly string[]) => void;
  readonly pollMs?: number;
}

/** What a decision about the ring comes to: records to write, or why not. */
export type RingDecision =
  | { readonly ok: false }
  | { readonly ok: true; readonly records: ReadonlyMap<string, KeyRecord> };

const writeKeyring = defineScript({
  file: new URL('./write-keyring.lua', import.meta.url),
  keys: ['keyring'],
  reply: (raw) => {
    if (typeof raw !== 'string') throw new Error('write-keyring.lua: unknown reply');
    return raw === '' ? undefined : raw;
  },
});

/**
 * The keys of counterparties that are made while the gateway runs, and what operators decided about any key. Every process
 * has the whole ring in memory and reads it again when it hears of a change, or sees one. When the store is away, the last
 * ring stays in use.
 */
export class Keyring {
  readonly #deps: KeyringDeps;
  readonly #listeners = new Set<() => void>();
  #ring: Ring = EMPTY_RING;
  /** Counts replacements of `#ring`. */
  #epoch = 0;
  #queue: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #polling = false;
  #isAway = false;
  #stopped = false;

  constructor(deps: KeyringDeps) {
    this.#deps = deps;
  }

  /** The ring in use. */
  current(): Ring {
    return this.#ring;
  }

  /** Calls back after each replacement. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Reads the ring and follows it. @throws when it cannot be read: without revocations nobody may be let in */
  async start(): Promise<void> {
    const { subscriber, keys, pollMs = POLL_MS } = this.#deps;
    subscriber.on('message', this.#heard);
    await subscriber.subscribe(keys.keyringChannel);
    await this.refresh();
    this.#timer = setInterval(() => void this.#poll(), pollMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#deps.subscriber.off('message', this.#heard);
    await this.#queue;
  }

  /** Reads the ring; calls while a reading waits share it. */
  refresh(): Promise<void> {
    if (this.#queued === undefined) {
      const reading = this.#queue.then(async () => {
        this.#queued = undefined;
        const epoch = this.#epoch;
        this.#offer(await this.#load(), epoch);
      });
      this.#queued = reading;
      this.#queue = reading.catch(() => undefined);
    }
    return this.#queued;
  }

  /**
   * Decides on the ring as it is in the store and writes what was decided, unless somebody else was first: then it decides
   * again. In this process the change is in force when this resolves; the others are told.
   * @param decide pure; called once for each attempt
   */
  async change<D extends RingDecision>(decide: (ring: Ring) => D): Promise<D> {
    const { client, keys } = this.#deps;
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const epoch = this.#epoch;
      const { ring, fields } = await this.#load();
      const decision = decide(ring);
      if (!decision.ok || decision.records.size === 0) return decision;
      const written = [...decision.records].map(([id, record]): [string, string] => [id, JSON.stringify(record)]);
      const write = randomUUID();
      const args = [String(ring.revision), write, keys.keyringChannel, ...written.flat()];
      const revision = await writeKeyring.run(client, { keyring: keys.keyring() }, args);
      if (revision === undefined) continue;
      const now = { ...fields, ...Object.fromEntries(written), [REVISION_FIELD]: revision, [WRITE_FIELD]: write };
      this.#offer({ ring: readRing(now, this.#deps.sealer, ring).ring, fields: now }, epoch);
      return decision;
    }
    throw new Error('the keyring was changed by others each time; try again');
  }

  readonly #heard = (channel: string): void => {
    if (channel === this.#deps.keys.keyringChannel) this.#refreshSoon();
  };

  #refreshSoon(): void {
    if (!this.#stopped) this.refresh().catch((error) => this.#tell(error));
  }

  async #poll(): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    try {
      const { client, keys } = this.#deps;
      const [revision, write] = await client.hmget(keys.keyring(), REVISION_FIELD, WRITE_FIELD);
      this.#isAway = false;
      if (tagOf(revision, write) !== this.#ring.tag) this.#refreshSoon();
    } catch (error) {
      this.#tell(error);
    } finally {
      this.#polling = false;
    }
  }

  #tell(error: unknown): void {
    if (this.#isAway || this.#stopped) return;
    this.#isAway = true;
    this.#deps.failed(error);
  }

  async #load(): Promise<Loaded> {
    const { client, keys, sealer, unusable } = this.#deps;
    const fields = await client.hgetall(keys.keyring());
    const reading = readRing(fields, sealer, this.#ring);
    if (reading.unusable.length > 0 && reading.ring.tag !== this.#ring.tag) unusable?.(reading.unusable);
    return { ring: reading.ring, fields };
  }

  /** Puts a ring into use, unless a later one came into use while it was read. */
  #offer({ ring }: Loaded, epoch: number): void {
    if (ring.tag === this.#ring.tag) return;
    if (epoch !== this.#epoch && ring.revision < this.#ring.revision) return;
    this.#ring = ring;
    this.#epoch += 1;
    for (const listener of this.#listeners) listener();
  }
}

interface Loaded {
  readonly ring: Ring;
  readonly fields: Readonly<Record<string, string>>;
}
