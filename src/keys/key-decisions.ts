import { HOUR_MS, isoOf } from '../base/clock.ts';
import type { KeyAlgorithm } from '../trust/key-algorithm.ts';
import type { KeyRefusal } from '../trust/key-strength.ts';
import { type KeyRecord, type PartyRef, partyText } from './key-record.ts';
import { keyStatus } from './key-status.ts';
import type { KnownKey } from './known-keys.ts';
import type { Ring } from './ring.ts';

/** What a key is made of: a public one as PEM (SubjectPublicKeyInfo), a shared secret as a sealed text. */
export type KeyMaterial = { readonly pem: string } | { readonly sealed: string };

export interface NewKey {
  readonly id: string;
  readonly party: PartyRef;
  readonly alg: KeyAlgorithm;
  readonly material: KeyMaterial;
  /** RFC 3339 UTC with milliseconds. */
  readonly notBefore?: string;
  readonly notAfter?: string;
}

export type KeyFaultCode =
  | KeyRefusal['code']
  | 'not_found'
  | 'unknown_party'
  | 'key_id_taken'
  | 'rotation_open'
  | 'key_ended'
  | 'key_unchanged'
  | 'key_elsewhere';

export interface KeyFault {
  readonly ok: false;
  readonly code: KeyFaultCode;
  /** For the operator; never repeats the material. */
  readonly detail: string;
}

/** Records to write, by key id. */
export type KeyDecision = { readonly ok: true; readonly records: ReadonlyMap<string, KeyRecord> } | KeyFault;

export interface KeySituation {
  /** As the store holds it. */
  readonly ring: Ring;
  /** All keys with that ring. */
  readonly known: ReadonlyMap<string, KnownKey>;
  readonly hasParty: (party: PartyRef) => boolean;
  /** Real time, epoch ms. */
  readonly nowMs: number;
}

/** Whether a new key may come into the ring. */
export function decideNewKey(wanted: NewKey, situation: KeySituation): KeyDecision {
  const { id, party, notBefore, notAfter } = wanted;
  if (!situation.hasParty(party)) return fault('unknown_party', `there is no ${party.kind} counterparty ${party.id}`);
  if (isUsed(id, situation)) return idTaken(id);
  if (notAfter !== undefined && Date.parse(notAfter) <= situation.nowMs) {
    return fault('key_window_invalid', 'not_after must lie in the future');
  }
  if (notBefore !== undefined && notAfter !== undefined && Date.parse(notBefore) >= Date.parse(notAfter)) {
    return fault('key_window_invalid', 'not_after must be later than not_before');
  }
  return { ok: true, records: new Map([[id, newRecord(wanted, situation.nowMs)]]) };
}

export interface Rotation {
  readonly oldId: string;
  readonly newId: string;
  readonly material: KeyMaterial;
  /** How long the old key stays good beside the new one; 0 = not at all. */
  readonly overlapHours: number;
  /** Whether the new key is the old one again. */
  readonly isSameKey: (old: KnownKey) => boolean;
}

/** Whether a key may be replaced by a new one. One rotation at a time: which of three keys is meant is nobody's guess. */
export function decideRotation(rotation: Rotation, situation: KeySituation): KeyDecision {
  const { oldId, newId, material } = rotation;
  const { known, ring, nowMs } = situation;
  const old = known.get(oldId);
  if (old === undefined) return notFound(oldId);
  if (old.source === 'jwks')
    return fault('key_elsewhere', `${oldId} stands in the JWKS of its party, who rotates it there`);
  const status = keyStatus(old, nowMs);
  if (status === 'revoked' || status === 'expired') {
    return fault('key_ended', `the key ${oldId} is ${status}; add or issue a new one instead`);
  }
  if (ring.damaged.has(oldId)) return fault('key_ended', `what is kept of ${oldId} cannot be read; revoke it`);
  const open = openRotation(old, known, nowMs);
  if (open !== undefined) {
    return fault('rotation_open', `${open.id} is good until ${open.notAfter}, beside the key that replaced it`);
  }
  if (isUsed(newId, situation)) return idTaken(newId);
  if (rotation.isSameKey(old)) return fault('key_unchanged', 'this is the key that is to be replaced');
  const { party, alg } = old;
  const endIso = isoOf(nowMs + rotation.overlapHours * HOUR_MS);
  const notAfter = old.notAfter !== null && old.notAfter < endIso ? old.notAfter : endIso;
  const next = newRecord({ id: newId, party, alg, material }, nowMs);
  return {
    ok: true,
    records: new Map([
      [oldId, { ...recordOf(old, ring, nowMs), not_after: notAfter, replaced_by: newId }],
      [newId, { ...next, replaces: oldId }],
    ]),
  };
}

/** Ends a key for good. A key that is revoked already stays as it is. */
export function decideRevocation(id: string, { known, ring, nowMs }: KeySituation): KeyDecision {
  const key = known.get(id);
  if (key === undefined) return notFound(id);
  if (key.revokedAt !== null) return { ok: true, records: new Map() };
  // A secret that verifies nothing any more is not worth keeping.
  const { sealed: _, ...record } = recordOf(key, ring, nowMs);
  return { ok: true, records: new Map([[id, { ...record, revoked_at: isoOf(nowMs) }]]) };
}

/** The key whose overlap is not over: this one after it was replaced, or the one that this one has replaced. */
function openRotation(key: KnownKey, known: ReadonlyMap<string, KnownKey>, nowMs: number): KnownKey | undefined {
  const successor = key.replacedBy === null ? undefined : known.get(key.replacedBy);
  // A successor that was revoked has replaced nothing.
  if (successor !== undefined && successor.revokedAt === null) return key;
  const predecessor = key.replaces === null ? undefined : known.get(key.replaces);
  if (predecessor === undefined) return undefined;
  const status = keyStatus(predecessor, nowMs);
  return status === 'revoked' || status === 'expired' ? undefined : predecessor;
}

/** Ids are never given twice, not even that of a key whose party is gone. */
function isUsed(id: string, { known, ring }: KeySituation): boolean {
  return known.has(id) || ring.entries.has(id) || ring.damaged.has(id);
}

/** What the ring holds of a key, else an overlay that says nothing yet. */
function recordOf({ id, party, source, alg }: KnownKey, ring: Ring, nowMs: number): KeyRecord {
  const record = ring.entries.get(id)?.record;
  const isIts = record?.source === source && partyText(record.party) === partyText(party);
  return isIts ? record : { party, source, alg, created_at: isoOf(nowMs) };
}

function newRecord({ party, alg, material, notBefore, notAfter }: NewKey, nowMs: number): KeyRecord {
  const source = 'sealed' in material ? 'issued' : 'added';
  return { party, source, alg, ...material, not_before: notBefore, not_after: notAfter, created_at: isoOf(nowMs) };
}

function notFound(id: string): KeyFault {
  return fault('not_found', `there is no key ${id}`);
}

function idTaken(id: string): KeyFault {
  return fault('key_id_taken', `the key id ${id} is in use, or was; choose another`);
}

function fault(code: KeyFaultCode, detail: string): KeyFault {
  return { ok: false, code, detail };
}
