import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import { verificationKeyOf } from '../../src/trust/import-key.ts';
import { toPublicNames } from '../../src/trust/public-names.ts';
import { checkRawRequest } from '../../src/trust/raw-request.ts';
import { nativePolicy } from '../../src/trust/signature-policy.ts';
import { verifyRequest } from '../../src/trust/verify-request.ts';

export interface PostedEvent {
  readonly id: string;
  readonly type: string;
  readonly occurred_at: string;
  readonly application_id?: string;
  readonly loan_id?: string;
  readonly lender_ref?: string;
  readonly data: Record<string, unknown>;
}

export interface EventsDoor {
  readonly url: string;
  /** Every event in the order in which it was posted. */
  readonly events: PostedEvent[];
  /** Sizes of the requests in bytes. */
  readonly requestBytes: number[];
  /** What the next requests meet instead of an answer; consumed one by one. `cut` = the connection ends, after it was read. */
  readonly failures: (number | 'cut')[];
  /** Daily totals in the order in which they came, by day. */
  readonly totals: { readonly day: string; readonly body: Record<string, unknown> }[];
  /** What daily totals are answered; 404 = a gateway without that route. */
  totalsStatus: number;
  /** Days that the door has not come to. */
  isToCome: (day: string) => boolean;
  /** Result of each event; applied unless it says otherwise. */
  judge: (event: PostedEvent) => { result: string; code?: string };
  close(): Promise<void>;
}

/** The gateway's `/lender/v1/events` for a test: checks the lender's signature, notes the events. */
export async function startEventsDoor(rootSecret: string, lenderId: string): Promise<EventsDoor> {
  const key = verificationKeyOf(sandboxSigningKey(rootSecret, lenderId));
  const directory = { find: (id: string) => (id === key.id ? { key, party: lenderId } : undefined) };
  let origin = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const headers: [string, string][] = [];
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        headers.push([request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '']);
      }
      const raw = { method: request.method ?? '', target: request.url ?? '', headers, body };
      const checked = checkRawRequest(raw, toPublicNames([origin]));
      const signed = checked.ok && verifyRequest(checked, nativePolicy, directory, Date.now() / 1000).ok;
      const day = /\/daily-totals\/(.*)$/.exec(request.url ?? '')?.[1];
      if (signed && day !== undefined) {
        if (door.isToCome(day)) {
          response.writeHead(422, { 'content-type': 'application/problem+json' });
          return response.end('{"errors":[{"pointer":"/date","code":"out_of_range"}]}');
        }
        if (door.totalsStatus === 200) door.totals.push({ day, body: JSON.parse(body.toString()) });
        response.writeHead(door.totalsStatus, { 'content-type': 'application/json' });
        return response.end('{"matches":true,"differences":[]}');
      }
      const failure = signed ? door.failures.shift() : 401;
      if (failure === 'cut') {
        // It was taken, and the answer is lost.
        door.events.push(...(JSON.parse(body.toString()) as { events: PostedEvent[] }).events);
        return request.socket.destroy();
      }
      response.writeHead(failure ?? 200, { 'content-type': 'application/json' });
      if (failure !== undefined) return response.end('{}');
      const { events } = JSON.parse(body.toString()) as { events: PostedEvent[] };
      door.requestBytes.push(body.length);
      door.events.push(...events);
      return response.end(JSON.stringify({ results: events.map((event) => ({ id: event.id, ...door.judge(event) })) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const door: EventsDoor = {
    url: `${origin}/lender/v1/events`,
    events: [],
    requestBytes: [],
    failures: [],
    totals: [],
    totalsStatus: 404,
    isToCome: () => false,
    judge: () => ({ result: 'applied' }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return door;
}
