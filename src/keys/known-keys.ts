import type { RegisteredKey, Registry } from '../registry/registry.ts';
import type { VerificationKey } from '../trust/import-key.ts';
import type { KeyAlgorithm } from '../trust/key-algorithm.ts';
import type { PublishedKey } from './jwks-cache.ts';
import { type KeyRecord, type KeySource, type PartyRef, partyText } from './key-record.ts';
import type { Ring, RingEntry } from './ring.ts';

/** All that is known of one key of a counterparty, wherever it is defined. Instants are RFC 3339 UTC with milliseconds. */
export interface KnownKey {
  readonly id: string;
  readonly party: PartyRef;
  readonly source: KeySource;
  readonly alg: KeyAlgorithm;
  readonly notBefore: string | null;
  /** The earliest end that anybody has set. */
  readonly notAfter: string | null;
  readonly revokedAt: string | null;
  readonly replaces: string | null;
  readonly replacedBy: string | null;
  /** To verify with, ending at `notAfter`; null when it cannot be used: weak by a standard of the partner's own, revoked. */
  readonly key: VerificationKey | null;
}

/** A key that is there a second time, under the id of another party's or of a file's key: the first one counts. */
export interface IgnoredKey {
  readonly id: string;
  readonly party: PartyRef;
  readonly source: KeySource;
  readonly owner: PartyRef;
}

export interface KnownKeys {
  readonly byId: ReadonlyMap<string, KnownKey>;
  readonly ignored: readonly IgnoredKey[];
}

export interface KeySources {
  readonly registry: Pick<Registry, 'keys' | 'traffic' | 'lenders'>;
  readonly ring: Ring;
  readonly published: readonly PublishedKey[];
}

/**
 * One directory out of the three places that keys come from. An id belongs to the file that has it, else to the ring, else to
 * the party that was first to publish it; whoever comes later is left out and reported. A revocation counts wherever the key
 * is defined, also when it comes back somewhere else; a record that cannot be read may be one, so its id verifies nothing.
 */
export function mergeKeys({ registry, ring, published }: KeySources): KnownKeys {
  const byId = new Map<string, KnownKey>();
  const ignored: IgnoredKey[] = [];
  const add = (key: KnownKey): void => {
    byId.set(key.id, ring.damaged.has(key.id) ? { ...key, key: null } : key);
  };
  for (const [id, registered] of registry.keys) add(fromFile(id, registered, ring.entries.get(id)));
  for (const [id, entry] of ring.entries) {
    const { party, source } = entry.record;
    if (source === 'file' || source === 'jwks') continue;
    const owner = byId.get(id);
    if (owner !== undefined) ignored.push({ id, party, source, owner: owner.party });
    else if (isParty(registry, party)) byId.set(id, fromRing(id, entry));
  }
  const inOrder = [...published].sort(
    (a, b) => a.sinceMs - b.sinceMs || compare(partyText(a.party), partyText(b.party)),
  );
  for (const key of inOrder) {
    const owner = byId.get(key.id);
    if (owner === undefined) add(fromJwks(key, ring.entries.get(key.id)));
    else if (partyText(owner.party) !== partyText(key.party)) {
      ignored.push({ id: key.id, party: key.party, source: 'jwks', owner: owner.party });
    }
  }
  return { byId, ignored };
}

/** Whether the files name such a counterparty. */
export function isParty({ traffic, lenders }: Pick<Registry, 'traffic' | 'lenders'>, { kind, id }: PartyRef): boolean {
  return (kind === 'traffic' ? traffic : lenders).has(id);
}

function fromFile(id: string, { party, spec, key }: RegisteredKey, entry: RingEntry | undefined): KnownKey {
  const notBefore = instantOf(spec.notBefore);
  return overlaid(
    { id, party, source: 'file', alg: spec.alg, notBefore, notAfter: instantOf(spec.notAfter) },
    key,
    entry,
  );
}

function fromJwks({ id, party, key }: PublishedKey, entry: RingEntry | undefined): KnownKey {
  return overlaid({ id, party, source: 'jwks', alg: key.alg, notBefore: null, notAfter: null }, key, entry);
}

function fromRing(id: string, { record, key }: RingEntry): KnownKey {
  const { party, source, alg, not_before: notBefore = null, not_after: notAfter = null } = record;
  return { id, party, source, alg, notBefore, notAfter, ...fateOf(record), key };
}

type Defined = Pick<KnownKey, 'id' | 'party' | 'source' | 'alg' | 'notBefore' | 'notAfter'>;

function overlaid(defined: Defined, key: VerificationKey | null, entry: RingEntry | undefined): KnownKey {
  if (entry === undefined) return { ...defined, revokedAt: null, replaces: null, replacedBy: null, key };
  const { record } = entry;
  if (record.revoked_at !== undefined) return { ...defined, ...fateOf(record), key: null };
  const isOverlay = record.source === defined.source && partyText(record.party) === partyText(defined.party);
  // Another key of the same id has a fate of its own.
  if (!isOverlay) return { ...defined, revokedAt: null, replaces: null, replacedBy: null, key };
  const notAfter = earlier(defined.notAfter, record.not_after ?? null);
  const ended = key === null || notAfter === null ? key : { ...key, notAfterSeconds: Date.parse(notAfter) / 1_000 };
  return { ...defined, notAfter, ...fateOf(record), key: ended };
}

function fateOf(record: KeyRecord): Pick<KnownKey, 'revokedAt' | 'replaces' | 'replacedBy'> {
  const { revoked_at: revokedAt = null, replaces = null, replaced_by: replacedBy = null } = record;
  return { revokedAt, replaces, replacedBy };
}

function instantOf(given: string | number | undefined): string | null {
  if (given === undefined) return null;
  return new Date(typeof given === 'number' ? given * 1_000 : given).toISOString();
}

function earlier(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
