import type { Application, Loan } from '../../src/applications/model.ts';
import { DeadLetters } from '../../src/applications/push/dead-letters.ts';
import {
  applicationDelivery,
  type Delivery,
  loanDelivery,
  queueDelivery,
} from '../../src/applications/push/delivery.ts';
import type { LenderSettings } from '../../src/applications/push/lender-line.ts';
import { type LenderMessage, messageEffects, messagePlace } from '../../src/applications/push/lender-message.ts';
import { Outbox } from '../../src/applications/push/outbox.ts';
import { OutboxOverview } from '../../src/applications/push/outbox-overview.ts';
import {
  createOutboxWorker,
  type OutboxWorker,
  type OutboxWorkerDeps,
} from '../../src/applications/push/outbox-worker.ts';
import { PulledDeliveries } from '../../src/applications/push/pulled-deliveries.ts';
import type { CoreLookup } from '../../src/applications/push/send-delivery.ts';
import type { SealedRecord } from '../../src/applications/sealed-record.ts';
import { ApplicationStore } from '../../src/applications/store.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { ALL_SHARDS, derivedIdBeside } from '../../src/base/ids.ts';
import { createSealer, type Sealer } from '../../src/identity/seal.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import { deriveOurKey } from '../../src/trust/our-keys.ts';
import type { TestRedis } from './redis.ts';
import { sampleApplication, sampleLoan } from './sample-application.ts';

export const signingKey = deriveOurKey('a root secret of the test').signingKey;

const RECORD = { applicant: { phone: '13800138000' }, device: null, documents: [], verifications: [], consents: [] };

/** What a worker of a test was told. */
export interface Journal {
  readonly lines: string[];
  readonly failures: unknown[];
}

export interface WorkerOptions extends Partial<LenderSettings> {
  readonly client?: RedisClient;
  readonly journal?: Journal;
  readonly share?: OutboxWorkerDeps['share'];
  readonly health?: OutboxWorkerDeps['health'];
  readonly realClock?: Clock;
  readonly random?: () => number;
}

/** Outboxes of one Redis, with what stands around them. */
export class OutboxBench {
  readonly redis: TestRedis;
  readonly store: ApplicationStore;
  readonly outbox: Outbox;
  readonly dead: DeadLetters;
  readonly overview: OutboxOverview;
  readonly sealer: Sealer = createSealer({ keys: [{ id: 'k1', key: Buffer.alloc(32, 7) }], activeId: 'k1' });
  /** What workers failed with that had no journal. */
  readonly failures: unknown[] = [];
  /** Every opening of sealed data: whose, for whom. */
  readonly opened: string[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  #number = 0;

  constructor(redis: TestRedis) {
    this.redis = redis;
    this.store = new ApplicationStore(redis.client, redis.keys, systemClock);
    this.outbox = new Outbox(redis.client, redis.keys);
    this.dead = new DeadLetters(redis.client, redis.keys);
    this.overview = new OutboxOverview(redis.client, redis.keys);
  }

  /** Closes what the last test has opened, newest first. @throws what a worker has failed with */
  async closeAll(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
    const [failure] = this.failures.splice(0);
    if (failure !== undefined) throw failure;
  }

  onClose(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  /** An application with its sealed record, of a lender that does not know it yet. */
  async application(change: Partial<Application> = {}): Promise<Application> {
    this.#number += 1;
    const application = sampleApplication(`A-${this.#number}`, change);
    const sealed = this.sealer.seal(RECORD, application.id);
    await this.store.create(application, [], [{ do: 'SET', key: 'sealed', value: sealed }]);
    return application;
  }

  /** One whose push waits. */
  async received(change: Partial<Application> = {}): Promise<{ application: Application; delivery: Delivery }> {
    const application = await this.application(change);
    const delivery = applicationDelivery(application);
    await this.outbox.enqueue(delivery, application.lender_id, Date.now());
    return { application, delivery };
  }

  async receive(count: number, change: Partial<Application> = {}): Promise<Application[]> {
    const made = await Promise.all(Array.from({ length: count }, () => this.received(change)));
    return made.map(({ application }) => application);
  }

  /** A message behind whatever waits already. @param graceMs how long its operation has to send it itself */
  async message(
    application: Application,
    kind: LenderMessage['kind'],
    label: string,
    change: { readonly status?: Application['status']; readonly dueMs?: number } = {},
  ): Promise<Delivery> {
    const { dueMs = Date.now() - 5_000, ...state } = change;
    const id = derivedIdBeside('dlv', application.id, kind, label);
    const message = { kind, about: {}, body: { label }, deliveryId: id };
    await this.store.change(application.id, (current) => ({
      application: { ...current, ...state },
      events: [],
      effects: messageEffects(this.sealer, current, message, dueMs),
      result: null,
    }));
    return { id, kind, applicationId: application.id };
  }

  async loan(application: Application, reference: string): Promise<{ loan: Loan; delivery: Delivery }> {
    const loan = sampleLoan(application.id, reference);
    const delivery = loanDelivery(application, loan);
    await this.store.change(application.id, (current) => ({
      application: { ...current, loans: [...current.loans, loan] },
      events: [],
      effects: [queueDelivery(delivery, current.lender_id, Date.now())],
      result: null,
    }));
    return { loan, delivery };
  }

  worker(lookup: CoreLookup | ((lenderId: string) => CoreLookup), options: WorkerOptions = {}): OutboxWorker {
    const { client = this.redis.client, journal, share, health, realClock = systemClock, random = () => 0 } = options;
    const { maxConcurrent, timeoutMs, isPulled } = options;
    const given = { maxConcurrent, timeoutMs, isPulled };
    const settings = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const worker = createOutboxWorker({
      ...this.#shared(client, lookup),
      overview: this.overview,
      settingsOf: () => settings,
      realClock,
      random,
      ...(share === undefined ? {} : { share }),
      ...(health === undefined ? {} : { health }),
      observer: {
        delivered: (_delivery, _lender, result) => journal?.lines.push(result),
        retried: (_delivery, _lender, error, waitMs) => journal?.lines.push(`${error} ${waitMs}`),
        dead: (_delivery, _lender, error) => journal?.lines.push(`dead ${error}`),
        failed: (error) => void (journal?.failures ?? this.failures).push(error),
      },
    });
    this.#closers.push(() => worker.stop());
    return worker;
  }

  pulled(lookup: CoreLookup = 'pull'): PulledDeliveries {
    const { client, keys } = this.redis;
    return new PulledDeliveries({ ...this.#shared(client, lookup), realClock: systemClock, client, keys });
  }

  async statusOf(id: string): Promise<string | undefined> {
    return (await this.store.load(id))?.application.status;
  }

  async pending(): Promise<number> {
    return (await this.overview.count()).pending;
  }

  /** Takes everything away that waits for a lender. */
  async clear(lenderId: string): Promise<void> {
    const { client, keys } = this.redis;
    for (const shard of ALL_SHARDS) {
      const ids = await client.zrange(keys.shard(shard, 'outbox', lenderId), 0, -1);
      for (const id of ids) await this.outbox.removeAll(id, lenderId);
    }
  }

  /** Makes everything that waits for a later attempt due now, attempts kept. */
  async hasten(lenderId: string): Promise<void> {
    const { client, keys } = this.redis;
    for (const shard of ALL_SHARDS) {
      const key = keys.shard(shard, 'outbox', lenderId);
      const flat = await client.zrange(key, 0, -1, 'WITHSCORES');
      for (let at = 0; at < flat.length; at += 2) {
        const score = Number(flat[at + 1]);
        await client.zadd(key, 'XX', 1 + (score - Math.floor(score)), flat[at] ?? '');
        await client.zadd(keys.shard(shard, 'lanes'), 1, lenderId);
      }
    }
  }

  #shared(client: RedisClient, lookup: CoreLookup | ((lenderId: string) => CoreLookup)) {
    const { keys } = this.redis;
    const open = (sealed: string, place: string): unknown => {
      const opened = this.sealer.openJson(sealed, place);
      return opened.ok ? opened.plain : undefined;
    };
    return {
      store: client === this.redis.client ? this.store : new ApplicationStore(client, keys, systemClock),
      outbox: new Outbox(client, keys),
      dead: new DeadLetters(client, keys),
      coreOf: typeof lookup === 'function' ? lookup : () => lookup,
      refusedDaysOf: () => 30,
      openRecord: (sealed: string, applicationId: string, lenderId: string) => {
        this.opened.push(`${lenderId} ${applicationId}`);
        return open(sealed, applicationId) as SealedRecord | undefined;
      },
      openMessage: (sealed: string, applicationId: string, deliveryId: string, lenderId: string) => {
        this.opened.push(`${lenderId} ${applicationId}`);
        return open(sealed, messagePlace(applicationId, deliveryId)) as LenderMessage | undefined;
      },
      clock: systemClock,
    };
  }
}

/** Waits until something is so. */
export async function until(condition: () => Promise<boolean> | boolean, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
