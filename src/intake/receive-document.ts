import { createHash, createHmac } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type StoredDocument, UPLOAD_LIFETIME_MS } from '../applications/documents/document.ts';
import type { DocumentFiles } from '../applications/documents/document-files.ts';
import type { DocumentRecords } from '../applications/documents/document-records.ts';
import type { DocumentContentType } from '../applications/documents/sniff-content-type.ts';
import type { Clock } from '../base/clock.ts';

export interface ReceiveDocumentDeps {
  readonly documents: DocumentRecords;
  readonly files: Pick<DocumentFiles, 'write' | 'exists' | 'remove'>;
  readonly fingerprintKey: Uint8Array;
  readonly clock: Clock;
  /** Asked before bytes are stored that were not there; throws when no more may be. Absent = any number. */
  readonly mayStore?: (bytes: number) => Promise<void>;
}

/** A file as it arrives; what it is has been checked. */
export interface DocumentInput {
  readonly kind: string;
  readonly contentType: DocumentContentType;
  readonly bytes: Uint8Array;
}

/**
 * Stores a document. First the file, durable, then its record: what is answered is there, and a crash in between leaves a file
 * that nobody was told of, which the sweep removes. The same bytes as the same kind from the same partner are the same document
 * while it is not over; they wait for an application as long again.
 * @throws DocumentStorageError when it cannot be stored now; what `mayStore` throws
 */
export async function receiveDocument(
  deps: ReceiveDocumentDeps,
  partnerId: string,
  { kind, contentType, bytes }: DocumentInput,
): Promise<{ readonly document: StoredDocument; readonly replayed: boolean }> {
  const { documents, files, clock } = deps;
  const sha256 = await hashOf(bytes);
  // Keyed: whoever has a photo must not find out from our keys whether it was sent in.
  const token = createHmac('sha256', deps.fingerprintKey)
    .update(`document\0${partnerId}\0${kind}\0${sha256}`)
    .digest('base64url');
  const nowMs = clock.nowMs();
  const expiresMs = nowMs + UPLOAD_LIFETIME_MS;
  const content = { partnerId, kind, sha256, contentType, bytes: bytes.length, expiresMs };
  const same = await documents.findSame(token, content, nowMs);
  if (same !== undefined) {
    // The sender has the bytes at hand: a file that was lost under its record is made good.
    if (!(await files.exists(same))) await files.write(same, bytes);
    return { document: { id: same, ...content }, replayed: true };
  }
  await deps.mayStore?.(bytes.length);
  const id = documents.newId(token);
  await files.write(id, bytes);
  const recorded = await documents.put(token, id, content, nowMs);
  if (recorded !== id) await files.remove(id);
  return { document: { id: recorded, ...content }, replayed: recorded !== id };
}

/** Other requests have their turn after this many bytes: about two milliseconds. */
const HASHED_AT_ONCE = 1024 * 1024;

async function hashOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += HASHED_AT_ONCE) {
    if (at > 0) await nextTurn();
    hash.update(bytes.subarray(at, at + HASHED_AT_ONCE));
  }
  return hash.digest('hex');
}
