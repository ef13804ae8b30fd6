import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../base/clock.ts';
import type { Outbound } from '../outbound/create-outbound.ts';
import { cacheSeconds } from './cache-seconds.ts';
import { type PartyRef, partyText } from './key-record.ts';
import { type JwksKey, type LeftOutKey, readJwks } from './read-jwks.ts';

/** A party that publishes its keys itself. */
export interface JwksParty {
  readonly party: PartyRef;
  readonly url: string;
}

/** A key of a party's JWKS. */
export interface PublishedKey extends JwksKey {
  readonly party: PartyRef;
  /** Since when this party has published this id, as we saw it: who came first keeps an id. Epoch ms. */
  readonly sinceMs: number;
}

export interface JwksCacheDeps {
  readonly outbound: Pick<Outbound, 'fetchBounded'>;
  readonly parties: () => readonly JwksParty[];
  /** Reasons of our own to leave a key out. */
  readonly refuse?: (jwk: Readonly<Record<string, unknown>>) => string | undefined;
  readonly observer: JwksObserver;
  /** Real time, epoch ms. */
  readonly now?: () => number;
}

export interface JwksObserver {
  /** The set in use has changed. */
  changed(): void;
  /** A set could not be had; the last one stays in use for a day. */
  failed(party: PartyRef, reason: string): void;
  leftOut(party: PartyRef, keys: readonly LeftOutKey[]): void;
}

/** Strangers can name any key id: for their sake a set is asked for once in this time at the most. */
export const COOL_DOWN_MS = 30 * SECOND_MS;
/** A set that could not be had is asked for again after this long. */
const RETRY_MS = MINUTE_MS;
/** A set that could not be had for this long is given up: keys that its party has withdrawn must not live on. */
const LAST_GOOD_MS = 24 * HOUR_MS;
const TICK_MS = SECOND_MS;
const ACCEPT = 'application/jwk-set+json, application/json';

interface PartySet extends JwksParty {
  keys: ReadonlyMap<string, PublishedKey>;
  goodAtMs: number;
  dueAtMs: number;
  /** When it was last fetched because of an unknown key id. */
  askedAtMs: number;
  fetching: Promise<void> | undefined;
  /** What was left out when it was last told. */
  told: string;
}

/** The key sets that parties publish at their `jwks_url`, kept fresh in the background. */
export class JwksCache {
  readonly #deps: JwksCacheDeps;
  readonly #now: () => number;
  #sets = new Map<string, PartySet>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: JwksCacheDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
  }

  /** Begins to fetch; nobody waits for it, since a party that is down must not keep the gateway down. */
  start(): void {
    this.sync();
    this.#timer = setInterval(() => this.#fetchDue(), TICK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const waiting = [...this.#sets.values()].map((set) => set.fetching);
    this.#sets = new Map();
    await Promise.all(waiting);
  }

  /** All keys of all sets. */
  keys(): readonly PublishedKey[] {
    return [...this.#sets.values()].flatMap((set) => [...set.keys.values()]);
  }

  /** Takes the parties and URLs as they are now. */
  sync(): void {
    const before = this.#sets;
    this.#sets = new Map(
      this.#deps.parties().map(({ party, url }) => {
        const known = before.get(partyText(party));
        return [partyText(party), known?.url === url ? known : emptySet({ party, url })];
      }),
    );
    this.#deps.observer.changed();
    this.#fetchDue();
  }

  /**
   * A key id that nobody has may be a new one: asks every party of a kind whose cool-down is over, each once however many
   * wait. Resolves as soon as `isFound`, or when all have answered.
   */
  async refreshUnknown(kind: PartyRef['kind'], isFound: () => boolean): Promise<void> {
    const fetches = [...this.#sets.values()].flatMap((set) => (set.party.kind === kind ? this.#ask(set, isFound) : []));
    if (fetches.length === 0) return;
    let left = fetches.length;
    await new Promise<void>((resolve) => {
      const one = (): void => {
        left -= 1;
        if (left === 0 || isFound()) resolve();
      };
      for (const fetching of fetches) void fetching.then(one);
    });
  }

  /** What is under way may have been answered before the key was published: if it does not bring it, it is asked for again. */
  #ask(set: PartySet, isFound: () => boolean): Promise<void>[] {
    const { fetching } = set;
    if (fetching !== undefined) {
      return [fetching.then(() => (isFound() ? undefined : Promise.all(this.#askNow(set)).then(() => undefined)))];
    }
    return this.#askNow(set);
  }

  #askNow(set: PartySet): Promise<void>[] {
    if (set.fetching !== undefined) return [set.fetching];
    if (this.#sets.get(partyText(set.party)) !== set) return [];
    if (this.#now() - set.askedAtMs < COOL_DOWN_MS) return [];
    set.askedAtMs = this.#now();
    return [this.#fetch(set)];
  }

  #fetchDue(): void {
    const nowMs = this.#now();
    for (const set of this.#sets.values()) {
      if (set.fetching === undefined && set.dueAtMs <= nowMs) void this.#fetch(set);
    }
  }

  /** Never rejects. */
  #fetch(set: PartySet): Promise<void> {
    set.fetching = this.#fetchNow(set).finally(() => {
      set.fetching = undefined;
    });
    return set.fetching;
  }

  async #fetchNow(set: PartySet): Promise<void> {
    const answer = await this.#deps.outbound.fetchBounded({ url: set.url, headers: { accept: ACCEPT } });
    if (this.#sets.get(partyText(set.party)) !== set) return;
    if (!answer.ok) return this.#fail(set, answer.detail);
    if (answer.status !== 200) return this.#fail(set, `it answered ${answer.status}`);
    const read = readJwks(answer.body, this.#deps.refuse);
    if (!read.ok) return this.#fail(set, read.reason);
    set.goodAtMs = this.#now();
    set.dueAtMs = set.goodAtMs + cacheSeconds(answer.headers['cache-control']) * SECOND_MS;
    this.#tellLeftOut(set, read.leftOut);
    this.#replace(set, read.keys);
  }

  #fail(set: PartySet, reason: string): void {
    const nowMs = this.#now();
    set.dueAtMs = nowMs + RETRY_MS;
    this.#deps.observer.failed(set.party, reason);
    if (nowMs - set.goodAtMs > LAST_GOOD_MS) this.#replace(set, []);
  }

  #replace(set: PartySet, keys: readonly JwksKey[]): void {
    const before = set.keys;
    const nowMs = this.#now();
    set.keys = new Map(
      keys.map((key) => {
        const known = before.get(key.id);
        if (known?.text === key.text) return [key.id, known];
        return [key.id, { ...key, party: set.party, sinceMs: known?.sinceMs ?? nowMs }];
      }),
    );
    const isSame = before.size === set.keys.size && keys.every(({ id }) => before.get(id) === set.keys.get(id));
    if (!isSame) this.#deps.observer.changed();
  }

  #tellLeftOut(set: PartySet, leftOut: readonly LeftOutKey[]): void {
    const text = JSON.stringify(leftOut);
    if (leftOut.length > 0 && text !== set.told) this.#deps.observer.leftOut(set.party, leftOut);
    set.told = text;
  }
}

function emptySet(party: JwksParty): PartySet {
  return {
    ...party,
    keys: new Map(),
    goodAtMs: 0,
    dueAtMs: 0,
    askedAtMs: Number.NEGATIVE_INFINITY,
    fetching: undefined,
    told: '[]',
  };
}
