import type { RedisClient } from '../redis/connection.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { type Change, type Parked, readCursors, readParked, writeCheckpoint } from './checkpoint.ts';
import type { LogEvent } from './event.ts';
import { isBefore, readLog, readPositions } from './log.ts';
import type { Projection, RunnerObserver } from './projection.ts';

const BATCH = 256;
const BEGINNING = '0-0';
/** A replay request: `redrive|<projection>|<subject>` or `rewind|<projection>`. */
const REQUEST_SEPARATOR = '|';

export interface ShardWorkerDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly owner: string;
  readonly projections: readonly Projection[];
  readonly observer: RunnerObserver;
}

/** Reads one shard's log in order while it holds the shard's lease. Never runs twice at once: the runner sees to that. */
export class ShardWorker {
  readonly shard: number;
  fence = 0;
  readonly #deps: ShardWorkerDeps;
  #cursors = new Map<string, string>();
  #parked = new Map<string, Map<string, Parked>>();
  #loadedFence = 0;

  constructor(shard: number, deps: ShardWorkerDeps) {
    this.shard = shard;
    this.#deps = deps;
  }

  /**
   * Applies everything that is in the log now. After a fault what is in memory may be ahead of what was written, so the
   * next drain reads both again.
   * @returns false when the lease was lost on the way
   */
  async drain(): Promise<boolean> {
    const fence = this.fence;
    if (fence === 0) return false;
    try {
      return await this.#drain(fence);
    } catch (error) {
      this.#loadedFence = 0;
      throw error;
    }
  }

  async #drain(fence: number): Promise<boolean> {
    if (this.#loadedFence !== fence) await this.#load(fence);
    if (!(await this.#obeyRequests(fence))) return false;
    for (;;) {
      const { client, keys } = this.#deps;
      const events = await readLog(client, keys, this.shard, this.#lowestCursor(), BATCH);
      if (events.length === 0) return true;
      if (!(await this.#applyBatch(events, fence))) return false;
      if (events.length < BATCH) return true;
    }
  }

  async #load(fence: number): Promise<void> {
    const { client, keys } = this.#deps;
    const [cursors, parked] = await Promise.all([
      readCursors(client, keys, this.shard),
      readParked(client, keys, this.shard),
    ]);
    this.#cursors = new Map(Object.entries(cursors));
    this.#parked = new Map();
    for (const entry of parked) this.#parkedOf(entry.projection).set(entry.subject, entry);
    this.#loadedFence = fence;
  }

  async #applyBatch(events: readonly LogEvent[], fence: number): Promise<boolean> {
    const changes: Change[] = [];
    let outage: unknown;
    const moved = new Map<string, string>();
    try {
      for (const event of events) {
        for (const projection of this.#deps.projections) {
          if (!isBefore(moved.get(projection.name) ?? this.#cursorOf(projection.name), event.position)) continue;
          changes.push(...(await this.#applyOne(projection, event)));
          moved.set(projection.name, event.position);
        }
      }
    } catch (error) {
      outage = error;
    }
    for (const [projection, position] of moved) changes.push({ kind: 'cursor', projection, position });
    if (changes.length > 0 && !(await this.#checkpoint(fence, changes))) return false;
    for (const [projection, position] of moved) this.#cursors.set(projection, position);
    if (outage) throw outage;
    return true;
  }

  async #applyOne(projection: Projection, event: LogEvent): Promise<Change[]> {
    const waiting = this.#parkedOf(projection.name).get(event.subject);
    if (waiting) {
      if (waiting.positions.includes(event.position)) return [];
      // After a rewind earlier events of the subject come by again: they go before the one that is stuck.
      const positions = [...waiting.positions, event.position].sort((a, b) => (isBefore(a, b) ? -1 : 1));
      return [this.#park({ ...waiting, positions })];
    }
    try {
      await projection.apply(event);
      this.#deps.observer.applied(projection.name, event);
      return [];
    } catch (error) {
      if (isUnavailable(error)) throw error;
      this.#deps.observer.parked(projection.name, event, error);
      const message = error instanceof Error ? error.message : 'unknown error';
      const since = new Date().toISOString();
      return [
        this.#park({
          projection: projection.name,
          subject: event.subject,
          error: message,
          since,
          positions: [event.position],
        }),
      ];
    }
  }

  #park(parked: Parked): Change {
    this.#parkedOf(parked.projection).set(parked.subject, parked);
    return { kind: 'park', parked };
  }

  /** Replays what operators asked for: parked events of a subject, or a projection from the beginning. */
  async #obeyRequests(fence: number): Promise<boolean> {
    const { client, keys, projections } = this.#deps;
    const requests = await client.smembers(keys.shard(this.shard, 'redrive'));
    for (const request of requests) {
      const [verb, name = '', ...rest] = request.split(REQUEST_SEPARATOR);
      const projection = projections.find((candidate) => candidate.name === name);
      const changes: Change[] = [{ kind: 'done', request }];
      if (projection && verb === 'rewind') {
        changes.push({ kind: 'cursor', projection: name, position: BEGINNING });
        this.#cursors.set(name, BEGINNING);
      }
      if (projection && verb === 'redrive')
        changes.push(...(await this.#redrive(projection, rest.join(REQUEST_SEPARATOR))));
      if (!(await this.#checkpoint(fence, changes))) return false;
    }
    return true;
  }

  async #redrive(projection: Projection, subject: string): Promise<Change[]> {
    const parked = this.#parkedOf(projection.name).get(subject);
    if (!parked) return [];
    const { client, keys, observer } = this.#deps;
    const events = await readPositions(client, keys, this.shard, parked.positions);
    for (const [index, event] of events.entries()) {
      try {
        await projection.apply(event);
        observer.applied(projection.name, event);
      } catch (error) {
        if (isUnavailable(error)) throw error;
        observer.parked(projection.name, event, error);
        const message = error instanceof Error ? error.message : 'unknown error';
        return [this.#park({ ...parked, error: message, positions: parked.positions.slice(index) })];
      }
    }
    this.#parkedOf(projection.name).delete(subject);
    return [{ kind: 'unpark', projection: projection.name, subject }];
  }

  async #checkpoint(fence: number, changes: readonly Change[]): Promise<boolean> {
    const { client, keys, owner } = this.#deps;
    const written = await writeCheckpoint(client, keys, this.shard, { owner, fence }, changes);
    // A refused checkpoint means another worker has the shard; what is in memory may be behind what it wrote.
    if (!written) {
      this.#loadedFence = 0;
      this.fence = 0;
    }
    return written;
  }

  #cursorOf(projection: string): string {
    return this.#cursors.get(projection) ?? BEGINNING;
  }

  #parkedOf(projection: string): Map<string, Parked> {
    const known = this.#parked.get(projection);
    if (known) return known;
    const fresh = new Map<string, Parked>();
    this.#parked.set(projection, fresh);
    return fresh;
  }

  #lowestCursor(): string {
    let lowest: string | undefined;
    for (const { name } of this.#deps.projections) {
      const cursor = this.#cursorOf(name);
      if (lowest === undefined || isBefore(cursor, lowest)) lowest = cursor;
    }
    return lowest ?? BEGINNING;
  }
}
