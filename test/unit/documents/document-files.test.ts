import { hash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DocumentFiles, DocumentStorageError } from '../../../src/applications/documents/document-files.ts';
import { randomIdInShard } from '../../../src/base/ids.ts';
import type { Access } from '../../../src/identity/seal.ts';
import { createFrameSealer } from '../../../src/identity/seal-frames.ts';

const k1 = { id: 'k1', key: Buffer.alloc(32, 1) };
const k2 = { id: 'k2', key: Buffer.alloc(32, 2) };
const ACCESS: Access = { purpose: 'lender_document', applicationId: null, actor: 'quickcredit' };
const BYTES = randomBytes(150_000);
const EXPECTED = { sha256: hash('sha256', BYTES), bytes: BYTES.length };

let root: string;
let files: DocumentFiles;
let id: string;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'sluice-docs-')), 'documents');
  files = withKeys(k1);
  id = randomIdInShard('doc', 10);
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

function withKeys(...keys: { id: string; key: Buffer }[]): DocumentFiles {
  return new DocumentFiles(root, createFrameSealer({ keys, activeId: keys[0]?.id ?? '' }));
}

const pathOf = (one: string): string => join(root, one.slice(4, 6), one);

async function contentOf(from: DocumentFiles, one = id): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of from.read(one, ACCESS)) parts.push(part);
  return Buffer.concat(parts);
}

describe('the file of a document', () => {
  test('lies under two hex digits and its id, readable by nobody else, alone, and gives its bytes back', async () => {
    await files.write(id, BYTES);
    expect(readdirSync(root)).toEqual([id.slice(4, 6)]);
    expect(readdirSync(join(root, id.slice(4, 6)))).toEqual([id]);
    expect([statSync(pathOf(id)).mode & 0o777, statSync(root).mode & 0o777]).toEqual([0o600, 0o700]);
    expect(await files.check(id, EXPECTED)).toEqual({ kind: 'whole' });
    expect((await contentOf(files)).equals(BYTES)).toBe(true);
    expect(readFileSync(pathOf(id)).includes(BYTES.subarray(0, 32))).toBe(false);
  });

  test('is found out when it is cut, changed, swapped or not what was recorded, before a byte of it is given', async () => {
    await files.write(id, BYTES);
    const whole = readFileSync(pathOf(id));
    const changed = Buffer.from(whole);
    changed[70_000] = (changed[70_000] ?? 0) ^ 1;
    for (const damaged of [whole.subarray(0, 100_000), whole.subarray(0, 20), changed, Buffer.alloc(0)]) {
      writeFileSync(pathOf(id), damaged);
      expect(await files.check(id, EXPECTED)).toEqual({ kind: 'damaged' });
      await expect(contentOf(files)).rejects.toThrow(DocumentStorageError);
    }
    writeFileSync(pathOf(id), whole);
    expect(await files.check(id, { ...EXPECTED, bytes: EXPECTED.bytes - 1 })).toEqual({ kind: 'damaged' });
    const other = randomIdInShard('doc', 10);
    mkdirSync(join(root, other.slice(4, 6)), { recursive: true });
    writeFileSync(pathOf(other), whole);
    expect(await files.check(other, EXPECTED)).toEqual({ kind: 'damaged' });
  });

  test('that cannot be read now is told apart: gone, or under a key that the ring lost', async () => {
    expect(await files.check(id, EXPECTED)).toEqual({ kind: 'missing' });
    await files.write(id, BYTES);
    expect(await withKeys(k2).check(id, EXPECTED)).toEqual({ kind: 'key_unknown', keyId: 'k1' });
  });

  test('is re-sealed in its place, and opens without the old key', async () => {
    await files.write(id, BYTES);
    const both = withKeys(k2, k1);
    expect(await both.keyIdOf(id)).toBe('k1');
    expect(await both.reseal(id, async () => true)).toEqual({ ok: true, plain: true });
    expect(await both.keyIdOf(id)).toBe('k2');
    expect((await contentOf(withKeys(k2))).equals(BYTES)).toBe(true);
    expect(readdirSync(join(root, id.slice(4, 6)))).toEqual([id]);
  });

  test('does not come back when it is removed while it is re-sealed', async () => {
    await files.write(id, BYTES);
    await withKeys(k2, k1).reseal(id, async () => {
      await files.remove(id);
      return false;
    });
    expect(await files.exists(id)).toBe(false);
  });

  test('that is damaged is left as it is by re-sealing, which says why', async () => {
    await files.write(id, BYTES);
    const cut = readFileSync(pathOf(id)).subarray(0, 90_000);
    writeFileSync(pathOf(id), cut);
    expect(await withKeys(k2, k1).reseal(id, async () => true)).toMatchObject({ ok: false, code: 'sealed_tampered' });
    expect(readFileSync(pathOf(id)).equals(cut)).toBe(true);
    expect(readdirSync(join(root, id.slice(4, 6)))).toEqual([id]);
  });

  test('is gone when it is removed, and may be removed again', async () => {
    await files.write(id, BYTES);
    await files.remove(id);
    await files.remove(id);
    expect(await files.exists(id)).toBe(false);
    expect(await files.list(Number.parseInt(id.slice(4, 6), 16))).toEqual([]);
  });

  test('leaves nothing behind when it cannot be written, and the error names no path', async () => {
    rmSync(root, { recursive: true });
    writeFileSync(root, 'not a folder');
    const failure = await files.write(id, BYTES).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DocumentStorageError);
    expect(String(failure)).not.toContain(root);
  });
});
