import { DOCUMENT_MAX_BYTES } from '../../applications/documents/document.ts';
import { LargeBodies } from '../../http/large-bodies.ts';
import { type MultipartPart, parseMultipart } from '../../http/multipart.ts';
import { ProblemError } from '../../http/problem.ts';
import { readBody, readWebBody } from '../../http/read-body.ts';
import type { DoorContext } from '../../http/request-context.ts';

/** A form as a browser sent it. */
export interface ReadPost {
  readonly fields: URLSearchParams;
  /** Files by the name of their input; an input without a file is none. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

const URLENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
const FIELDS_MAX_BYTES = 64 * 1024;
/** A few photos of a phone together. */
const FILES_MAX_BYTES = 3 * DOCUMENT_MAX_BYTES + FIELDS_MAX_BYTES;
/** What pages may hold of files at once in this process; the API has its own share. */
const files = new LargeBodies(2 * FILES_MAX_BYTES);

/**
 * Reads a form: urlencoded, or multipart where it has files. Ask only for callers who have shown whose they are.
 * @throws ProblemError `body_too_large`, `unsupported_media_type`, `request_malformed`, `dependency_unavailable`
 */
export async function readPost(c: DoorContext<never>): Promise<ReadPost> {
  const header = c.req.header('content-type') ?? '';
  const type = header.split(';')[0]?.trim().toLowerCase();
  if (type === URLENCODED) {
    const bytes = await bodyOf(c, FIELDS_MAX_BYTES);
    return { fields: new URLSearchParams(Buffer.from(bytes).toString('utf8')), files: new Map() };
  }
  if (type !== MULTIPART) throw new ProblemError('unsupported_media_type', 'must be a form');
  const release = files.hold(c.req.header('content-length'), FILES_MAX_BYTES);
  try {
    const form = parseMultipart(header, await bodyOf(c, FILES_MAX_BYTES));
    if (!form.ok) throw new ProblemError('request_malformed', form.message);
    return ofParts(form.parts);
  } finally {
    release();
  }
}

function ofParts(parts: readonly MultipartPart[]): ReadPost {
  const fields = new URLSearchParams();
  const found = new Map<string, Uint8Array>();
  for (const { name, isFile, bytes } of parts) {
    if (isFile) {
      if (bytes.length > 0) found.set(name, bytes);
    } else fields.append(name, Buffer.from(bytes).toString('utf8'));
  }
  return { fields, files: found };
}

async function bodyOf(c: DoorContext<never>, limit: number): Promise<Uint8Array> {
  const incoming = c.env?.incoming;
  return incoming ? readBody(incoming, limit) : readWebBody(c.req.raw, limit);
}
