import { Agent, request } from 'undici';
import { SECOND_MS } from '../base/clock.ts';
import type { SigningKey } from '../trust/import-key.ts';
import { signRequest } from '../trust/sign-message.ts';

export interface GatewayReply {
  readonly status: number;
  readonly body: string;
}

/** A gateway that hangs is left after this much; what it was told is told again. */
const TIMEOUT_MS = 10 * SECOND_MS;

/** How sandbox lenders speak to the gateway: signed, each time anew, since a signature is good once. */
export class LenderHttp {
  readonly #agent = new Agent({ bodyTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS });

  /** @throws when the gateway cannot be reached, hangs or cuts the connection */
  async send(method: 'POST' | 'PUT', url: string, body: string, key: SigningKey): Promise<GatewayReply> {
    const headers = { 'Content-Type': 'application/json' };
    const signature = signRequest({ method, url, headers, body, key, createdSeconds: Date.now() / 1000 });
    const response = await request(url, {
      method,
      headers: { ...headers, ...signature },
      body,
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.statusCode, body: await response.body.text() };
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}
