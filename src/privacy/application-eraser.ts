import type { Application, Versioned } from '../applications/model.ts';
import type { ApplicationStore, Change } from '../applications/store.ts';
import type { Clock } from '../base/clock.ts';
import { userIndexKey } from '../insight/index-keys.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { type DataUse, dataUseOf, erasureDueMs, type RetentionDays } from './data-use.ts';
import { type Erasure, eraseApplication } from './erase-application.ts';
import type { PersonalStore } from './personal-store.ts';
import type { RetentionStore } from './retention-store.ts';

export interface ApplicationEraserDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly store: ApplicationStore;
  readonly retention: RetentionStore;
  /** Other places that hold personal data of applications. */
  readonly others: readonly PersonalStore[];
  readonly isRevolving: (productId: string) => boolean;
  readonly days: RetentionDays;
  readonly clock: Clock;
}

/** An application changed this often while its due time was noted: something is wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 50;

/** Erases the personal data of single applications, and knows when that is due. */
export class ApplicationEraser {
  readonly #deps: ApplicationEraserDeps;

  constructor(deps: ApplicationEraserDeps) {
    this.#deps = deps;
  }

  useOf(application: Application, nowMs: number): DataUse {
    const { offer, product_id: productId } = application;
    const isRevolving = offer === undefined ? this.#deps.isRevolving(productId) : offer.kind === 'revolving';
    return dataUseOf(application, isRevolving, nowMs);
  }

  /** Notes when an application's data is due, from its state now. @param nowMs as of when; absent = now */
  async schedule(applicationId: string, nowMs?: number): Promise<void> {
    const { store, retention, clock, days } = this.#deps;
    for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
      const current: Versioned | undefined = await store.load(applicationId);
      if (current === undefined) return retention.remove(applicationId);
      const use = this.useOf(current.application, nowMs ?? clock.nowMs());
      const dueMs = erasureDueMs(current.application, use, days);
      if (await retention.schedule(applicationId, current.version, dueMs)) return;
    }
    throw new Error(`application ${applicationId} changed ${CONFLICT_LIMIT} times while its retention was noted`);
  }

  /**
   * Erases on request. Nothing is erased while the data is needed, unless by force.
   * @returns undefined when there is no such application
   */
  async erase(applicationId: string, force: boolean): Promise<Erasure | undefined> {
    return this.#erase(applicationId, (application, nowMs) =>
      eraseApplication(application, this.useOf(application, nowMs), nowMs, force),
    );
  }

  /** Erases if the time is over by its state now; otherwise notes the time anew. @returns whether it was erased */
  async eraseIfDue(applicationId: string, nowMs: number): Promise<boolean> {
    const erasure = await this.#erase<Erasure | null>(applicationId, (application) => {
      const use = this.useOf(application, nowMs);
      const dueMs = erasureDueMs(application, use, this.#deps.days);
      const isDue = dueMs !== null && dueMs <= nowMs;
      if (isDue || application.erased_at !== undefined) return eraseApplication(application, use, nowMs, true);
      return { events: [], result: null };
    });
    if (isErased(erasure)) return erasure?.result === 'erased';
    // As of the same instant: by a later one it may be due, and whoever asked by this one would ask for ever.
    await this.schedule(applicationId, nowMs);
    return false;
  }

  async #erase<Result extends Erasure | null>(
    applicationId: string,
    decide: (application: Application, nowMs: number) => Change<Result>,
  ): Promise<Result | undefined> {
    const { client, keys, store, retention, others, clock } = this.#deps;
    const before = (await store.load(applicationId))?.application;
    if (before === undefined) return undefined;
    const first = decide(before, clock.nowMs());
    if (!isErased(first.result)) return first.result;
    // Before the name is gone by which the entry is found; a retry after a crash would not know it.
    const { owner_id: ownerId, partner_user_ref: userRef } = before;
    if (ownerId !== null && userRef !== null) await client.zrem(userIndexKey(keys, ownerId, userRef), applicationId);
    const changed = await store.change(applicationId, (application) => decide(application, clock.nowMs()));
    if (changed === undefined || !isErased(changed.result)) return changed?.result;
    // Again: the list may have been written from the application as it was before.
    if (ownerId !== null && userRef !== null) await client.zrem(userIndexKey(keys, ownerId, userRef), applicationId);
    await Promise.all(others.map((other) => other.erase(applicationId)));
    await retention.remove(applicationId);
    return changed.result;
  }
}

function isErased(erasure: Erasure | null | undefined): boolean {
  return erasure !== null && erasure !== undefined && erasure.result !== 'kept';
}
