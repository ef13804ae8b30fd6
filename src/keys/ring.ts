import type { Sealer } from '../identity/seal.ts';
import { importVerificationKey, type VerificationKey } from '../trust/import-key.ts';
import { type KeyRecord, parseKeyRecord } from './key-record.ts';

/** A record with the key that it holds. */
export interface RingEntry {
  /** As stored. */
  readonly json: string;
  readonly record: KeyRecord;
  /** Ready to verify with; null of an overlay, of a revoked key, and where the secret cannot be opened. */
  readonly key: VerificationKey | null;
}

/** The keyring at one revision: immutable. */
export interface Ring {
  readonly revision: number;
  /** Differs whenever the content may differ, also after a store was set back. */
  readonly tag: string;
  /** By key id. */
  readonly entries: ReadonlyMap<string, RingEntry>;
  /** Ids whose record cannot be read: it may have been a revocation. */
  readonly damaged: ReadonlySet<string>;
}

/** Fields of the hash that are no key ids, which begin with a letter or digit. */
export const REVISION_FIELD = '#revision';
export const WRITE_FIELD = '#write';

export const EMPTY_RING: Ring = {
  revision: 0,
  tag: tagOf(undefined, undefined),
  entries: new Map(),
  damaged: new Set(),
};

/** The tag of a ring from its two fields. */
export function tagOf(revision: string | null | undefined, write: string | null | undefined): string {
  return `${revision ?? '0'} ${write ?? ''}`;
}

export interface RingReading {
  readonly ring: Ring;
  /** Ids whose record is unreadable or whose secret does not open: they verify nothing. */
  readonly unusable: readonly string[];
}

/**
 * Reads the hash of the keyring. Entries whose text has not changed are taken over from `previous`, so that a ring of
 * thousands of keys is read in a moment.
 */
export function readRing(
  fields: Readonly<Record<string, string>>,
  sealer: Pick<Sealer, 'open'>,
  previous: Ring = EMPTY_RING,
): RingReading {
  const { [REVISION_FIELD]: revision, [WRITE_FIELD]: write, ...records } = fields;
  const entries = new Map<string, RingEntry>();
  const damaged = new Set<string>();
  const unusable: string[] = [];
  for (const [id, json] of Object.entries(records)) {
    const before = previous.entries.get(id);
    const entry = before?.json === json ? before : readEntry(id, json, sealer);
    if (entry === undefined) damaged.add(id);
    else entries.set(id, entry);
    if (entry === undefined || (entry.key === null && holdsKey(entry.record))) unusable.push(id);
  }
  return { ring: { revision: Number(revision ?? 0), tag: tagOf(revision, write), entries, damaged }, unusable };
}

function readEntry(id: string, json: string, sealer: Pick<Sealer, 'open'>): RingEntry | undefined {
  const record = parseKeyRecord(json);
  return record === undefined ? undefined : { json, record, key: keyOf(id, record, sealer) };
}

function holdsKey({ sealed, pem, revoked_at }: KeyRecord): boolean {
  return revoked_at === undefined && (sealed !== undefined || pem !== undefined);
}

function keyOf(id: string, record: KeyRecord, sealer: Pick<Sealer, 'open'>): VerificationKey | null {
  const { alg, pem, sealed, not_before: notBefore, not_after: notAfter } = record;
  if (!holdsKey(record)) return null;
  const access = { purpose: 'counterparty_secret', applicationId: null, actor: record.party.id } as const;
  const opened = sealed === undefined ? undefined : sealer.open(sealed, id, access);
  if (opened?.ok === false) return null;
  const secretBase64 = opened?.plain.toString('base64');
  // An end that was moved before the beginning leaves a key that is never valid, not one without bounds.
  const read = importVerificationKey({ id, alg, pem, secretBase64, notBefore, notAfter });
  return read.ok ? read.key : null;
}
