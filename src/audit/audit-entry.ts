import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import canonicalize from 'canonicalize';

/** `intended` is written before an act; `done` or `failed` after it, and names the entry that announced it. */
export type AuditOutcome = 'intended' | 'done' | 'failed';

/** Who acts: an operator by name and role, a counterparty by id, or a part of the gateway itself. */
export interface AuditActor {
  readonly name: string;
  readonly role: 'admin' | 'finance' | 'risk' | 'support' | 'partner' | 'lender' | 'system';
}

/** What is acted upon. The id is one of ours, a name or a reference: never an identity. */
export interface AuditObject {
  /** `^[a-z][a-z_]{1,31}$`, such as `period`. */
  readonly kind: string;
  /** At most 200 characters. */
  readonly id: string;
}

/** A small redacted look at the object: what matters of it, nothing that names a person, no secret. */
export type AuditView = { readonly [field: string]: AuditValue };
export type AuditValue = string | number | boolean | null | readonly AuditValue[] | AuditView;

/** One link of the chain, as stored and exported. */
export interface AuditEntry {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  /** Real time, RFC 3339 UTC; never before that of the entry before. */
  readonly at: string;
  readonly actor: AuditActor;
  /** `<what>.<verb>`, such as `period.lock`. */
  readonly action: string;
  readonly object: AuditObject;
  /** In the actor's words; null when none was given. */
  readonly reason: string | null;
  readonly before: AuditView | null;
  /** Of `done` alone. */
  readonly after: AuditView | null;
  readonly outcome: AuditOutcome;
  /** Of `failed`: the problem's code. */
  readonly code: string | null;
  /** Of `done` and `failed`: seq of the entry that announced the act. */
  readonly intent: number | null;
  /** The request or run that acted. */
  readonly request_id: string;
  /** Hash of the entry before, `AUDIT_GENESIS_HASH` on the first. */
  readonly previous_hash: string;
  /** SHA-256 over the RFC 8785 form of all above: anybody can check it. */
  readonly hash: string;
  /** HMAC-SHA-256 over `hash` under a key of the root secret: only a gateway can make it. */
  readonly mac: string;
}

/** An entry before it has its place in the chain. */
export type AuditDraft = Omit<AuditEntry, 'seq' | 'at' | 'previous_hash' | 'hash' | 'mac'>;

/** Where the chain stands. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
  /** `at` of the last entry, null of an empty chain. */
  readonly at: string | null;
}

export const AUDIT_GENESIS_HASH = '0'.repeat(64);
export const AUDIT_GENESIS: AuditHead = { seq: 0, hash: AUDIT_GENESIS_HASH, at: null };

/** What `deriveKey` makes the key of the MACs for. */
export const AUDIT_KEY_PURPOSE = 'audit/mac/1';

/**
 * Links a draft to the head of the chain.
 * @param now RFC 3339; an earlier instant than the head's becomes the head's, so that times and sequence agree
 */
export function sealAuditEntry(head: AuditHead, draft: AuditDraft, now: string, key: Uint8Array): AuditEntry {
  const at = head.at !== null && head.at > now ? head.at : now;
  const linked = { seq: head.seq + 1, at, ...draft, previous_hash: head.hash };
  const hash = hashAuditEntry(linked);
  return { ...linked, hash, mac: macOf(hash, key) };
}

/** SHA-256 (hex) over the RFC 8785 form of the entry without `hash` and `mac`; `previous_hash` is covered. */
export function hashAuditEntry(entry: Omit<AuditEntry, 'hash' | 'mac'>): string {
  const { hash: _hash, mac: _mac, ...covered } = entry as AuditEntry;
  return createHash('sha256').update(canonicalText(covered)).digest('hex');
}

/** The RFC 8785 form of an entry: what is stored and exported, one line. */
export function canonicalText(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('an audit entry must be a JSON object');
  return text;
}

export type AuditFault = 'seq_gap' | 'previous_hash_mismatch' | 'hash_mismatch' | 'mac_mismatch' | 'time_goes_back';

/** What is wrong with one link, null when nothing. */
export function checkAuditLink(head: AuditHead, entry: AuditEntry, key: Uint8Array): AuditFault | null {
  if (entry.seq !== head.seq + 1) return 'seq_gap';
  if (entry.previous_hash !== head.hash) return 'previous_hash_mismatch';
  if (entry.hash !== hashAuditEntry(entry)) return 'hash_mismatch';
  if (!isMacOf(entry.mac, entry.hash, key)) return 'mac_mismatch';
  if (head.at !== null && entry.at < head.at) return 'time_goes_back';
  return null;
}

/** Whether a gateway that knows the root secret made this hash. */
export function isMacOf(mac: unknown, hash: string, key: Uint8Array): boolean {
  const expected = Buffer.from(macOf(hash, key));
  const given = Buffer.from(typeof mac === 'string' ? mac : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function macOf(hash: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(`entry|${hash}`).digest('hex');
}
