import type { KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A party's own server of its JWKS, on loopback. */
export interface KeyServer {
  readonly url: string;
  /** How often it was asked. */
  asked: number;
  /** Public keys by kid. */
  keys: Record<string, KeyObject>;
  /** How it answers; the keys, unless a test says otherwise. */
  answer: RequestListener;
  close(): void;
}

export async function startKeyServer(): Promise<KeyServer> {
  const own = { asked: 0, keys: {} as Record<string, KeyObject>, answer: (() => undefined) as RequestListener };
  own.answer = (_request, response) => {
    const keys = Object.entries(own.keys).map(([kid, key]) => ({ ...key.export({ format: 'jwk' }), kid }));
    response.setHeader('cache-control', 'max-age=300').end(JSON.stringify({ keys }));
  };
  const server = createServer((request, response) => {
    own.asked += 1;
    own.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return Object.assign(own, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`, close });
}
