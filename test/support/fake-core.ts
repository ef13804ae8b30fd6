import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that a lender's core has received. */
export interface ReceivedPush {
  readonly path: string;
  readonly key: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  readonly atMs: number;
}

/** What the core answers; `hang` = nothing at all. */
export type CoreAnswer = { readonly status: number; readonly body?: unknown } | 'hang';

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
      const { headers, url: path = '' } = request;
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const push = { path, key: String(headers['idempotency-key']), headers, body, atMs: Date.now() };
      received.push(push);
      const reply = await answer(push, received.length);
      if (reply === 'hang') return;
      response.writeHead(reply.status, { 'content-type': 'application/json' });
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
