import { ReadableStream } from 'node:stream/web';
import { createRoute, z } from '@hono/zod-openapi';
import type { Door } from '../../src/http/app.ts';
import type { SigningParty } from '../../src/http/authenticate.ts';
import { ProblemError } from '../../src/http/problem.ts';
import { verificationKeyOf } from '../../src/trust/import-key.ts';
import { deriveOurKey } from '../../src/trust/our-keys.ts';
import { verifyResponse } from '../../src/trust/verify-response.ts';
import { openDoor } from './open-door.ts';
import { createTinyDoor, signedHeaders, type TinyOptions } from './tiny-door.ts';

const ours = deriveOurKey('a root secret of the tests');
export const ourKeys = { current: () => ours };
const keys = { find: (id: string) => (id === ours.kid ? verificationKeyOf(ours.signingKey) : undefined) };
export const ASK = { 'accept-signature': 'sig=();created;expires;nonce="n";tag="sluice"' };

export type AnyFetch = (url: string, init: RequestInit) => Response | Promise<Response>;

export interface Asking {
  readonly path: string;
  readonly body?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Headers as they are, signed or not, instead of signed ones. */
  readonly plain?: boolean;
}

export interface Exchange {
  readonly response: Response;
  readonly bytes: Uint8Array;
  readonly verdict: string;
}

/** Sends a request, and verifies the answer as its client would. */
export async function exchange(origin: string, send: AnyFetch, asking: Asking): Promise<Exchange> {
  const { path, body, plain, method = body === undefined ? 'GET' : 'POST' } = asking;
  const url = `${origin}${path}`;
  const own = asking.headers ?? ASK;
  const headers = plain ? own : signedHeaders({ method, path, body, origin, headers: own });
  const response = await send(url, { method, headers, body });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const verdict = verifyResponse(
    { status: response.status, headers: response.headers, body: bytes },
    { method, url, headers: Object.entries(headers) },
    { keys, nowSeconds: Date.now() / 1_000 },
  );
  return { response, bytes, verdict: verdict.ok ? 'ok' : verdict.code };
}

const files = createRoute({
  method: 'get',
  path: '/t/stream/{bytes}',
  security: [],
  request: { params: z.object({ bytes: z.string() }) },
  responses: { 200: { description: 'So many bytes', content: { 'text/csv': { schema: z.string() } } } },
});
const broken = createRoute({
  method: 'get',
  path: '/t/broken',
  security: [],
  responses: { 200: { description: 'Breaks off' } },
});
export const empty = createRoute({
  method: 'get',
  path: '/t/empty',
  security: [],
  responses: { 204: { description: 'Nothing' } },
});

const CHUNK = Buffer.alloc(64 * 1_024, 'x');

async function* chunksOf(bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}

async function* breakingOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one line');
  throw new ProblemError('dependency_unavailable');
}

function addStreams(door: Door<SigningParty>): Door<SigningParty> {
  door.openapi(files, (c) => {
    const stream = ReadableStream.from(chunksOf(Number(c.req.valid('param').bytes)));
    return new Response(stream, {
      headers: { 'content-type': 'text/csv', 'content-disposition': 'attachment', 'cache-control': 'private' },
    });
  });
  door.openapi(broken, () => new Response(ReadableStream.from(breakingOff())));
  door.openapi(empty, (c) => c.body(null, 204));
  return door;
}

/** The same door without a socket, and on one. */
export async function doors(
  options: TinyOptions,
  use: (send: AnyFetch, origin: string) => Promise<void>,
): Promise<void> {
  const origin = 'https://gw.example';
  const inMemory = addStreams(createTinyDoor({ ...options, ourKeys }));
  await use((url, init) => inMemory.request(url, init), origin);
  const open = await openDoor(
    ({ publicUrl }) => addStreams(createTinyDoor({ ...options, ourKeys, origins: [publicUrl] })),
    ['t'],
  );
  try {
    await use((url, init) => fetch(url, init), open.origin);
  } finally {
    await open.close();
  }
}
