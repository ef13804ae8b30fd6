import { setTimeout as delay } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { DemoFault } from './demo-fault.ts';

export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  /** The attempt that this answers. */
  readonly sent: Sent;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as received. */
  readonly bytes: Uint8Array;
}

const CONNECTIONS = 8;
/** A move of the sandbox clock answers when everything that fell due has happened. */
const ANSWER_WITHIN_MS = 120_000;
const TRIES = 4;
const MAX_WAIT_SECONDS = 5;

/** One outside party's connections to the gateway. */
export class HttpExchange {
  readonly #agent: Dispatcher = new Agent({
    connections: CONNECTIONS,
    headersTimeout: ANSWER_WITHIN_MS,
    bodyTimeout: ANSWER_WITHIN_MS,
  });

  /**
   * Sends what `make` makes, again when the gateway asks to wait (429, 503), as any client should.
   * @param make called for each attempt: a signature is good once
   */
  async send(make: () => Sent): Promise<Reply> {
    for (let attempt = 1; ; attempt += 1) {
      const sent = make();
      const { url, method, headers, body } = sent;
      const answer = await request(url, {
        method,
        headers: { ...headers },
        body: body ?? null,
        dispatcher: this.#agent,
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      const reply = { sent, status: answer.statusCode, headers: answer.headers, text: bytes.toString('utf8'), bytes };
      if ((reply.status !== 429 && reply.status !== 503) || attempt === TRIES) return reply;
      await delay(Math.min(Number(reply.headers['retry-after'] ?? 1), MAX_WAIT_SECONDS) * 1_000);
    }
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

/**
 * The JSON of an answer with one of the expected statuses.
 * @throws DemoFault naming the request, the status and the problem's code
 */
export function readJson<T>(asked: string, reply: Reply, statuses: readonly number[], schema: z.ZodType<T>): T {
  const json: unknown = parse(reply.text);
  if (!statuses.includes(reply.status)) {
    const { code = '', detail = '' } = (json ?? {}) as { code?: string; detail?: string };
    throw new DemoFault(`${asked} answered ${reply.status} ${code} ${detail}`.trimEnd());
  }
  const read = schema.safeParse(json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new DemoFault(`${asked}: the answer is not as documented: /${issue?.path.join('/')} ${issue?.message}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
