import { createHash } from 'node:crypto';
import { shardOfText } from '../base/ids.ts';
import { mapBounded } from '../base/map-bounded.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { LinkSpec } from '../registry/schema/channels.ts';
import type { Variant } from '../registry/schema/variants.ts';
import { LinkPauses } from './link-pauses.ts';

/** A link that a partner made over the API. Where it leads is never changed: it has been shared. */
export interface StoredLink {
  readonly code: string;
  readonly partner_id: string;
  readonly product_id: string;
  /** `hosted` or an https URL. */
  readonly landing: string;
  readonly fallback_url: string | null;
  readonly caps: LinkSpec['caps'];
  readonly same_visitor_hours: number;
  readonly pass: string[];
  readonly params: Record<string, string>;
  readonly host: string | null;
  /** The partner's own name for it; absent = it has none. */
  readonly label?: string | null;
  /** Absent = there are none. */
  readonly variants?: readonly Variant[];
  readonly created_at: string;
}

export type NewLink = Omit<StoredLink, 'code' | 'created_at'> & { readonly code?: string };

export type CreateLinkResult =
  | { readonly kind: 'created'; readonly link: StoredLink }
  | { readonly kind: 'exists'; readonly link: StoredLink }
  /** The code leads somewhere else, or belongs to another partner. */
  | { readonly kind: 'taken'; readonly code: string }
  /** The partner has {@link LINKS_MAX} links. */
  | { readonly kind: 'too_many' };

/** Links that one partner may make: enough for every shop of a chain, and a list of them is still read at once. */
export const LINKS_MAX = 10_000;
/** Links kept in memory; the least recently used leave first. */
const REMEMBERED = 10_000;
/** Of those, links that may be there before anybody has clicked them. */
const WARMED = REMEMBERED / 2;
/** Links of a list read at one time. */
const READ_AT_ONCE = 500;
const CODE_LENGTH = 10;

/** Links made over the API, in front of Redis a bounded memory: a link that is clicked costs no look-up. */
export class LinkStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #remembered = new Map<string, StoredLink>();
  /** Which links are switched off, agreed ones too. */
  readonly pauses: LinkPauses;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
    this.pauses = new LinkPauses(client, keys);
  }

  /**
   * Makes a link. The same wish again gives the same link, also without a code, which then follows from the wish.
   * @param createdAt RFC 3339
   */
  async create(wish: NewLink, createdAt: string): Promise<CreateLinkResult> {
    const code = wish.code ?? codeOf(wish);
    const link: StoredLink = { ...wish, code, created_at: createdAt };
    const known = await this.#client.scard(this.#keys.partner(wish.partner_id, 'links'));
    if (known >= LINKS_MAX && (await this.find(code)) === undefined) return { kind: 'too_many' };
    const isNew = await this.#client.setnx(this.#key(code), JSON.stringify(link));
    const stored = isNew === 1 ? link : await this.find(code);
    if (!stored || wishText(stored) !== wishText(link)) return { kind: 'taken', code };
    // A crash before this line is healed by the retry, which finds the link and comes here again.
    await this.#client.sadd(this.#keys.partner(wish.partner_id, 'links'), code);
    return { kind: isNew === 1 ? 'created' : 'exists', link: stored };
  }

  /** A partner's links, oldest first. Those that nobody clicks stay out of the memory. */
  async list(partnerId: string): Promise<StoredLink[]> {
    const codes = await this.#client.smembers(this.#keys.partner(partnerId, 'links'));
    const links = await mapBounded(codes, READ_AT_ONCE, async (code) => this.#remembered.get(code) ?? this.#read(code));
    return links
      .filter((link) => link !== undefined)
      .sort((a, b) => (a.created_at === b.created_at ? compare(a.code, b.code) : compare(a.created_at, b.created_at)));
  }

  /** A link that is in memory; undefined says nothing about Redis. */
  remembered(code: string): StoredLink | undefined {
    const link = this.#remembered.get(code);
    if (link !== undefined) {
      this.#remembered.delete(code);
      this.#remembered.set(code, link);
    }
    return link;
  }

  async find(code: string): Promise<StoredLink | undefined> {
    const known = this.remembered(code);
    if (known !== undefined) return known;
    const link = await this.#read(code);
    if (link === undefined) return undefined;
    this.#remembered.set(code, link);
    if (this.#remembered.size > REMEMBERED) {
      const oldest = this.#remembered.keys().next();
      if (!oldest.done) this.#remembered.delete(oldest.value);
    }
    return link;
  }

  /**
   * Puts links into memory while half of it is free, so that they lead somewhere also while Redis is away. Links in use are
   * there already, and stay.
   */
  async warm(partnerIds: Iterable<string>): Promise<void> {
    for (const partnerId of partnerIds) {
      const room = WARMED - this.#remembered.size;
      if (room <= 0) return;
      const codes = await this.#client.smembers(this.#keys.partner(partnerId, 'links'));
      const missing = codes.filter((code) => !this.#remembered.has(code)).slice(0, room);
      const links = await mapBounded(missing, READ_AT_ONCE, (code) => this.#read(code));
      for (const link of links) if (link !== undefined) this.#remembered.set(link.code, link);
    }
  }

  async #read(code: string): Promise<StoredLink | undefined> {
    const text = await this.#client.get(this.#key(code));
    return text === null ? undefined : { ...BEFORE, ...(JSON.parse(text) as StoredLink) };
  }

  #key(code: string): string {
    return this.#keys.shard(shardOfText(code), 'link', code);
  }
}

/** What a link has that was made before these could be said. */
const BEFORE = { same_visitor_hours: 1, pass: [], params: {}, host: null } as const;

function codeOf(wish: NewLink): string {
  const digest = createHash('sha256').update(wishText(wish)).digest('hex');
  return `${wish.product_id.slice(0, 20)}-${digest.slice(0, CODE_LENGTH)}`;
}

function wishText(wish: NewLink): string {
  const { partner_id, product_id, landing, fallback_url, caps, same_visitor_hours, pass, params, host, label } = wish;
  return JSON.stringify([
    [partner_id, product_id, landing, fallback_url],
    sorted(caps),
    [same_visitor_hours, [...pass].sort(), sorted(params), host],
    ...(label ? [label] : []),
    ...(wish.variants?.length ? [JSON.stringify(wish.variants)] : []),
  ]);
}

function sorted(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).sort(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
