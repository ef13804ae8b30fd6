import type { Registry } from '../registry/registry.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { VerificationKey } from '../trust/import-key.ts';
import type { KeyDirectory } from '../trust/verify-request.ts';
import type { PublishedKey } from './jwks-cache.ts';
import type { PartyRef } from './key-record.ts';
import { type IgnoredKey, type KnownKey, type KnownKeys, mergeKeys } from './known-keys.ts';
import { EMPTY_RING, type Ring } from './ring.ts';

export interface PartyKeysDeps {
  readonly registry: { current(): Registry };
  /** Absent = no keys but those of files. */
  readonly ring?: () => Ring;
  readonly published?: () => readonly PublishedKey[];
  /** Told once of each key that another one's id keeps out. */
  readonly ignored?: (key: IgnoredKey) => void;
}

interface Found<P> {
  readonly key: VerificationKey;
  readonly party: P;
}

/**
 * The keys of counterparties as the doors look them up: worked out when a source changes, so that a request costs one look
 * into one map. A lender's key is as unknown among those of traffic partners as nobody's, and so is a revoked one.
 */
export class PartyKeys {
  readonly #deps: PartyKeysDeps;
  readonly #told = new Set<string>();
  #registry: Registry | undefined;
  #known: KnownKeys = { byId: new Map(), ignored: [] };
  #traffic: ReadonlyMap<string, Found<TrafficPartner>> = new Map();
  #lenders: ReadonlyMap<string, Found<Lender>> = new Map();

  constructor(deps: PartyKeysDeps) {
    this.#deps = deps;
  }

  /** Keys of traffic partners. */
  readonly traffic: KeyDirectory<TrafficPartner> = {
    find: (keyId) => {
      if (this.#deps.registry.current() !== this.#registry) this.#merge();
      return this.#traffic.get(keyId);
    },
  };

  /** Keys of lenders. */
  readonly lenders: KeyDirectory<Lender> = {
    find: (keyId) => {
      if (this.#deps.registry.current() !== this.#registry) this.#merge();
      return this.#lenders.get(keyId);
    },
  };

  /** Every key, also those that verify nothing now. */
  known(): ReadonlyMap<string, KnownKey> {
    if (this.#deps.registry.current() !== this.#registry) this.#merge();
    return this.#known.byId;
  }

  /** What is known with another ring than the one in use: for a decision about what the store holds. */
  knownWith(ring: Ring): ReadonlyMap<string, KnownKey> {
    const { registry, published } = this.#deps;
    return mergeKeys({ registry: registry.current(), ring, published: published?.() ?? [] }).byId;
  }

  /** The keys of one party. */
  of(party: PartyRef): readonly KnownKey[] {
    return [...this.known().values()].filter((key) => key.party.kind === party.kind && key.party.id === party.id);
  }

  /** The ring or a key set has changed. */
  changed(): void {
    this.#merge();
  }

  #merge(): void {
    const { registry: source, ring, published, ignored } = this.#deps;
    const registry = source.current();
    this.#known = mergeKeys({ registry, ring: ring?.() ?? EMPTY_RING, published: published?.() ?? [] });
    this.#traffic = usable(this.#known, 'traffic', registry.traffic);
    this.#lenders = usable(this.#known, 'lender', registry.lenders);
    this.#registry = registry;
    for (const key of this.#known.ignored) {
      const text = JSON.stringify(key);
      if (!this.#told.has(text)) ignored?.(key);
    }
    this.#told.clear();
    for (const key of this.#known.ignored) this.#told.add(JSON.stringify(key));
  }
}

function usable<P>(
  { byId }: KnownKeys,
  kind: PartyRef['kind'],
  parties: ReadonlyMap<string, P>,
): ReadonlyMap<string, Found<P>> {
  const found = new Map<string, Found<P>>();
  for (const { id, key, party } of byId.values()) {
    const owner = party.kind === kind ? parties.get(party.id) : undefined;
    if (key !== null && owner !== undefined) found.set(id, Object.freeze({ key, party: owner }));
  }
  return found;
}
