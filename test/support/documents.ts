import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredDocument } from '../../src/applications/documents/document.ts';
import { DocumentFiles } from '../../src/applications/documents/document-files.ts';
import { createDocumentSweeper, type DocumentSweeper } from '../../src/applications/documents/document-sweeper.ts';
import { createFrameSealer } from '../../src/identity/seal-frames.ts';
import { receiveDocument } from '../../src/intake/receive-document.ts';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import type { TestIntake } from './intake.ts';

/** The smallest thing that begins as a JPEG, told apart by a text. */
export function photo(text: string, size = 0): Buffer {
  const head = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);
  return Buffer.concat([head, Buffer.alloc(Math.max(0, size - head.length), text)]);
}

const BOUNDARY = 'a-boundary-of-the-tests';
export const FORM_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

/** The form of an upload, byte for byte; an absent member is left out. */
export function uploadForm({
  kind,
  file,
  type = 'image/jpeg',
}: {
  kind?: string;
  file?: Buffer;
  type?: string;
}): Buffer {
  const part = (head: string, bytes: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), bytes, CRLF]);
  return Buffer.concat([
    ...(kind === undefined ? [] : [part('name="kind"', Buffer.from(kind))]),
    ...(file === undefined ? [] : [part(`name="file"; filename="person.jpg"\r\nContent-Type: ${type}`, file)]),
    Buffer.from(`--${BOUNDARY}--\r\n`),
  ]);
}

const CRLF = Buffer.from('\r\n');

/** Sends a body as it is, signed. */
export async function sendSigned(
  url: string,
  key: SigningKey,
  body?: Buffer,
  type = FORM_TYPE,
): Promise<{ status: number; headers: Headers; bytes: Buffer; json(): Record<string, unknown> }> {
  const method = body === undefined ? 'GET' : 'POST';
  const content: Record<string, string> = body === undefined ? {} : { 'content-type': type };
  const signature = signRequest({ method, url, headers: content, body, key, createdSeconds: Date.now() / 1_000 });
  const payload = body === undefined ? undefined : new Uint8Array(body);
  const response = await fetch(url, { method, headers: { ...content, ...signature }, body: payload });
  const bytes = Buffer.from(await response.arrayBuffer());
  const json = (): Record<string, unknown> => JSON.parse(bytes.toString());
  return { status: response.status, headers: response.headers, bytes, json };
}

export interface TestDocuments {
  readonly root: string;
  readonly files: DocumentFiles;
  readonly sweeper: DocumentSweeper;
  readonly failures: unknown[];
  upload(bytes: Buffer, kind?: string, partnerId?: string): Promise<{ document: StoredDocument; replayed: boolean }>;
  close(): void;
}

/** The folder of documents of an intake, in a place of its own. */
export function openTestDocuments(intake: TestIntake): TestDocuments {
  const root = mkdtempSync(join(tmpdir(), 'sluice-docs-'));
  const keys = [{ id: 'k1', key: Buffer.alloc(32, 1) }];
  const files = new DocumentFiles(root, createFrameSealer({ keys, activeId: 'k1' }));
  const { documents, store, clock, fingerprintKey } = intake.deps;
  const failures: unknown[] = [];
  const share = { index: 1, count: 1 };
  const onError = (error: unknown): void => void failures.push(error);
  return {
    root,
    files,
    sweeper: createDocumentSweeper({ documents, files, store, clock, share, onError }),
    failures,
    upload: (bytes, kind = 'id_front', partnerId = 'acme') =>
      receiveDocument({ documents, files, clock, fingerprintKey }, partnerId, {
        kind,
        contentType: 'image/jpeg',
        bytes,
      }),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}
