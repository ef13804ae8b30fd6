import { type Clock, isoOf } from '../base/clock.ts';
import { shardOfId, shardOfText } from '../base/ids.ts';
import { commit, type Effect } from '../events/commit.ts';
import type { LogEvent } from '../events/event.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { APPLICATION_MAX_CHARACTERS, ApplicationFullError } from './application-full-error.ts';
import { type DraftEvent, recordedEvent } from './context.ts';
import { EventIds } from './event-ids.ts';
import { hashReference } from './hash-reference.ts';
import type { Application, Versioned } from './model.ts';

/** What a decision wants written. No `application` = the state stays; no events and no effects = nothing is written. */
export interface Change<Result> {
  readonly application?: Application;
  readonly events: readonly DraftEvent[];
  readonly effects?: readonly Effect[];
  /** Somebody outside adds to the application: refused once it is full. */
  readonly adds?: boolean;
  readonly result: Result;
}

export interface Changed<Result> {
  readonly application: Application;
  readonly version: number;
  readonly events: readonly LogEvent[];
  readonly result: Result;
}

/** Another writer won this often in a row: something is wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 50;

/** The applications of all shards: read, create, change. Each write is one script in the application's shard. */
export class ApplicationStore {
  /** Which application each event id of a lender was used for. */
  readonly eventIds: EventIds;
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #clock: Clock;

  constructor(client: RedisClient, keys: Keyspace, clock: Clock) {
    this.eventIds = new EventIds(client, keys);
    this.#client = client;
    this.#keys = keys;
    this.#clock = clock;
  }

  async load(id: string): Promise<Versioned | undefined> {
    const [version, document] = await this.#client.hmget(this.#keys.shard(shardOfId(id), 'app', id), 'v', 'doc');
    if (!version || !document) return undefined;
    return { version: Number(version), application: JSON.parse(document) as Application };
  }

  /**
   * Creates an application with its first events and its sealed personal data.
   * @returns `created: false` with the application that is there when the id is taken (a retry, or a lost reply)
   */
  async create(
    application: Application,
    events: readonly DraftEvent[],
    effects: readonly Effect[],
  ): Promise<{ readonly created: boolean } & Versioned> {
    const recordedAt = isoOf(this.#clock.nowMs());
    const document: Application = { ...application, updated_at: recordedAt };
    const result = await commit(this.#client, this.#keys, {
      id: application.id,
      expectedVersion: 0,
      document,
      events: events.map((event) => recordedEvent(application, event, recordedAt)),
      effects,
    });
    if (result.ok) return { created: true, version: result.version, application: document };
    return { created: false, version: result.version, application: JSON.parse(result.document) as Application };
  }

  /**
   * Reads, decides, writes; when somebody else wrote in between, decides again on what is there now. `updated_at` is when the
   * newest event was recorded: what no event tells of is no news.
   * @param decide pure; may be called several times
   * @returns undefined when there is no such application
   * @throws ApplicationFullError when a change adds more than fits
   */
  async change<Result>(
    id: string,
    decide: (application: Application) => Change<Result>,
  ): Promise<Changed<Result> | undefined> {
    let current = await this.load(id);
    if (!current) return undefined;
    for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
      const { application, version } = current;
      const change = decide(application);
      const next = change.application ?? application;
      const effects = change.effects ?? [];
      if (!change.application && change.events.length === 0 && effects.length === 0) {
        return { application, version, events: [], result: change.result };
      }
      const recordedAt = isoOf(this.#clock.nowMs());
      const isNews = change.events.length > 0;
      const document = isNews ? { ...next, updated_at: recordedAt } : next;
      if (change.adds && JSON.stringify(document).length > APPLICATION_MAX_CHARACTERS)
        throw new ApplicationFullError(id);
      const written = await commit(this.#client, this.#keys, {
        id,
        expectedVersion: version,
        document: change.application || isNews ? document : null,
        events: change.events.map((event) => recordedEvent(next, event, recordedAt)),
        effects,
      });
      if (written.ok) {
        return { application: document, version: written.version, events: written.events, result: change.result };
      }
      current = { version: written.version, application: JSON.parse(written.document) as Application };
    }
    throw new Error(`application ${id} changed ${CONFLICT_LIMIT} times while one change was tried`);
  }

  /** The sealed personal data of an application, still sealed; undefined once erased. */
  async sealed(id: string): Promise<string | undefined> {
    return (await this.#client.get(this.#keys.shard(shardOfId(id), 'sealed', id))) ?? undefined;
  }

  /** Whether an application still has sealed personal data. */
  async isSealed(id: string): Promise<boolean> {
    return (await this.#client.exists(this.#keys.shard(shardOfId(id), 'sealed', id))) === 1;
  }

  /** What the lender's event ids of this application have been answered. */
  async inbox(id: string, eventIds: readonly string[]): Promise<(string | null)[]> {
    if (eventIds.length === 0) return [];
    return this.#client.hmget(this.#keys.shard(shardOfId(id), 'inbox', id), ...eventIds);
  }

  /**
   * Remembers which application or loan a lender means by its own reference. Written before the change that tells the
   * reference to anybody, so that it can always be found; first writer wins.
   */
  async bindReference(lenderId: string, lenderRef: string, id: string): Promise<void> {
    await this.#client.setnx(this.#referenceKey(lenderId, lenderRef), id);
  }

  /** The application or loan id that a lender's reference stands for. */
  async findReference(lenderId: string, lenderRef: string): Promise<string | undefined> {
    return (await this.#client.get(this.#referenceKey(lenderId, lenderRef))) ?? undefined;
  }

  /** Remembers in which application a loan lives (same shard; loan ids carry it). */
  async bindLoan(loanId: string, applicationId: string): Promise<void> {
    await this.#client.setnx(this.#keys.shard(shardOfId(loanId), 'loan', loanId), applicationId);
  }

  /** Remembers to which application an action, a card or a repayment belongs (same shard; their ids carry it). */
  async bindObject(objectId: string, applicationId: string): Promise<void> {
    await this.#client.setnx(this.#keys.shard(shardOfId(objectId), 'of', objectId), applicationId);
  }

  /** The application of an action, a card or a repayment. */
  async applicationOf(objectId: string): Promise<string | undefined> {
    return (await this.#client.get(this.#keys.shard(shardOfId(objectId), 'of', objectId))) ?? undefined;
  }

  /** A message to the lender that has not been delivered yet, still sealed. */
  async message(id: string, deliveryId: string): Promise<string | undefined> {
    return (await this.#client.hget(this.#keys.shard(shardOfId(id), 'messages', id), deliveryId)) ?? undefined;
  }

  /** The application of a loan. */
  async applicationOfLoan(loanId: string): Promise<string | undefined> {
    return (await this.#client.get(this.#keys.shard(shardOfId(loanId), 'loan', loanId))) ?? undefined;
  }

  #referenceKey(lenderId: string, lenderRef: string): string {
    const hash = hashReference(lenderId, lenderRef);
    return this.#keys.shard(shardOfText(hash), 'ref', lenderId, hash);
  }
}
