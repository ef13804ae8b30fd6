import { timingSafeEqual } from 'node:crypto';
import { SECOND_MS } from '../../base/clock.ts';
import type { EntryPolicy } from '../../registry/entry-policy.ts';
import { ENTRY_PARAMETERS, entrySignature } from '../../trust/entry-link.ts';
import { isKeyCurrent } from '../../trust/import-key.ts';

/**
 * What can be wrong with the address by which somebody arrives. `key_unknown` is a key that nobody has, that another partner
 * has, or that is not good now: which one is told to nobody.
 */
export const ENTRY_FAULTS = ['unsigned', 'malformed', 'key_unknown', 'invalid', 'expired', 'expires_too_late'] as const;
export type EntryFault = (typeof ENTRY_FAULTS)[number];

export interface EntryVerdict {
  readonly fault: EntryFault;
  /** Whether the visitor is to be sent elsewhere; false = the fault is only counted. */
  readonly isEnforced: boolean;
}

/** The link that somebody arrives by. */
export interface EnteredLink {
  readonly code: string;
  /** Parameters beside the sub ids that go along to its landing. */
  readonly pass: readonly string[];
}

/** How far the clocks of two sides may be apart. */
const SKEW_SECONDS = 30;
const SUB_ID = /^sub([1-9]|10)$/;
const EXPIRES = /^[1-9]\d{0,10}$/;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SIGNATURE = /^[A-Za-z0-9_-]{43}$/;

/**
 * Judges the address by which somebody arrives at a link. Signed are the link, the time, the key's id, the sub ids and the
 * parameters that go along: none of them can be changed, added or taken away. Whatever else stands in the address goes no
 * further and is not signed, so that networks may add marks of their own.
 * @param policy of the link's partner; undefined = its links need no signature
 * @param rawQuery what follows the `?`
 * @param nowMs real time: the partner's clock is
 * @returns what is wrong; null when nothing is, or nobody asks
 */
export function judgeEntry(
  policy: EntryPolicy | undefined,
  link: EnteredLink,
  rawQuery: string,
  nowMs: number,
): EntryVerdict | null {
  if (policy === undefined) return null;
  const fault = faultOf(policy, link, rawQuery, nowMs / SECOND_MS);
  return fault === null ? null : { fault, isEnforced: policy.mode === 'enforce' };
}

function faultOf(policy: EntryPolicy, link: EnteredLink, rawQuery: string, nowSeconds: number): EntryFault | null {
  const read = readQuery(link, rawQuery);
  if (read === undefined) return 'malformed';
  const { keyId, expires, signature, parameters } = read;
  if (keyId === '' && expires === '' && signature === '') return 'unsigned';
  if (!KEY_ID.test(keyId) || !EXPIRES.test(expires) || !SIGNATURE.test(signature)) return 'malformed';
  const key = policy.keys.get(keyId);
  if (key === undefined || !isKeyCurrent(key, nowSeconds)) return 'key_unknown';
  const expected = entrySignature(key.keyObject, { code: link.code, keyId, expires, parameters });
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) return 'invalid';
  const until = Number(expires);
  if (nowSeconds > until + SKEW_SECONDS) return 'expired';
  return until > nowSeconds + policy.maxAgeSeconds + SKEW_SECONDS ? 'expires_too_late' : null;
}

interface SignedQuery {
  /** Empty where there is none. */
  readonly keyId: string;
  readonly expires: string;
  readonly signature: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** What the signature is about; undefined when a part of it stands there twice, since then it says two things. */
function readQuery({ pass }: EnteredLink, rawQuery: string): SignedQuery | undefined {
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const isOwn = ENTRY_PARAMETERS.includes(name);
    if (!isOwn && !SUB_ID.test(name) && !pass.includes(name)) continue;
    if (found.has(name)) return undefined;
    found.set(name, value);
  }
  const parameters = [...found].filter(([name, value]) => value !== '' && !ENTRY_PARAMETERS.includes(name));
  return {
    keyId: found.get('kid') ?? '',
    expires: found.get('exp') ?? '',
    signature: found.get('sig') ?? '',
    parameters: new Map(parameters),
  };
}
