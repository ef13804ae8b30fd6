import { DAY_MS, isoOf, msOf } from '../../base/clock.ts';
import { randomIdInShard } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { DirtyLink } from './dirty-links.ts';
import type { QualityCode, QualityFinding } from './finding.ts';
import type { Hold } from './hold.ts';
import { type Afresh, NEVER_HELD } from './reading.ts';
import { RING_DAYS } from './traffic-day.ts';

type Names = 'findings' | 'on' | 'times' | 'ofPartner' | 'holds' | 'afresh';
const script = defineScript<Names, boolean>({
  file: new URL('./write-finding.lua', import.meta.url),
  keys: ['findings', 'on', 'times', 'ofPartner', 'holds', 'afresh'],
  reply: (raw) => raw === 1,
});

const SHARD = 0;
/** How long findings can be read. */
export const KEEP_FINDING_MS = 90 * DAY_MS;
const FINDINGS_MAX = 20_000;
/** How long a hold that is over is still asked about: clicks that were kept elsewhere meanwhile are counted late. */
export const REMEMBER_HOLD_MS = 14 * DAY_MS;

/** What changes together with a finding. */
export interface WithFinding {
  readonly hold?: Hold;
  readonly afresh?: Afresh;
}

/** Findings of all partners, the holds that go with them, and from when on links are judged. */
export class FindingStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** An id for a finding that is to be written. */
  newId(): string {
    return randomIdInShard('qly', SHARD);
  }

  /**
   * Writes a finding, and what goes with it.
   * @param before as it was read; null = it is new, and is written only if none of its code is on for the link
   * @returns whether it was written; false = somebody else was first
   */
  write(
    before: QualityFinding | null,
    finding: QualityFinding,
    nowMs: number,
    { hold, afresh }: WithFinding = {},
  ): Promise<boolean> {
    const { id, partner_id, link_code, code } = finding;
    return script.run(
      this.#client,
      {
        findings: this.#name('findings'),
        on: this.#name('on'),
        times: this.#name('times'),
        ofPartner: this.#name('of', partner_id),
        holds: this.#name('holds'),
        afresh: this.#name('afresh'),
      },
      [
        id,
        before === null ? '' : JSON.stringify(before),
        JSON.stringify(finding),
        `${partner_id}|${link_code ?? ''}|${code}`,
        finding.ended_at === null ? '1' : '0',
        msOf(finding.since),
        hold === undefined ? '' : JSON.stringify(hold),
        placeName({ partnerId: partner_id, linkCode: link_code }),
        afresh === undefined ? '' : JSON.stringify(afresh),
        nowMs,
        KEEP_FINDING_MS,
        FINDINGS_MAX,
      ],
    );
  }

  async find(id: string): Promise<QualityFinding | undefined> {
    return (await this.#load([id]))[0];
  }

  /** Findings that are on, of a link or of a partner's links together, by code. */
  async onOf({ partnerId, linkCode }: DirtyLink, codes: readonly QualityCode[]): Promise<QualityFinding[]> {
    const names = codes.map((code) => `${partnerId}|${linkCode ?? ''}|${code}`);
    const ids = await this.#client.hmget(this.#name('on'), ...names);
    return this.#load(ids.filter((id) => id !== null));
  }

  /** All that are on. */
  async on(): Promise<QualityFinding[]> {
    return this.#load(await this.#client.hvals(this.#name('on')));
  }

  /** Findings of one partner, or of all, the latest first, as long as they are kept. */
  async list(partnerId: string | undefined, nowMs: number): Promise<QualityFinding[]> {
    const name = partnerId === undefined ? this.#name('times') : this.#name('of', partnerId);
    return this.#load(await this.#client.zrange(name, '+inf', nowMs - KEEP_FINDING_MS, 'BYSCORE', 'REV'));
  }

  /** Holds that may still be asked about. */
  async holds(): Promise<Hold[]> {
    const stored = await this.#client.hvals(this.#name('holds'));
    return stored.map((text) => JSON.parse(text) as Hold);
  }

  /** Forgets a hold that nobody asks about any more. */
  async forgetHold(id: string): Promise<void> {
    await this.#client.hdel(this.#name('holds'), id);
  }

  async holdOf(findingId: string): Promise<Hold | undefined> {
    const text = await this.#client.hget(this.#name('holds'), findingId);
    return text === null ? undefined : (JSON.parse(text) as Hold);
  }

  /** Notes that a hold's clicks have all been made billable. */
  async noteRestored(hold: Hold): Promise<void> {
    await this.#client.hset(this.#name('holds'), hold.id, JSON.stringify({ ...hold, restored: true } satisfies Hold));
  }

  /** From when on a link is judged; what is older than its past says nothing any more. */
  async afreshOf(place: DirtyLink, today: number): Promise<Afresh> {
    const text = await this.#client.hget(this.#name('afresh'), placeName(place));
    if (text === null) return NEVER_HELD;
    const afresh = JSON.parse(text) as Afresh;
    if (afresh.day >= today - RING_DAYS || afresh.heldDays.some((day) => day >= today - RING_DAYS)) return afresh;
    await this.#client.hdel(this.#name('afresh'), placeName(place));
    return NEVER_HELD;
  }

  async #load(ids: readonly string[]): Promise<QualityFinding[]> {
    if (ids.length === 0) return [];
    const stored = await this.#client.hmget(this.#name('findings'), ...ids);
    return stored.flatMap((text) => (text ? [JSON.parse(text) as QualityFinding] : []));
  }

  #name(...rest: readonly string[]): string {
    return this.#keys.shard(SHARD, 'quality', ...rest);
  }
}

/** A finding that is over. */
export function ended(finding: QualityFinding, atMs: number): QualityFinding {
  return { ...finding, ended_at: isoOf(atMs) };
}

function placeName({ partnerId, linkCode }: DirtyLink): string {
  return `${partnerId}|${linkCode ?? ''}`;
}
