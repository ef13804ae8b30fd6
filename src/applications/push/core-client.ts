import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  isBrokenCircuitError,
} from 'cockatiel';
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
  readonly body: unknown;
}

/** The breaker lets nothing through for now: no attempt was made. */
export interface Deferred {
  readonly kind: 'deferred';
  readonly waitMs: number;
}

export const CORE_TIMEOUT_MS = 10 * SECOND_MS;
/** Deliveries to one lender that are under way at the same time, in one process. */
export const CORE_CONCURRENCY = 8;
const BREAKER_FAILURES = 5;
const BREAKER_PAUSE_MS = 5 * SECOND_MS;
const ANSWER_MAX_BYTES = 64 * 1024;

/** Carries an outcome out of the breaker as a failure that it counts. */
class CoreUnwell extends Error {
  readonly outcome: PushOutcome;
  constructor(outcome: PushOutcome) {
    super('core unwell');
    this.outcome = outcome;
  }
}

/** Speaks to lenders' cores: signs, sends, judges the answer; a circuit breaker per lender spares a core that is down. */
export class CoreClient {
  readonly #agent: Agent;
  readonly #breakers = new Map<string, CircuitBreakerPolicy>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number = CORE_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({ connections: CORE_CONCURRENCY, maxResponseSize: ANSWER_MAX_BYTES });
  }

  /** Sends one message once. Never throws: what goes wrong is an outcome. */
  async post(lenderId: string, core: CoreAddress, message: CoreMessage): Promise<PushOutcome | Deferred> {
    const breaker = this.#breakerOf(lenderId);
    // While one message tries whether the core is back, the others would wait for it and outlive their claims.
    if (breaker.state === CircuitState.HalfOpen) return { kind: 'deferred', waitMs: BREAKER_PAUSE_MS };
    try {
      return await breaker.execute(async () => {
        const outcome = await this.#attempt(core, message);
        if (outcome.kind === 'retry' && outcome.unwell) throw new CoreUnwell(outcome);
        return outcome;
      });
    } catch (error) {
      if (error instanceof CoreUnwell) return error.outcome;
      if (isBrokenCircuitError(error)) return { kind: 'deferred', waitMs: BREAKER_PAUSE_MS };
      throw error;
    }
  }

  /** Asks once, within the question's time. Never throws. A core that is known to be down is not asked. */
  async ask(core: CoreAddress, { lenderId, path, body, timeoutMs }: CoreQuestion): Promise<CoreReply> {
    if (this.#breakerOf(lenderId).state === CircuitState.Open) return { kind: 'unavailable', cause: 'circuit_open' };
    const deliveryId = randomId('dlv');
    try {
      const response = await this.#exchange(
        core,
        { deliveryId, path, body: { delivery_id: deliveryId, ...body } },
        timeoutMs,
      );
      const { status } = response;
      if (status >= 500 || status === 429) return { kind: 'unavailable', cause: `http_${status}` };
      return { kind: 'answered', status, json: JSON.parse(response.body) };
    } catch (error) {
      return { kind: 'unavailable', cause: error instanceof SyntaxError ? 'answer_not_json' : networkError(error) };
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #attempt(core: CoreAddress, message: CoreMessage): Promise<PushOutcome> {
    try {
      return judgeResponse(await this.#exchange(core, message, this.#timeoutMs));
    } catch (error) {
      return { kind: 'retry', error: networkError(error), status: null, unwell: true, retryAfterMs: 0 };
    }
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

  #breakerOf(lenderId: string): CircuitBreakerPolicy {
    const known = this.#breakers.get(lenderId);
    if (known) return known;
    const breaker = circuitBreaker(handleAll, {
      halfOpenAfter: BREAKER_PAUSE_MS,
      breaker: new ConsecutiveBreaker(BREAKER_FAILURES),
    });
    this.#breakers.set(lenderId, breaker);
    return breaker;
  }
}

/** A stable word for a failed exchange; messages of the HTTP client may name addresses and are left out. */
function networkError(error: unknown): string {
  if (!(error instanceof Error)) return 'network';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'timeout';
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code.toLowerCase() : 'network';
}
