import { type KeyObject, randomBytes } from 'node:crypto';
import type { Sealer } from '../identity/seal.ts';
import type { Registry } from '../registry/registry.ts';
import { PUBLISHED_KEYS } from '../registry/validate-keys.ts';
import { importVerificationKey, type VerificationKey } from '../trust/import-key.ts';
import type { KeyAlgorithm } from '../trust/key-algorithm.ts';
import {
  decideNewKey,
  decideRevocation,
  decideRotation,
  type KeyDecision,
  type KeyFault,
  type KeyMaterial,
  type KeySituation,
} from './key-decisions.ts';
import type { PartyRef } from './key-record.ts';
import type { Keyring } from './keyring.ts';
import { isParty, type KnownKey } from './known-keys.ts';
import type { PartyKeys } from './party-keys.ts';

/** RFC 2104 §3: as long as the hash. */
const SECRET_BYTES = 32;

/** A public key as somebody hands it in: one of both. */
export interface GivenKey {
  readonly jwk?: Readonly<Record<string, unknown>>;
  readonly pem?: string;
}

/** Validity, RFC 3339 UTC with milliseconds. */
export interface Validity {
  readonly notBefore?: string;
  readonly notAfter?: string;
}

export type PublicAlgorithm = Exclude<KeyAlgorithm, 'hmac-sha256'>;

export type KeyOutcome<More = object> = ({ readonly ok: true; readonly key: KnownKey } & More) | KeyFault;

/** A secret in base64: shown now and never again. */
export type Issued = { readonly secret: string };
export type Rotated = { readonly secret: string | null; readonly replaced: KnownKey };

interface NextKey {
  readonly ok: true;
  readonly material: KeyMaterial;
  /** Of a shared one. */
  readonly secret: string | null;
  /** Of a public one. */
  readonly keyObject: KeyObject | null;
}

export interface KeyDeskDeps {
  readonly keyring: Keyring;
  readonly partyKeys: PartyKeys;
  readonly registry: { current(): Registry };
  readonly sealer: Pick<Sealer, 'seal'>;
  /** Keys whose private half everybody can read are for the sandbox. */
  readonly refusePublished: boolean;
  /** Real time, epoch ms: signatures are judged by it. */
  readonly now?: () => number;
}

/** What operators do with keys of counterparties. Whatever it answers is in force in this process already. */
export class KeyDesk {
  readonly #deps: KeyDeskDeps;

  constructor(deps: KeyDeskDeps) {
    this.#deps = deps;
  }

  /** Every key of every counterparty, by id. */
  list(): ReadonlyMap<string, KnownKey> {
    return this.#deps.partyKeys.known();
  }

  /** A key by id, also one that another process has made just now. */
  async find(id: string): Promise<KnownKey | undefined> {
    const known = this.list().get(id);
    if (known !== undefined) return known;
    await this.#deps.keyring.refresh();
    return this.list().get(id);
  }

  /** Adds a public key. */
  async add(
    id: string,
    party: PartyRef,
    alg: PublicAlgorithm,
    given: GivenKey,
    validity: Validity,
  ): Promise<KeyOutcome> {
    const read = this.#readPublic(id, alg, given);
    if (!read.ok) return read;
    const material = { pem: pemOf(read.key) };
    const decision = await this.#change((situation) =>
      decideNewKey({ id, party, alg, material, ...validity }, situation),
    );
    return decision.ok ? { ok: true, key: this.#known(id) } : decision;
  }

  /** Makes a shared secret for a party. */
  async issue(id: string, party: PartyRef, validity: Validity): Promise<KeyOutcome<Issued>> {
    const { secret, sealed } = this.#newSecret(id);
    const wanted = { id, party, alg: 'hmac-sha256' as const, material: { sealed }, ...validity };
    const decision = await this.#change((situation) => decideNewKey(wanted, situation));
    return decision.ok ? { ok: true, key: this.#known(id), secret } : decision;
  }

  /**
   * Replaces a key by a new one of the same party and algorithm; both are good for a while.
   * @param given for a key with a public half; a shared secret is made here
   */
  async rotate(oldId: string, newId: string, given: GivenKey, overlapHours: number): Promise<KeyOutcome<Rotated>> {
    const old = await this.find(oldId);
    if (old === undefined) return { ok: false, code: 'not_found', detail: `there is no key ${oldId}` };
    const next = old.alg === 'hmac-sha256' ? this.#nextSecret(newId, given) : this.#nextPublic(newId, old.alg, given);
    if (!next.ok) return next;
    const { material, secret, keyObject } = next;
    const isSameKey = ({ key }: KnownKey) => keyObject !== null && key?.keyObject.equals(keyObject) === true;
    const rotation = { oldId, newId, material, overlapHours, isSameKey };
    const decision = await this.#change((situation) => decideRotation(rotation, situation));
    if (!decision.ok) return decision;
    return { ok: true, key: this.#known(newId), secret, replaced: this.#known(oldId) };
  }

  /** Revokes a key, wherever it is defined; again changes nothing. */
  async revoke(id: string): Promise<KeyOutcome> {
    const decision = await this.#change((situation) => decideRevocation(id, situation));
    return decision.ok ? { ok: true, key: this.#known(id) } : decision;
  }

  #change(decide: (situation: KeySituation) => KeyDecision): Promise<KeyDecision> {
    const { keyring, partyKeys, registry, now = Date.now } = this.#deps;
    const hasParty = (party: PartyRef) => isParty(registry.current(), party);
    return keyring.change((ring) => decide({ ring, known: partyKeys.knownWith(ring), hasParty, nowMs: now() }));
  }

  #readPublic(id: string, alg: KeyAlgorithm, { jwk, pem }: GivenKey) {
    const read = importVerificationKey({ id, alg, jwk, pem });
    if (!read.ok || !this.#deps.refusePublished || read.key.keyObject.asymmetricKeyType === 'rsa-pss') return read;
    const { x } = read.key.keyObject.export({ format: 'jwk' });
    if (x === undefined || !PUBLISHED_KEYS.includes(x)) return read;
    const detail = 'the private half of this key is published: it is for the sandbox only';
    return { ok: false as const, code: 'key_weak' as const, detail };
  }

  #nextPublic(id: string, alg: KeyAlgorithm, given: GivenKey): NextKey | KeyFault {
    const read = this.#readPublic(id, alg, given);
    if (!read.ok) return read;
    return { ok: true, material: { pem: pemOf(read.key) }, secret: null, keyObject: read.key.keyObject };
  }

  #nextSecret(id: string, given: GivenKey): NextKey | KeyFault {
    if (given.jwk !== undefined || given.pem !== undefined) {
      return { ok: false, code: 'key_mismatch', detail: 'a shared secret is replaced by one that is made here' };
    }
    const { secret, sealed } = this.#newSecret(id);
    return { ok: true, material: { sealed }, secret, keyObject: null };
  }

  #newSecret(id: string): { secret: string; sealed: string } {
    const bytes = randomBytes(SECRET_BYTES);
    return { secret: bytes.toString('base64'), sealed: this.#deps.sealer.seal(bytes, id) };
  }

  #known(id: string): KnownKey {
    const key = this.list().get(id);
    if (key === undefined) throw new Error('a key that was just written is not there');
    return key;
  }
}

/** An id for a key that was given none: readable, and new. */
export function makeKeyId(partyId: string, alg: KeyAlgorithm): string {
  return `${partyId}-${SHORT[alg]}-${randomBytes(4).toString('hex')}`;
}

const SHORT: Readonly<Record<KeyAlgorithm, string>> = {
  ed25519: 'ed',
  'ecdsa-p256-sha256': 'p256',
  'rsa-pss-sha512': 'pss',
  'rsa-v1_5-sha256': 'rsa',
  'hmac-sha256': 'hmac',
};

function pemOf({ keyObject }: VerificationKey): string {
  return keyObject.export({ format: 'pem', type: 'spki' }).toString();
}
