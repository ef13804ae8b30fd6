import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  isBrokenCircuitError,
} from 'cockatiel';
import { Agent, errors, request } from 'undici';
import { SECOND_MS } from '../../base/clock.ts';
import { Lanes } from './lanes.ts';
import type { MissingCause } from './live-answer.ts';

/** A signed message, ready to be sent. */
export interface LineMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type LineReply = { readonly status: number; readonly body: string } | MissingCause;

/** Questions to one lender that are under way at the same time, in one process. Each has a connection of the pool. */
export const LINE_PLACES = 32;
const BREAKER_FAILURES = 5;
const BREAKER_PAUSE_MS = 5 * SECOND_MS;
const ANSWER_MAX_BYTES = 16 * 1024;
const TOO_MANY = 429;

/** Carries a reply out of the breaker as a failure that it counts. */
class LenderUnwell extends Error {
  readonly reply: LineReply;
  constructor(reply: LineReply) {
    super('lender unwell');
    this.reply = reply;
  }
}

/** The way to one lender's core: a pool of connections, a bounded number of questions at a time, a circuit breaker. */
export class LenderLine {
  readonly #agent = new Agent({ connections: LINE_PLACES, maxResponseSize: ANSWER_MAX_BYTES });
  readonly #lanes = new Lanes(LINE_PLACES);
  readonly #breaker: CircuitBreakerPolicy;
  /** Monotonic ms until which nothing is let through. */
  #openUntilMs = 0;

  /** @param onBreaker told when the breaker opens and when it has closed again */
  constructor(onBreaker: (isOpen: boolean) => void) {
    this.#breaker = circuitBreaker(handleAll, {
      halfOpenAfter: BREAKER_PAUSE_MS,
      breaker: new ConsecutiveBreaker(BREAKER_FAILURES),
    });
    let isTold = false;
    const tell = (isOpen: boolean): void => {
      if (isOpen === isTold) return;
      isTold = isOpen;
      onBreaker(isOpen);
    };
    this.#breaker.onBreak(() => {
      this.#openUntilMs = performance.now() + BREAKER_PAUSE_MS;
      tell(true);
    });
    this.#breaker.onReset(() => tell(false));
  }

  /**
   * Whether an answer is not to be expected now. While one question tries whether the lender is back, the others do not
   * wait for what becomes of it.
   */
  get isOpen(): boolean {
    const { state } = this.#breaker;
    return state === CircuitState.HalfOpen || (state === CircuitState.Open && performance.now() < this.#openUntilMs);
  }

  /**
   * Sends one message once and waits for its answer, a place in the pool included. Never throws for what the lender does.
   * @param time.untilMs monotonic ms at which an answer is of no use any more
   * @param time.timeoutMs what the lender has from the first
   */
  async exchange(
    message: LineMessage,
    { untilMs, timeoutMs }: { readonly untilMs: number; readonly timeoutMs: number },
  ): Promise<LineReply> {
    if (this.isOpen) return 'open';
    const entered = this.#lanes.enter(untilMs - performance.now());
    if (entered !== true && !(await entered)) return 'busy';
    try {
      // It may have opened while this one waited.
      if (this.isOpen) return 'open';
      const leftMs = untilMs - performance.now();
      if (leftMs < 1) return 'busy';
      // Most of its time has gone by in our queue: what becomes of the rest says nothing about the lender.
      if (leftMs < timeoutMs / 2 && this.#breaker.state === CircuitState.Closed)
        return await this.#send(message, untilMs);
      return await this.#breaker.execute(async () => {
        const reply = await this.#send(message, untilMs);
        if (isUnwell(reply)) throw new LenderUnwell(reply);
        return reply;
      });
    } catch (error) {
      if (error instanceof LenderUnwell) return error.reply;
      if (isBrokenCircuitError(error)) return 'open';
      throw error;
    } finally {
      this.#lanes.leave();
    }
  }

  /** Ends all connections; what is under way is answered as unreachable. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #send({ url, headers, body }: LineMessage, untilMs: number): Promise<LineReply> {
    const leftMs = Math.max(1, Math.floor(untilMs - performance.now()));
    try {
      const response = await request(url, {
        method: 'POST',
        headers: { ...headers },
        body,
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(leftMs),
      });
      return { status: response.statusCode, body: await response.body.text() };
    } catch (error) {
      return causeOf(error);
    }
  }
}

/** What a lender answers to a wrong question is no sign that it is unwell; being asked less helps with everything else. */
function isUnwell(reply: LineReply): boolean {
  if (typeof reply === 'object') return reply.status >= 500 || reply.status === TOO_MANY;
  return reply !== 'invalid';
}

function causeOf(error: unknown): MissingCause {
  if (error instanceof errors.ResponseExceededMaxSizeError) return 'invalid';
  const isTimeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return isTimeout || error instanceof errors.ConnectTimeoutError ? 'timeout' : 'unreachable';
}
