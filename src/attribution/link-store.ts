import { createHash } from 'node:crypto';
import { shardOfText } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { LinkSpec } from '../registry/schema/channels.ts';

/** A link that a partner made over the API. It is never changed. */
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
  readonly created_at: string;
}

export type NewLink = Omit<StoredLink, 'code' | 'created_at'> & { readonly code?: string };

export type CreateLinkResult =
  | { readonly kind: 'created' | 'exists'; readonly link: StoredLink }
  /** The code leads somewhere else, or belongs to another partner. */
  | { readonly kind: 'taken'; readonly code: string };

/** Links kept in memory; the least recently used leave first. */
const REMEMBERED = 10_000;
const CODE_LENGTH = 10;

/** Links made over the API, in front of Redis a bounded memory: a link that is clicked costs no look-up. */
export class LinkStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #remembered = new Map<string, StoredLink>();

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Makes a link. The same wish again gives the same link, also without a code, which then follows from the wish.
   * @param createdAt RFC 3339
   */
  async create(wish: NewLink, createdAt: string): Promise<CreateLinkResult> {
    const code = wish.code ?? codeOf(wish);
    const link: StoredLink = { ...wish, code, created_at: createdAt };
    const isNew = await this.#client.setnx(this.#key(code), JSON.stringify(link));
    const stored = isNew === 1 ? link : await this.find(code);
    if (!stored || wishText(stored) !== wishText(link)) return { kind: 'taken', code };
    // A crash before this line is healed by the retry, which finds the link and comes here again.
    await this.#client.sadd(this.#keys.partner(wish.partner_id, 'links'), code);
    return { kind: isNew === 1 ? 'created' : 'exists', link: stored };
  }

  /** A partner's links, oldest first. */
  async list(partnerId: string): Promise<StoredLink[]> {
    const codes = await this.#client.smembers(this.#keys.partner(partnerId, 'links'));
    const links = await Promise.all(codes.map((code) => this.find(code)));
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
    const text = await this.#client.get(this.#key(code));
    if (text === null) return undefined;
    const link = JSON.parse(text) as StoredLink;
    this.#remembered.set(code, link);
    if (this.#remembered.size > REMEMBERED) {
      const oldest = this.#remembered.keys().next();
      if (!oldest.done) this.#remembered.delete(oldest.value);
    }
    return link;
  }

  #key(code: string): string {
    return this.#keys.shard(shardOfText(code), 'link', code);
  }
}

function codeOf(wish: NewLink): string {
  const digest = createHash('sha256').update(wishText(wish)).digest('hex');
  return `${wish.product_id.slice(0, 20)}-${digest.slice(0, CODE_LENGTH)}`;
}

function wishText(wish: NewLink): string {
  const { partner_id, product_id, landing, fallback_url, caps, same_visitor_hours, pass, params, host } = wish;
  return JSON.stringify([
    [partner_id, product_id, landing, fallback_url],
    sorted(caps),
    [same_visitor_hours, [...pass].sort(), sorted(params), host],
  ]);
}

function sorted(record: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(record).sort(([a], [b]) => compare(a, b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
