import { funderParty } from '../base/ledger-party.ts';
import { importVerificationKey, type KeySpec as TrustKeySpec, type VerificationKey } from '../trust/import-key.ts';
import type { AddressRanges } from './address-ranges.ts';
import type { CounterpartySet, PartyKind, SetOptions } from './counterparty-set.ts';
import { deepFreeze } from './deep-freeze.ts';
import { type EntryPolicy, entryPolicyOf } from './entry-policy.ts';
import type { LinkSpec } from './schema/channels.ts';
import type { Funder } from './schema/funder.ts';
import type { KeySpec } from './schema/keys.ts';
import type { Lender } from './schema/lender.ts';
import type { Operator } from './schema/operator.ts';
import type { Product } from './schema/product.ts';
import type { Terms } from './schema/terms.ts';
import type { TrafficPartner } from './schema/traffic-partner.ts';
import { termsInForce } from './terms-in-force.ts';
import { resolveKey } from './validate-keys.ts';
import { termsKey } from './validate-terms.ts';

/** A product together with the lender that offers it. */
export type RegisteredProduct = Product & { readonly lender_id: string };

export interface RegisteredLink {
  readonly link: LinkSpec;
  readonly partner: TrafficPartner;
}

export interface RegisteredKey {
  readonly party: { readonly kind: 'traffic' | 'lender'; readonly id: string };
  /** As `trust` reads keys; a shared secret is looked up and not enumerable, so it does not end up in logs or JSON. */
  readonly spec: TrustKeySpec;
  /** Ready to verify with; null for a weak key, which only a partner's own standard may prescribe. */
  readonly key: VerificationKey | null;
}

/** All counterparties at one moment: immutable, replaced as a whole when a file changes. */
export interface Registry {
  /** First 12 hex digits of the SHA-256 over all files. */
  readonly revision: string;
  readonly traffic: ReadonlyMap<string, TrafficPartner>;
  readonly lenders: ReadonlyMap<string, Lender>;
  readonly funders: ReadonlyMap<string, Funder>;
  /** By product id, of all lenders. */
  readonly products: ReadonlyMap<string, RegisteredProduct>;
  readonly operator: Operator;
  /** By link code. */
  readonly links: ReadonlyMap<string, RegisteredLink>;
  /** By key id. Keys whose secret variable is absent are left out. */
  readonly keys: ReadonlyMap<string, RegisteredKey>;
  /** By partner id: how the addresses of its links are judged; only of those that sign them. Holds secrets. */
  readonly entryPolicies: ReadonlyMap<string, EntryPolicy>;
  /** By `<party>/<terms id>`; see `termsFingerprint`. */
  readonly termsFingerprints: ReadonlyMap<string, string>;
  /** Addresses of data centres, as far as the operator lists them. */
  readonly dataCentres: AddressRanges;
  /** Ids of all who have a ledger: traffic partners, and funders as `funder:<id>`. */
  readonly ledgerParties: readonly string[];
  /** All versions of all contracts of one of `ledgerParties`; undefined when there is none of this id. */
  contractsOf(partyId: string): readonly FingerprintedTerms[] | undefined;
  /** The version in force at an instant (milliseconds), of a partner's or funder's contract; null when there is none. */
  termsOf(partyId: string, contract: string, atMs: number): Terms | null;
  /** A terms version by its id, whatever its dates. */
  termsById(partyId: string, termsId: string): Terms | null;
  /** The secret that signs callbacks to a partner, looked up; null when it has none. */
  callbackSecretOf(partnerId: string): string | null;
  /** Absolute path of `dialect.ts` in a counterparty's folder; null when it speaks a built-in one. */
  dialectFileOf(kind: PartyKind, id: string): string | null;
}

/** A version with the fingerprint of its content. */
export type FingerprintedTerms = Terms & { readonly fingerprint?: string };

/** What a registry is made from beside the files' contents. */
export interface RegistryParts {
  revision: string;
  termsFingerprints: ReadonlyMap<string, string>;
  /** Absolute paths by `<kind>/<id>`. */
  dialectFiles: ReadonlyMap<string, string>;
  dataCentres: AddressRanges;
}

/** Builds the snapshot of a set that `validateSet` found no error in. */
export function createRegistry(
  set: CounterpartySet,
  variables: SetOptions['variables'],
  parts: RegistryParts,
): Registry {
  const callbackSecrets = new Map(
    set.traffic.map(({ value }) => [
      value.id,
      value.callbacks?.secret ?? variables[value.callbacks?.secret_env ?? ''] ?? null,
    ]),
  );
  const traffic = byId(set.traffic.map(({ value }) => withoutEntrySecrets(withoutSecrets(value))));
  const lenders = byId(set.lenders.map(({ value }) => withoutSecrets(value)));
  const funders = byId(set.funders.map(({ value }) => value));
  const contracts = new Map([
    ...[...traffic.values()].map((partner) => [partner.id, fingerprinted(partner, parts.termsFingerprints)] as const),
    ...[...funders.values()].map(
      (funder) => [funderParty(funder.id), fingerprinted(funder, parts.termsFingerprints)] as const,
    ),
  ]);
  const termsHolder = (id: string) => traffic.get(id) ?? funders.get(id);
  return Object.freeze({
    revision: parts.revision,
    traffic,
    lenders,
    funders,
    products: byId(
      [...lenders.values()].flatMap((lender) =>
        lender.products.map((product) => ({ ...product, lender_id: lender.id })),
      ),
    ),
    operator: deepFreeze(set.operator.value),
    links: new Map(
      [...traffic.values()].flatMap((partner) =>
        partner.links.map((link) => [link.code, Object.freeze({ link, partner })] as const),
      ),
    ),
    keys: new Map([
      ...set.traffic.flatMap(({ value }) => registeredKeys('traffic', value, variables)),
      ...set.lenders.flatMap(({ value }) => registeredKeys('lender', value, variables)),
    ]),
    entryPolicies: new Map(
      set.traffic.flatMap(({ value }): [string, EntryPolicy][] => {
        const policy = entryPolicyOf(value, variables);
        return policy === undefined ? [] : [[value.id, policy]];
      }),
    ),
    termsFingerprints: parts.termsFingerprints,
    dataCentres: parts.dataCentres,
    ledgerParties: Object.freeze([...contracts.keys()]),
    contractsOf: (partyId: string) => contracts.get(partyId),
    termsOf: (partyId: string, contract: string, atMs: number) => {
      const holder = termsHolder(partyId);
      return holder === undefined ? null : termsInForce(holder, contract, atMs);
    },
    termsById: (partyId: string, termsId: string) =>
      termsHolder(partyId)?.terms.find((terms) => terms.id === termsId) ?? null,
    callbackSecretOf: (partnerId: string) => callbackSecrets.get(partnerId) ?? null,
    dialectFileOf: (kind: PartyKind, id: string) => parts.dialectFiles.get(`${kind}/${id}`) ?? null,
  });
}

function byId<T extends { id: string }>(values: readonly T[]): ReadonlyMap<string, T> {
  return new Map(values.map((value) => [value.id, deepFreeze(value)]));
}

/** Drops inline secrets: profiles are shown to people, keys and callback secrets are asked for by name. */
function fingerprinted(
  { id, terms }: Pick<TrafficPartner, 'id' | 'terms'>,
  fingerprints: RegistryParts['termsFingerprints'],
): readonly FingerprintedTerms[] {
  return terms.map((version) => {
    const fingerprint = fingerprints.get(termsKey(id, version.id));
    return Object.freeze(fingerprint === undefined ? { ...version } : { ...version, fingerprint });
  });
}

function withoutSecrets<T extends { keys: KeySpec[]; callbacks?: { secret?: string } }>(party: T): T {
  const keys = party.keys.map(({ secret: _, ...key }) => key);
  if (party.callbacks === undefined) return { ...party, keys };
  const { secret: _, ...callbacks } = party.callbacks;
  return { ...party, keys, callbacks };
}

function withoutEntrySecrets(partner: TrafficPartner): TrafficPartner {
  const keys = partner.entry_links.keys.map(({ secret: _, ...key }) => key);
  return { ...partner, entry_links: { ...partner.entry_links, keys } };
}

function registeredKeys(
  kind: RegisteredKey['party']['kind'],
  party: { id: string; keys: readonly KeySpec[] },
  variables: SetOptions['variables'],
): [string, RegisteredKey][] {
  return party.keys.flatMap((written): [string, RegisteredKey][] => {
    const resolved = resolveKey(written, variables);
    if (resolved === null) return [];
    const read = importVerificationKey(resolved);
    const { secretBase64, ...spec } = resolved;
    const hidden = { value: secretBase64, enumerable: false };
    const registered = {
      party: { kind, id: party.id },
      spec: Object.freeze(Object.defineProperty(spec as TrustKeySpec, 'secretBase64', hidden)),
      key: read.ok ? read.key : null,
    };
    return [[written.id, Object.freeze(registered)]];
  });
}
