import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawRequest } from '../../src/trust/raw-request.ts';

/** One request that a lender's core has received. */
export interface ReceivedPush {
  readonly path: string;
  readonly key: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** Byte for byte, for whoever checks the signature. */
  readonly raw: RawRequest;
  readonly atMs: number;
}

/** What the core answers; `hang` = nothing at all. */
export type CoreAnswer =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'hang';

export interface FakeCore {
  readonly url: string;
  readonly received: ReceivedPush[];
  close(): Promise<void>;
}

/** A lender's core over real HTTP that answers as it is told. */
export async function startFakeCore(
  answer: (push: ReceivedPush, count: number) => CoreAnswer | Promise<CoreAnswer>,
): Promise<FakeCore> {
  const received: ReceivedPush[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const { headers, url: path = '', method = '', rawHeaders } = request;
      const bytes = Buffer.concat(chunks);
      const body = JSON.parse(bytes.toString()) as Record<string, unknown>;
      const lines = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
      const raw = { method, target: path, headers: lines, body: bytes };
      const push = { path, key: String(headers['idempotency-key']), headers, body, raw, atMs: Date.now() };
      received.push(push);
      const reply = await answer(push, received.length);
      if (reply === 'hang') return;
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      response.end(JSON.stringify(reply.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/core`,
    received,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
