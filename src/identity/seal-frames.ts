import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { type Access, type AccessObserver, keyRing, type Opened, type SealingKey } from './seal.ts';

/** Plain bytes of every frame but the last, which has what is left. */
export const FRAME_BYTES = 64 * 1024;
const TAG_BYTES = 16;
/** Bytes of a full frame once it is sealed. */
export const SEALED_FRAME_BYTES = FRAME_BYTES + TAG_BYTES;

const ALGORITHM = 'aes-256-gcm';
const MAGIC = Buffer.from('SLF1');
const SALT_BYTES = 32;
const KEY_BYTES = 32;
const IV_BYTES = 12;
const KEY_ID_MAX_BYTES = 64;

/** A head is at most this long; as many bytes of a beginning are enough to read it. */
export const FRAMES_HEAD_MAX_BYTES = MAGIC.length + 1 + KEY_ID_MAX_BYTES + SALT_BYTES;

/** Seals one sequence of frames; each index once, and one of them, the highest, as the last. */
export interface FrameWriter {
  /** Comes before the first frame. */
  readonly head: Buffer;
  seal(plain: Uint8Array, index: number, isLast: boolean): Buffer;
}

export interface FrameReader {
  /** The frame's plain bytes; undefined when it is not the one that was sealed at this place. */
  open(sealed: Uint8Array, index: number, isLast: boolean): Buffer | undefined;
}

/** Turns frames under an old key into frames under the active one, without showing what is in them. */
export interface FrameMover {
  readonly head: Buffer;
  move(sealed: Uint8Array, index: number, isLast: boolean): Buffer | undefined;
}

/** Seals what is too large to be held as one text: in frames, with the same ring of keys. */
export interface FrameSealer {
  readonly activeId: string;
  /** @param aad names the place that the frames belong to; it is not stored */
  write(aad: string): FrameWriter;
  /**
   * @param head the beginning of what was written; may be longer than the head itself
   * @param access told to the observer with the first frame that opens, and with the first that does not; null = nobody
   * gets to see the bytes (they are only checked), so that this is no access
   */
  read(head: Uint8Array, aad: string, access: Access | null): Opened<FrameReader>;
  move(head: Uint8Array, aad: string): Opened<FrameMover>;
}

/** What a head says: the key's id and its own length; undefined when it is none of ours. */
export function readFramesHead(bytes: Uint8Array): { readonly keyId: string; readonly length: number } | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const idLength = head[MAGIC.length] ?? 0;
  const idAt = MAGIC.length + 1;
  const length = idAt + idLength + SALT_BYTES;
  const keyId = head.toString('latin1', idAt, idAt + idLength);
  if (head.length < length || !/^[A-Za-z0-9_-]{1,64}$/.test(keyId)) return undefined;
  return { keyId, length };
}

/**
 * The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
 * Misuse-Resistance, §7) over AES-256-GCM. The head is `SLF1 ‖ length of key id ‖ key id ‖ salt`; each sequence has a key of
 * its own, HKDF-SHA-256(ring key, salt), so nonces can count: eight bytes index, four bytes "this is the last". What was cut
 * off, added, swapped or moved from another sequence therefore does not open. The head and `aad` are authenticated with
 * every frame.
 *
 * @throws RangeError as `keyRing`, and when the active id has no key
 */
export function createFrameSealer(options: {
  readonly keys: readonly SealingKey[];
  readonly activeId: string;
  readonly onAccess?: AccessObserver;
}): FrameSealer {
  const { activeId, onAccess } = options;
  const ring = keyRing(options.keys);
  const activeKey = ring.get(activeId);
  if (activeKey === undefined) throw new RangeError(`The sealing key ring has no key ${activeId}.`);

  const write: FrameSealer['write'] = (aad) => {
    const head = Buffer.concat([MAGIC, Buffer.from([activeId.length]), Buffer.from(activeId), randomBytes(SALT_BYTES)]);
    const sequence = new Sequence(activeKey, head, aad);
    return { head, seal: (plain, index, isLast) => sequence.seal(plain, index, isLast) };
  };

  const sequenceOf = (bytes: Uint8Array, aad: string): Opened<Sequence> => {
    const read = readFramesHead(bytes);
    if (read === undefined) return { ok: false, code: 'sealed_malformed', message: 'These are no sealed frames.' };
    const { keyId, length } = read;
    const key = ring.get(keyId);
    if (key === undefined) {
      return { ok: false, code: 'key_unknown', keyId, message: `The sealing key ring has no key ${keyId}.` };
    }
    return { ok: true, plain: new Sequence(key, Buffer.from(bytes.subarray(0, length)), aad) };
  };

  const read: FrameSealer['read'] = (head, aad, access) => {
    const sequence = sequenceOf(head, aad);
    if (!sequence.ok) {
      if (sequence.code === 'key_unknown' && access !== null) onAccess?.(access, 'key_unknown');
      return sequence;
    }
    const told = new Set<string>();
    const tell = (outcome: 'opened' | 'sealed_tampered'): void => {
      if (access === null || told.has(outcome)) return;
      told.add(outcome);
      onAccess?.(access, outcome);
    };
    const open: FrameReader['open'] = (sealed, index, isLast) => {
      const plain = sequence.plain.open(sealed, index, isLast);
      tell(plain === undefined ? 'sealed_tampered' : 'opened');
      return plain;
    };
    return { ok: true, plain: { open } };
  };

  const move: FrameSealer['move'] = (head, aad) => {
    const from = sequenceOf(head, aad);
    if (!from.ok) return from;
    const to = write(aad);
    return {
      ok: true,
      plain: {
        head: to.head,
        move: (sealed, index, isLast) => {
          const plain = from.plain.open(sealed, index, isLast);
          return plain === undefined ? undefined : to.seal(plain, index, isLast);
        },
      },
    };
  };

  return { activeId, write, read, move };
}

/** One sequence of frames under a key of its own. */
class Sequence {
  readonly #key: Buffer;
  readonly #bound: Buffer;

  constructor(ringKey: Uint8Array, head: Buffer, aad: string) {
    const salt = head.subarray(-SALT_BYTES);
    this.#key = Buffer.from(hkdfSync('sha256', ringKey, salt, 'sluice frames v1', KEY_BYTES));
    this.#bound = Buffer.concat([head, Buffer.from(`\0${aad}`)]);
  }

  seal(plain: Uint8Array, index: number, isLast: boolean): Buffer {
    const cipher = createCipheriv(ALGORITHM, this.#key, nonceOf(index, isLast), { authTagLength: TAG_BYTES });
    cipher.setAAD(this.#bound);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  open(sealed: Uint8Array, index: number, isLast: boolean): Buffer | undefined {
    if (sealed.length < TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonceOf(index, isLast), { authTagLength: TAG_BYTES });
    decipher.setAAD(this.#bound);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}

function nonceOf(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(IV_BYTES);
  nonce.writeBigUInt64BE(BigInt(index), 0);
  nonce.writeUInt32BE(isLast ? 1 : 0, 8);
  return nonce;
}
