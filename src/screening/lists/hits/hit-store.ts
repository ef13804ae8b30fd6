import { type Clock, isoOf } from '../../../base/clock.ts';
import { ALL_SHARDS, shardOfId } from '../../../base/ids.ts';
import { isBefore } from '../../../events/log.ts';
import type { RedisClient } from '../../../redis/connection.ts';
import type { Keyspace } from '../../../redis/keyspace.ts';
import type { DetailStore } from '../detail-store.ts';
import type { HitDraft, HitSubject, ListHit } from './list-hit.ts';

export interface HitDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly clock: Clock;
  readonly details: Pick<DetailStore, 'refs'>;
}

export interface HitFilter {
  readonly entryId?: string | undefined;
  readonly applicationId?: string | undefined;
}

export interface HitPage {
  readonly data: readonly ListHit[];
  /** null = these were the oldest that are kept. */
  readonly nextCursor: string | null;
}

/** Hits that a shard keeps: 128 000 in all. Those of an application are kept with it as well, so none of them is lost. */
const KEPT_A_SHARD = 2_000;
/** As long as what is said about a refusal may be asked for. */
const KEPT_SECONDS = 400 * 86_400;
const READ_AT_ONCE = 500;
const CURSOR = /^(\d{1,20}-\d{1,20})\.(\d{1,2})$/;

interface Kept {
  readonly position: string;
  readonly shard: number;
  readonly hit: ListHit;
}

/** Which entries had a part in which decisions: bounded, and without identities. */
export class HitStore {
  readonly #deps: HitDeps;

  constructor(deps: HitDeps) {
    this.#deps = deps;
  }

  /**
   * Keeps the hits of one decision. For an application, recording again changes nothing and none is lost: await it, and
   * record before the decision is told. For a precheck it may be left to itself; the commands go out in the caller's tick
   * when every entry's id is known.
   */
  async record(subject: HitSubject, drafts: readonly HitDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    const at = isoOf(this.#deps.clock.nowMs());
    await Promise.all(drafts.map((draft) => this.#recordOne(subject, draft, at)));
  }

  /** Hits, newest first. With neither filter all that are kept; with both, those of the application by that entry. */
  async list(filter: HitFilter, cursor: string | undefined, limit: number): Promise<HitPage | undefined> {
    const { entryId, applicationId } = filter;
    if (applicationId !== undefined)
      return { data: await this.ofApplication(applicationId, entryId), nextCursor: null };
    const after = cursor === undefined ? undefined : readCursor(cursor);
    if (cursor !== undefined && after === undefined) return undefined;
    const shards = entryId === undefined ? ALL_SHARDS : [shardOfId(entryId)];
    const found = await Promise.all(shards.map((shard) => this.#read(shard, after, limit + 1, entryId)));
    const all = found.flat().sort((a, b) => (isEarlier(a, b) ? 1 : -1));
    const page = all.slice(0, limit);
    const last = page.at(-1);
    const isLast = last === undefined || all.length <= limit;
    return { data: page.map(({ hit }) => hit), nextCursor: isLast ? null : `${last.position}.${last.shard}` };
  }

  /** The hits of an application, all of them. */
  async ofApplication(applicationId: string, entryId?: string): Promise<ListHit[]> {
    const all = await this.#deps.client.hvals(this.#ownKey(applicationId));
    const hits = all.map((text) => JSON.parse(text) as ListHit);
    return hits.filter((hit) => entryId === undefined || hit.entry_id === entryId);
  }

  /** Applications in whose decision an entry had a part, as far as its hits are still kept. */
  async applicationsOf(entryId: string): Promise<Set<string>> {
    const kept = await this.#read(shardOfId(entryId), undefined, KEPT_A_SHARD * 2, entryId);
    return new Set(kept.flatMap(({ hit }) => hit.application_id ?? []));
  }

  async #recordOne(subject: HitSubject, draft: HitDraft, at: string): Promise<void> {
    const { client, keys, details } = this.#deps;
    const { list, scope, reason, effect } = draft;
    const entryId = draft.place === null ? draft.entryId : ((await details.refs([draft.place]))[0]?.id ?? null);
    const application = 'applicationId' in subject ? subject.applicationId : null;
    const precheck = 'precheckId' in subject ? subject.precheckId : null;
    const named = { application_id: application, precheck_id: precheck, entry_id: entryId };
    const text = JSON.stringify({ at, ...named, list, scope, reason, effect } satisfies ListHit);
    if (application !== null) {
      const key = this.#ownKey(application);
      const isNew = await client.hsetnx(key, `${entryId ?? ''}|${list}|${scope}|${effect}`, text);
      if (isNew === 0) return;
      await client.expire(key, KEPT_SECONDS);
    }
    const shard = shardOfId(entryId ?? application ?? precheck ?? '');
    await client.xadd(keys.shard(shard, 'listhits'), 'MAXLEN', '~', KEPT_A_SHARD, '*', 'h', text);
  }

  /** Up to `count` hits of a shard that come after a place, newest first. */
  async #read(shard: number, after: Place | undefined, count: number, entryId?: string): Promise<Kept[]> {
    const { client, keys } = this.#deps;
    const found: Kept[] = [];
    let end = after?.position ?? '+';
    for (;;) {
      const size = entryId === undefined ? Math.min(count + 1, READ_AT_ONCE) : READ_AT_ONCE;
      const entries = await client.xrevrange(keys.shard(shard, 'listhits'), end, '-', 'COUNT', size);
      for (const [position, [, text = '{}']] of entries) {
        const kept = { position, shard, hit: JSON.parse(text) as ListHit };
        const isWanted = entryId === undefined || kept.hit.entry_id === entryId;
        if (isWanted && (after === undefined || isEarlier(kept, after))) found.push(kept);
      }
      const last = entries.at(-1)?.[0];
      if (found.length >= count || entries.length < size || last === undefined) return found.slice(0, count);
      end = `(${last}`;
    }
  }

  #ownKey(applicationId: string): string {
    return this.#deps.keys.shard(shardOfId(applicationId), 'listhits', applicationId);
  }
}

interface Place {
  readonly position: string;
  readonly shard: number;
}

function readCursor(cursor: string): Place | undefined {
  const [, position, shard] = CURSOR.exec(cursor) ?? [];
  return position === undefined ? undefined : { position, shard: Number(shard) };
}

/** Hits have a total order: by place in their streams, then by shard. */
function isEarlier(a: Place, b: Place): boolean {
  return a.position === b.position ? a.shard < b.shard : isBefore(a.position, b.position);
}
