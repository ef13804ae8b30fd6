import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Access } from '../../../src/identity/seal.ts';
import {
  createFrameSealer,
  FRAME_BYTES,
  FRAMES_HEAD_MAX_BYTES,
  type FrameSealer,
  readFramesHead,
  SEALED_FRAME_BYTES,
} from '../../../src/identity/seal-frames.ts';

const k1 = { id: 'k1', key: Buffer.alloc(32, 1) };
const k2 = { id: 'k2', key: Buffer.alloc(32, 2) };
const old = createFrameSealer({ keys: [k1], activeId: 'k1' });
const both = createFrameSealer({ keys: [k2, k1], activeId: 'k2' });
const AAD = 'doc_1';

/** Head and frames of a content, as a file holds them. */
function sealed(frames: FrameSealer, plain: Buffer, aad = AAD): Buffer {
  const writer = frames.write(aad);
  const last = Math.max(0, Math.ceil(plain.length / FRAME_BYTES) - 1);
  const parts = [writer.head];
  for (let index = 0; index <= last; index += 1) {
    const part = plain.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES);
    parts.push(writer.seal(part, index, index === last));
  }
  return Buffer.concat(parts);
}

/** What can be read of it by its length alone; undefined when anything does not open. */
function opened(frames: FrameSealer, file: Buffer, aad = AAD, access: Access | null = null): Buffer | undefined {
  const head = readFramesHead(file);
  const reader = frames.read(file.subarray(0, FRAMES_HEAD_MAX_BYTES), aad, access);
  if (!reader.ok || head === undefined) return undefined;
  const parts: Buffer[] = [];
  const body = file.subarray(head.length);
  for (let index = 0; ; index += 1) {
    const frame = body.subarray(index * SEALED_FRAME_BYTES, (index + 1) * SEALED_FRAME_BYTES);
    const isLast = (index + 1) * SEALED_FRAME_BYTES >= body.length;
    const plain = reader.plain.open(frame, index, isLast);
    if (plain === undefined) return undefined;
    parts.push(plain);
    if (isLast) return Buffer.concat(parts);
  }
}

const PLAIN = Buffer.alloc(3 * FRAME_BYTES + 777, 'portrait ');
const FILE = sealed(old, PLAIN);
const HEAD = readFramesHead(FILE)?.length ?? 0;

describe('sealed frames', () => {
  test.each([0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES, PLAIN.length])(
    'give back what was sealed: %i bytes',
    (size) => {
      const plain = PLAIN.subarray(0, size);
      expect(opened(old, sealed(old, plain))?.equals(plain)).toBe(true);
    },
  );

  test('never show a byte of the content, and never look the same twice', () => {
    expect(FILE.includes('portrait')).toBe(false);
    expect(sealed(old, PLAIN).subarray(HEAD).equals(FILE.subarray(HEAD))).toBe(false);
  });

  test('do not open once any bit of them is flipped, wherever it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: FILE.length * 8 - 1 }), (bit) => {
        const changed = Buffer.from(FILE);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(opened(old, changed)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
    // The head is small: every bit of it.
    for (let bit = 0; bit < HEAD * 8; bit += 1) {
      const changed = Buffer.from(FILE);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(opened(old, changed), `bit ${bit}`).toBeUndefined();
    }
  });

  test('do not open once they are cut off anywhere, the ends of frames first of all', () => {
    const ends = [0, 1, 2, 3].map((frames) => HEAD + frames * SEALED_FRAME_BYTES);
    for (const end of ends) expect(opened(old, FILE.subarray(0, end)), `${end} bytes`).toBeUndefined();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: FILE.length - 1 }), (end) => {
        expect(opened(old, FILE.subarray(0, end))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('do not open once frames are swapped, repeated, left out or added', () => {
    const frames = [0, 1, 2, 3].map((index) =>
      FILE.subarray(HEAD + index * SEALED_FRAME_BYTES, HEAD + (index + 1) * SEALED_FRAME_BYTES),
    );
    const head = FILE.subarray(0, HEAD);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 }), (order) => {
        fc.pre(order.join() !== '0,1,2,3');
        const file = Buffer.concat([head, ...order.map((index) => frames[index] ?? head)]);
        expect(opened(old, file)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
    expect(opened(old, Buffer.concat([FILE, Buffer.alloc(1)]))).toBeUndefined();
  });

  test('do not open in another place, nor with the head of another sequence', () => {
    expect(opened(old, FILE, 'doc_2')).toBeUndefined();
    const other = sealed(old, PLAIN);
    expect(opened(old, Buffer.concat([other.subarray(0, HEAD), FILE.subarray(HEAD)]))).toBeUndefined();
  });

  test('name their key, and say when the ring has it no more', () => {
    expect(readFramesHead(FILE)).toEqual({ keyId: 'k1', length: HEAD });
    const without = createFrameSealer({ keys: [k2], activeId: 'k2' });
    expect(without.read(FILE, AAD, null)).toMatchObject({ ok: false, code: 'key_unknown', keyId: 'k1' });
    expect(old.read(Buffer.from('nothing of ours, but long enough to hold a head of frames'), AAD, null)).toMatchObject(
      {
        code: 'sealed_malformed',
      },
    );
  });

  test('move to the active key without being shown; a damaged one does not move', () => {
    const mover = both.move(FILE, AAD);
    if (!mover.ok) throw new Error(mover.code);
    const parts: Buffer[] = [mover.plain.head];
    for (let index = 0; index < 4; index += 1) {
      const at = HEAD + index * SEALED_FRAME_BYTES;
      const moved = mover.plain.move(FILE.subarray(at, at + SEALED_FRAME_BYTES), index, index === 3);
      parts.push(moved ?? Buffer.alloc(0));
    }
    const moved = Buffer.concat(parts);
    expect(readFramesHead(moved)?.keyId).toBe('k2');
    expect(opened(createFrameSealer({ keys: [k2], activeId: 'k2' }), moved)?.equals(PLAIN)).toBe(true);
    expect(mover.plain.move(FILE.subarray(HEAD, HEAD + SEALED_FRAME_BYTES), 1, false)).toBeUndefined();
  });

  test('tell of an opening once, of a failure once, and of a check nothing', () => {
    const told: string[] = [];
    const watched = createFrameSealer({
      keys: [k1],
      activeId: 'k1',
      onAccess: ({ purpose, actor }, outcome) => void told.push(`${purpose} ${actor} ${outcome}`),
    });
    const access: Access = { purpose: 'lender_document', applicationId: 'app_1', actor: 'quickcredit' };
    opened(watched, FILE, AAD, null);
    expect(told).toEqual([]);
    opened(watched, FILE, AAD, access);
    expect(told).toEqual(['lender_document quickcredit opened']);
    opened(watched, FILE, 'doc_2', access);
    expect(told.slice(1)).toEqual(['lender_document quickcredit sealed_tampered']);
  });
});
