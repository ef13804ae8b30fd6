import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** A file held in memory with what HTTP needs to serve it. */
export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  readonly etag: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
};

/** Reads each file once; undefined for one that does not exist. Names must come from a fixed set or pattern. */
export function createFileCache(): (path: string) => Promise<StaticFile | undefined> {
  const files = new Map<string, StaticFile>();
  return async (path) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const file = await load(path);
    if (file !== undefined) files.set(path, file);
    return file;
  };
}

async function load(path: string): Promise<StaticFile | undefined> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await readFile(path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  return { bytes, contentType: CONTENT_TYPES[extname(path)] ?? 'application/octet-stream', etag };
}

/** The file, or 304 when the client has this very one (RFC 9110 §13.1.2). */
export function serveFile(file: StaticFile, ifNoneMatch: string | undefined, cacheControl: string): Response {
  const headers = { etag: file.etag, 'cache-control': cacheControl, 'x-content-type-options': 'nosniff' };
  const known = ifNoneMatch?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === file.etag);
  if (known) return new Response(null, { status: 304, headers });
  return new Response(file.bytes, { headers: { ...headers, 'content-type': file.contentType } });
}
