import { Agent, request } from 'undici';
import { SECOND_MS } from '../../base/clock.ts';
import { randomId } from '../../base/ids.ts';
import type { SigningKey } from '../../trust/import-key.ts';
import { signRequest } from '../../trust/sign-message.ts';
import { type CoreResponse, judgeResponse, type PushOutcome } from './judge-response.ts';
import type { CoreQuestion, CoreReply } from './lender-calls.ts';

/** Where a lender's core is reached, and the key of ours that signs what it gets. */
export interface CoreAddress {
  /** Base URL without a trailing slash, e.g. `https://core.lender.example/sluice`. */
  readonly url: string;
  readonly signingKey: SigningKey;
}

/** One message as it is sent. */
export interface CoreMessage {
  readonly deliveryId: string;
  /** `/applications`, `/loans`, … below the base URL. */
  readonly path: string;
  readonly body: object;
}

/** How long a core may take, unless its lender's file says otherwise. */
export const CORE_TIMEOUT_MS = 10 * SECOND_MS;
const ANSWER_MAX_BYTES = 64 * 1024;

/** What came of a question, and whether the core can be called well after it. */
export interface Asked {
  readonly reply: CoreReply;
  readonly unwell: boolean;
}

/** Speaks to lenders' cores: signs, sends, judges the answer. How many at a time, and whether at all, others decide. */
export class CoreClient {
  // Not limited here: what hangs must not keep a question from its connection.
  readonly #agent = new Agent({ maxResponseSize: ANSWER_MAX_BYTES });

  /** Sends one message once, signed anew. Never throws: what goes wrong is an outcome. */
  async post(core: CoreAddress, message: CoreMessage, timeoutMs: number): Promise<PushOutcome> {
    try {
      return judgeResponse(await this.#exchange(core, message, timeoutMs));
    } catch (error) {
      return { kind: 'retry', error: networkError(error), status: null, unwell: true, retryAfterMs: 0 };
    }
  }

  /** Asks once, within the question's time. Never throws. */
  async ask(core: CoreAddress, { path, body, timeoutMs }: CoreQuestion): Promise<Asked> {
    const deliveryId = randomId('dlv');
    const message = { deliveryId, path, body: { delivery_id: deliveryId, ...body } };
    try {
      const response = await this.#exchange(core, message, timeoutMs);
      const { status } = response;
      if (status >= 500 || status === 429) {
        return { reply: { kind: 'unavailable', cause: `http_${status}` }, unwell: status >= 500 };
      }
      return { reply: readReply(response), unwell: false };
    } catch (error) {
      return { reply: { kind: 'unavailable', cause: networkError(error) }, unwell: true };
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #exchange(
    core: CoreAddress,
    { deliveryId, path, body }: CoreMessage,
    timeoutMs: number,
  ): Promise<CoreResponse> {
    const url = `${core.url}${path}`;
    const text = JSON.stringify(body);
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': deliveryId };
    const signature = signRequest({
      method: 'POST',
      url,
      headers,
      body: text,
      key: core.signingKey,
      // Signatures live in real time, whatever the sandbox clock says.
      createdSeconds: Date.now() / 1000,
    });
    const response = await request(url, {
      method: 'POST',
      headers: { ...headers, ...signature },
      body: text,
      dispatcher: this.#agent,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const retryAfter = response.headers['retry-after'];
    return {
      status: response.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      body: await response.body.text(),
    };
  }
}

function readReply({ status, body }: CoreResponse): CoreReply {
  try {
    return { kind: 'answered', status, json: JSON.parse(body) };
  } catch {
    return { kind: 'unavailable', cause: 'answer_not_json' };
  }
}

/** A stable word for a failed exchange; messages of the HTTP client may name addresses and are left out. */
export function networkError(error: unknown): string {
  if (!(error instanceof Error)) return 'network';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code.toLowerCase() : 'network';
}
