import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { AuditActor, AuditEntry, AuditObject, AuditView } from './audit-entry.ts';
import { auditKeys } from './audit-log.ts';

/** An act as people read it: its announcing entry together with how it ended. */
export interface AuditAct {
  /** Of the announcing entry. */
  readonly seq: number;
  readonly at: string;
  readonly actor: AuditActor;
  readonly action: string;
  readonly object: AuditObject;
  readonly reason: string | null;
  readonly before: AuditView | null;
  readonly after: AuditView | null;
  /** `unfinished`: still running, or its process was killed, or its end could not be written. */
  readonly outcome: 'done' | 'failed' | 'unfinished';
  readonly code: string | null;
  readonly ended_at: string | null;
  readonly request_id: string;
  readonly hash: string;
}

/** All that are given must hold. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  /** A whole action, or what stands before its dot. */
  readonly action?: string | undefined;
  readonly objectKind?: string | undefined;
  readonly objectId?: string | undefined;
  /** RFC 3339 UTC with milliseconds, inclusive. */
  readonly from?: string | undefined;
  /** The same, exclusive. */
  readonly to?: string | undefined;
}

export interface AuditPage {
  readonly acts: readonly AuditAct[];
  /** Where the next page goes on, null when there is none. */
  readonly next: number | null;
}

/** Entries that one page looks at, at most: a filter that matches nothing must not read the whole log at once. */
const SCAN_MAX = 5_000;
const CHUNK = 500;

/** Reads the audit log; what is long comes in pages. */
export class AuditReader {
  readonly #client: RedisClient;
  readonly #keys: ReturnType<typeof auditKeys>;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = auditKeys(keys);
  }

  /**
   * Acts that fit, newest first. A page may have fewer than wanted, or none, and `next` nevertheless.
   * @param below only acts announced before this sequence number; undefined = from the newest
   */
  async page(filter: AuditFilter, limit: number, below?: number): Promise<AuditPage> {
    const end =
      filter.to === undefined ? below : Math.min(below ?? Number.MAX_SAFE_INTEGER, await this.#firstAt(filter.to));
    let before = end ?? Number.MAX_SAFE_INTEGER;
    const found: AuditEntry[] = [];
    for (let scanned = 0; scanned < SCAN_MAX; scanned += CHUNK) {
      const chunk = await this.#entriesBelow(before);
      for (const entry of chunk) {
        if (filter.from !== undefined && entry.at < filter.from) return { acts: await this.#acts(found), next: null };
        before = entry.seq;
        if (entry.outcome !== 'intended' || !fits(entry, filter)) continue;
        found.push(entry);
        if (found.length === limit) return { acts: await this.#acts(found), next: before > 1 ? before : null };
      }
      if (chunk.length < CHUNK) return { acts: await this.#acts(found), next: null };
    }
    return { acts: await this.#acts(found), next: before };
  }

  /** Every entry as stored, oldest first: its place in the stream and its text. */
  async *texts(): AsyncGenerator<{ readonly id: string; readonly text: string }> {
    let after = '-';
    for (;;) {
      const page = await this.#client.xrange(this.#keys.log, after, '+', 'COUNT', CHUNK);
      for (const [id, fields] of page) yield { id, text: fields[1] ?? '' };
      const last = page.at(-1);
      if (last === undefined || page.length < CHUNK) return;
      after = `(${last[0]}`;
    }
  }

  /** The index of ends, in pages: seq of the announcing entry and of its end. */
  async *ends(): AsyncGenerator<readonly [intent: number, end: number]> {
    let cursor = '0';
    do {
      const [next, page] = await this.#client.hscan(this.#keys.ends, cursor, 'COUNT', CHUNK);
      for (let at = 1; at < page.length; at += 2) yield [Number(page[at - 1]), Number(page[at])];
      cursor = next;
    } while (cursor !== '0');
  }

  /** Fields of the head as stored, and the highest sequence that the stream has ever held. */
  async standing(): Promise<{ head: (string | null)[]; highest: number }> {
    // The stream first: an append in between may only make the head the later of the two.
    const highest = await this.#highest();
    return { head: await this.#client.hmget(this.#keys.head, 'seq', 'hash', 'at', 'mac'), highest };
  }

  async #highest(): Promise<number> {
    try {
      const info = (await this.#client.xinfo('STREAM', this.#keys.log)) as unknown[];
      return sequenceOf(String(info[info.indexOf('last-generated-id') + 1]));
    } catch (error) {
      if (error instanceof Error && error.message.includes('no such key')) return 0;
      throw error;
    }
  }

  async #acts(intended: readonly AuditEntry[]): Promise<AuditAct[]> {
    if (intended.length === 0) return [];
    const ends = await this.#client.hmget(this.#keys.ends, ...intended.map(({ seq }) => String(seq)));
    return Promise.all(
      intended.map(async (entry, index) => {
        const seq = ends[index];
        return actOf(entry, seq ? await this.#entryAt(Number(seq)) : undefined);
      }),
    );
  }

  async #entryAt(seq: number): Promise<AuditEntry | undefined> {
    const [found] = await this.#client.xrange(this.#keys.log, `${seq}-0`, `${seq}-0`);
    return found === undefined ? undefined : entryOf(found[1]);
  }

  async #entriesBelow(seq: number): Promise<AuditEntry[]> {
    const page = await this.#client.xrevrange(this.#keys.log, `(${seq}-0`, '-', 'COUNT', CHUNK);
    return page.map(([, fields]) => entryOf(fields));
  }

  /** Sequence of the first entry at or after an instant; times never go back, so it is found by halving. */
  async #firstAt(instant: string): Promise<number> {
    const [last] = await this.#client.xrevrange(this.#keys.log, '+', '-', 'COUNT', 1);
    let low = 1;
    let high = last === undefined ? 1 : sequenceOf(last[0]) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const entry = await this.#entryAt(middle);
      if (entry !== undefined && entry.at < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function actOf(intended: AuditEntry, end: AuditEntry | undefined): AuditAct {
  const { seq, at, actor, action, object, reason, before, request_id, hash } = intended;
  return {
    seq,
    at,
    actor,
    action,
    object,
    reason,
    before,
    after: end?.after ?? null,
    outcome: end === undefined || end.outcome === 'intended' ? 'unfinished' : end.outcome,
    code: end?.code ?? null,
    ended_at: end?.at ?? null,
    request_id,
    hash,
  };
}

function fits({ actor, action, object }: AuditEntry, filter: AuditFilter): boolean {
  if (filter.actor !== undefined && actor.name !== filter.actor) return false;
  if (filter.action !== undefined && action !== filter.action && !action.startsWith(`${filter.action}.`)) return false;
  if (filter.objectKind !== undefined && object.kind !== filter.objectKind) return false;
  return filter.objectId === undefined || object.id === filter.objectId;
}

/** @param fields of a stream entry: `e` and its JSON */
function entryOf(fields: readonly string[]): AuditEntry {
  return JSON.parse(fields[1] ?? '') as AuditEntry;
}

function sequenceOf(streamId: string): number {
  return Number(streamId.split('-')[0]);
}
