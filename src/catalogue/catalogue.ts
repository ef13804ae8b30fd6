import type { Clock } from '../base/clock.ts';
import { shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { type Looker, lookNowAndThen } from '../redis/look-now-and-then.ts';
import type { Registry } from '../registry/registry.ts';
import type { RegistrySource } from '../registry/watch-registry.ts';
import { type Pause, type PausedBy, type Stop, type Stopped, stoppedNow } from './pause.ts';
import type { PausePort } from './pause-port.ts';
import { contentOf, differingFields } from './product-content.ts';
import {
  type FileFacts,
  nextLapseMs,
  type ProductRecord,
  withFile,
  withoutLapsed,
  withoutPauses,
  withPause,
} from './product-record.ts';
import { fileStatusOf } from './product-status.ts';
import { ProductStore, type ShardRecords } from './store.ts';

export interface CatalogueDeps {
  readonly client: RedisClient;
  /** A connection for subscriptions. */
  readonly subscriber: RedisClient;
  readonly keys: Keyspace;
  readonly clock: Clock;
  readonly registry: Pick<RegistrySource, 'current' | 'onChange'>;
  /** Gets what fails in the background; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** Messages can be lost (pub/sub is at most once): whether anything has changed is looked at this often all the same. */
const LOOK_EVERY_MS = 500;
/**
 * Changed files are told once they have been quiet for so long: processes read the same change some milliseconds apart, and
 * one that still has the older files must not tell them as news.
 */
const QUIET_MS = 400;

/**
 * Products as they are now: what the files say and what is paused, in the memory of every process, and each change of it told
 * once in the log. When Redis is away, the last pauses known stay in force and lapse at their time.
 */
export class Catalogue implements PausePort {
  readonly #deps: CatalogueDeps;
  readonly #store: ProductStore;
  readonly #looker: Looker;
  readonly #revisions = new Map<number, string>();
  readonly #records = new Map<string, ProductRecord>();
  /** Only of products that have any. */
  readonly #pauses = new Map<string, readonly Pause[]>();
  #epoch = 0;
  /** Since when (real time) files wait to be told; undefined = they have been. */
  #untoldSinceMs: number | undefined;
  #unfollow: () => void = () => undefined;

  constructor(deps: CatalogueDeps) {
    this.#deps = deps;
    this.#store = new ProductStore(deps.client, deps.keys);
    this.#looker = lookNowAndThen(() => this.#look(), LOOK_EVERY_MS, deps.failed);
  }

  /** Reads what is paused, tells what the files have changed, and follows both. @throws when Redis cannot be used */
  async start(): Promise<void> {
    const { subscriber, keys, registry } = this.#deps;
    subscriber.on('message', this.#heard);
    await subscriber.subscribe(keys.catalogueChannel);
    this.#adopt(await this.#store.readShards());
    await this.tellFiles();
    this.#unfollow = registry.onChange(() => {
      this.#untoldSinceMs = Date.now();
    });
    this.#looker.start();
  }

  async stop(): Promise<void> {
    this.#unfollow();
    this.#deps.subscriber.off('message', this.#heard);
    await this.#looker.stop();
  }

  /** Counts the changes seen by this process: what was made of the records is good until it moves. */
  get epoch(): number {
    return this.#epoch;
  }

  get isQuiet(): boolean {
    return this.#pauses.size === 0;
  }

  stopOf(productId: string, stop: Stop, nowMs: number): Stopped | undefined {
    const pauses = this.#pauses.get(productId);
    return pauses === undefined ? undefined : stoppedNow(pauses, stop, nowMs);
  }

  /** Everything that is paused of a product, lapsed pauses too until that has been told. */
  pausesOf(productId: string): readonly Pause[] {
    return this.#pauses.get(productId) ?? [];
  }

  /** What was told of a product last; undefined before anything was. */
  recordOf(productId: string): ProductRecord | undefined {
    return this.#records.get(productId);
  }

  /** When the next pause of any product lapses, of those that have not at `nowMs`; infinity when none will. */
  nextChangeMs(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const pauses of this.#pauses.values()) {
      for (const { until_ms: untilMs } of pauses) {
        if (untilMs !== null && untilMs > nowMs && untilMs < next) next = untilMs;
      }
    }
    return next;
  }

  /** Stops something of a product; in force here when this resolves, in the other processes moments later. */
  async pause(productId: string, pause: Pause): Promise<ProductRecord> {
    return this.#decide(productId, (record, nowMs) => withPause(record, pause, nowMs));
  }

  /** Lifts the pauses that `by` may lift. @param stop absent = of every kind */
  async resume(productId: string, by: PausedBy, stop?: Stop): Promise<ProductRecord> {
    return this.#decide(productId, (record, nowMs) => withoutPauses(record, { by, stop }, nowMs));
  }

  /** When the earliest pause that has an end lapses, epoch ms; null when none has. */
  async nextDue(): Promise<number | null> {
    return nextLapseMs([...this.#pauses.values()].flat());
  }

  /** Tells every pause that has lapsed by then. @returns how many products had one */
  async runDue(nowMs: number): Promise<number> {
    const due = [...this.#pauses].filter(([, pauses]) => (nextLapseMs(pauses) ?? nowMs + 1) <= nowMs);
    await Promise.all(due.map(([productId]) => this.#tellLapsed(productId, nowMs)));
    return due.length;
  }

  /** Writes down what the files say of every product, and tells what has changed. */
  async tellFiles(): Promise<void> {
    const registry = this.#deps.registry.current();
    const isNews = await this.#store.hasBaseline();
    const ids = new Set([...registry.products.keys(), ...this.#records.keys()]);
    await Promise.all([...ids].map((id) => this.#tellFile(registry, id, isNews)));
    if (!isNews) await this.#store.setBaseline();
  }

  async #tellFile(registry: Registry, productId: string, isNews: boolean): Promise<void> {
    const known = this.#records.get(productId);
    const facts = this.#factsOf(registry, productId, known);
    if (facts === undefined || (known !== undefined && isSame(known, facts))) return;
    if (known !== undefined) await this.#tellLapsed(productId, this.#deps.clock.nowMs());
    await this.#change(productId, (record) => {
      return withFile(record, productId, facts, this.#deps.clock.nowMs(), isNews);
    });
  }

  /** What the files say; a product that was taken off them is closed. */
  #factsOf(registry: Registry, productId: string, known: ProductRecord | undefined): FileFacts | undefined {
    const product = registry.products.get(productId);
    if (product !== undefined) {
      return {
        lender_id: product.lender_id,
        listed: true,
        file_status: fileStatusOf(registry, product),
        fields: contentOf(registry, product),
      };
    }
    return known && { lender_id: known.lender_id, listed: false, file_status: 'closed', fields: known.fields };
  }

  async #decide(
    productId: string,
    decide: (record: ProductRecord, nowMs: number) => ReturnType<typeof withPause>,
  ): Promise<ProductRecord> {
    const nowMs = this.#deps.clock.nowMs();
    if (!this.#records.has(productId)) await this.#tellFile(this.#deps.registry.current(), productId, true);
    await this.#tellLapsed(productId, nowMs);
    const record = await this.#change(productId, (stored) => (stored === undefined ? null : decide(stored, nowMs)));
    if (record === undefined) throw new Error(`there is no record of product ${productId}`);
    return record;
  }

  async #tellLapsed(productId: string, nowMs: number): Promise<void> {
    for (;;) {
      let hasLapsed = false;
      await this.#change(productId, (record) => {
        const change = record === undefined ? null : withoutLapsed(record, nowMs);
        hasLapsed = change !== null;
        return change;
      });
      if (!hasLapsed) return;
    }
  }

  async #change(productId: string, decide: Parameters<ProductStore['change']>[1]): Promise<ProductRecord | undefined> {
    const record = await this.#store.change(productId, decide);
    if (record !== undefined) this.#keep(record);
    return record;
  }

  readonly #heard = (channel: string, message: string): void => {
    if (channel !== this.#deps.keys.catalogueChannel) return;
    this.#read([Number(message)]).catch(this.#deps.failed);
  };

  async #look(): Promise<void> {
    const shards = this.#shards();
    const revisions = await this.#store.revisions(shards);
    await this.#read(shards.filter((shard, at) => revisions[at] !== (this.#revisions.get(shard) ?? '')));
    await this.runDue(this.#deps.clock.nowMs());
    const sinceMs = this.#untoldSinceMs;
    if (sinceMs === undefined || Date.now() - sinceMs < QUIET_MS) return;
    await this.tellFiles();
    if (this.#untoldSinceMs === sinceMs) this.#untoldSinceMs = undefined;
  }

  /** Shards in which a product lies. */
  #shards(): number[] {
    const ids = [...this.#deps.registry.current().products.keys(), ...this.#records.keys()];
    return [...new Set(ids.map(shardOfText))];
  }

  async #read(shards: readonly number[]): Promise<void> {
    if (shards.length > 0) this.#adopt(await this.#store.readShards(shards));
  }

  #adopt(read: readonly ShardRecords[]): void {
    for (const { shard, revision, records } of read) {
      this.#revisions.set(shard, revision);
      for (const record of records) this.#keep(record);
    }
  }

  /** Replies come in the order of their commands, so what was read last is the newest. */
  #keep(record: ProductRecord): void {
    const { product_id: id, pauses } = record;
    this.#records.set(id, record);
    if (pauses.length === 0) this.#pauses.delete(id);
    else this.#pauses.set(id, pauses);
    this.#epoch += 1;
  }
}

function isSame(known: ProductRecord, { lender_id, listed, file_status, fields }: FileFacts): boolean {
  const isAlike = known.lender_id === lender_id && known.listed === listed && known.file_status === file_status;
  return isAlike && differingFields(known.fields, fields).length === 0;
}
