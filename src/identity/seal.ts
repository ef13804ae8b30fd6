import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A key of the ring: 32 bytes under an id that sealed texts carry. */
export type SealingKey = { id: string; key: Uint8Array };

/** What opening answers. `key_unknown` names the id, so that an operator can bring the retired key back. */
export type Opened<T> =
  | { ok: true; plain: T }
  | { ok: false; code: 'sealed_malformed' | 'sealed_tampered'; message: string }
  | { ok: false; code: 'key_unknown'; keyId: string; message: string };

/** Why sealed data is opened; one word for each use of it. */
export type AccessPurpose =
  | 'lender_push'
  | 'lender_document'
  | 'draw_down'
  | 'supplement'
  | 'card_binding'
  /** To find the person in a text of a counterparty that is kept in the open. */
  | 'text_cleaning'
  | 'operator_export'
  | 'hosted_page'
  | 'handoff_return'
  | 'counterparty_secret'
  /** The caller did not say; nothing in the product may leave it at that. */
  | 'unstated';

/** Who opens what, and why. Ids only: it is logged. */
export interface Access {
  readonly purpose: AccessPurpose;
  /** The application whose data it is; null when it is none's. */
  readonly applicationId: string | null;
  /** The party or operator for whom it is opened; null = our own work. */
  readonly actor: string | null;
}

/** Told of every opening, whatever came of it. */
export type AccessObserver = (access: Access, outcome: 'opened' | 'sealed_tampered' | 'key_unknown') => void;

export type Sealer = {
  /** Id of the key that seals. */
  readonly activeId: string;
  /** Ids of all keys that open. */
  readonly keyIds: readonly string[];
  /** Seals bytes, or an object as JSON, under the active key. `aad` names the place it belongs to; it is not stored. */
  seal(plain: Uint8Array | object, aad: string): string;
  /** Opens with whichever key of the ring the text names; the same `aad` must be given. Every opening is told the observer. */
  open(sealed: string, aad: string, access?: Access): Opened<Buffer>;
  /** Opens what was sealed from an object. */
  openJson(sealed: string, aad: string, access?: Access): Opened<unknown>;
  /**
   * The same data sealed under the active key; the text itself when it is that already. Nobody gets to see the data, so
   * this is no access.
   */
  resealText(sealed: string, aad: string): Opened<string>;
};

const VERSION = 'v1';
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** NIST SP 800-38D §8.2.2: random nonces of 96 bits; a key must be rotated long before 2³² seals. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^v1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/** Enough of a sealed text's beginning to tell its key. */
export const KEY_ID_PREFIX_LENGTH = 68;

/** The id of the key that a text (or its first `KEY_ID_PREFIX_LENGTH` characters) is sealed under; undefined = it is none. */
export function keyIdOf(sealed: string): string | undefined {
  return /^v1\.([A-Za-z0-9_-]{1,64})\./.exec(sealed)?.[1];
}

/**
 * AES-256-GCM with a key ring. A sealed text is `v1.<key id>.<iv>.<ciphertext and tag>`, base64url without padding. Version
 * and key id are authenticated together with `aad`, so a text moved to another record, or relabelled, does not open.
 *
 * @throws RangeError when a key is not 32 bytes, an id is not `[A-Za-z0-9_-]{1,64}`, ids repeat, or the active id has no key
 */
export function createSealer(options: {
  keys: readonly SealingKey[];
  activeId: string;
  onAccess?: AccessObserver;
}): Sealer {
  const ring = keyRing(options.keys);
  const activeKey = ring.get(options.activeId);
  if (activeKey === undefined) throw new RangeError(`The sealing key ring has no key ${options.activeId}.`);

  const seal: Sealer['seal'] = (plain, aad) => {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, activeKey, iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(options.activeId, aad));
    const bytes = plain instanceof Uint8Array ? plain : Buffer.from(JSON.stringify(plain));
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${options.activeId}.${iv.toString('base64url')}.${sealed.toString('base64url')}`;
  };

  const unseal = (sealed: string, aad: string): Opened<Buffer> => {
    const [, keyId, ivText, bodyText] = SEALED.exec(sealed) ?? [];
    if (keyId === undefined || ivText === undefined || bodyText === undefined) return malformed();
    const iv = Buffer.from(ivText, 'base64url');
    const body = Buffer.from(bodyText, 'base64url');
    // The last character of a base64url text has unused bits: only the canonical spelling is ours.
    if (body.toString('base64url') !== bodyText) return malformed();
    const key = ring.get(keyId);
    if (key === undefined) {
      return { ok: false, code: 'key_unknown', keyId, message: `The sealing key ring has no key ${keyId}.` };
    }
    const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(keyId, aad));
    decipher.setAuthTag(body.subarray(-TAG_BYTES));
    try {
      return { ok: true, plain: Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]) };
    } catch {
      return {
        ok: false,
        code: 'sealed_tampered',
        message: 'The sealed text was changed, or belongs to another record.',
      };
    }
  };

  const open: Sealer['open'] = (sealed, aad, access = UNSTATED) => {
    const opened = unseal(sealed, aad);
    // What is no sealed text at all holds nobody's data.
    if (opened.ok) options.onAccess?.(access, 'opened');
    else if (opened.code !== 'sealed_malformed') options.onAccess?.(access, opened.code);
    return opened;
  };

  const openJson: Sealer['openJson'] = (sealed, aad, access) => {
    const opened = open(sealed, aad, access);
    if (!opened.ok) return opened;
    try {
      return { ok: true, plain: JSON.parse(opened.plain.toString()) };
    } catch {
      return malformed();
    }
  };

  const resealText: Sealer['resealText'] = (sealed, aad) => {
    if (keyIdOf(sealed) === options.activeId) return { ok: true, plain: sealed };
    const opened = unseal(sealed, aad);
    return opened.ok ? { ok: true, plain: seal(opened.plain, aad) } : opened;
  };

  return { activeId: options.activeId, keyIds: [...ring.keys()], seal, open, openJson, resealText };
}

const UNSTATED: Access = { purpose: 'unstated', applicationId: null, actor: null };

/**
 * Keys by their ids.
 * @throws RangeError when a key is not 32 bytes, an id is not `[A-Za-z0-9_-]{1,64}`, or ids repeat
 */
export function keyRing(keys: readonly SealingKey[]): ReadonlyMap<string, Uint8Array> {
  const ring = new Map<string, Uint8Array>();
  for (const { id, key } of keys) {
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(id))
      throw new RangeError(`Sealing key id "${id}" must match [A-Za-z0-9_-]{1,64}.`);
    if (key.length !== KEY_BYTES) throw new RangeError(`Sealing key ${id} must be ${KEY_BYTES} bytes.`);
    if (ring.has(id)) throw new RangeError(`Sealing key id ${id} is given twice.`);
    ring.set(id, key);
  }
  return ring;
}

function boundTo(keyId: string, aad: string): Buffer {
  return Buffer.from(`${VERSION}.${keyId}\0${aad}`);
}

function malformed(): { ok: false; code: 'sealed_malformed'; message: string } {
  return { ok: false, code: 'sealed_malformed', message: 'The text is not a sealed text of this version.' };
}
