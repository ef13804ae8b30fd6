import { Agent, request } from 'undici';
import { z } from 'zod';
import { isoOf, SECOND_MS } from '../base/clock.ts';
import type { SigningKey } from '../trust/import-key.ts';
import { signRequest } from '../trust/sign-message.ts';
import type { Step } from './sandbox-step.ts';
import type { SandboxStore } from './sandbox-store.ts';

export interface SandboxEventsDeps {
  /** The gateway's `/lender/v1/events`, absolute. */
  readonly eventsUrl: () => string;
  readonly observer: SandboxObserver;
}

export interface SandboxObserver {
  /** The gateway refused an event for good: the sandbox lender and the gateway disagree. */
  rejected(lenderId: string, eventId: string, code: string): void;
  failed(error: unknown): void;
}

/** One lender that posts. */
export interface PostingLender {
  readonly id: string;
  readonly store: SandboxStore;
  readonly signingKey: SigningKey;
}

const answerSchema = z.object({
  results: z.array(
    z.object({
      id: z.string().nullish(),
      result: z.enum(['applied', 'duplicate', 'held', 'rejected']),
      code: z.string().nullish(),
    }),
  ),
});

const BATCH_MAX_EVENTS = 500;
/** The door takes 256 KiB; room is left for the frame around the events. */
const BATCH_MAX_BYTES = 240 * 1024;
const TIMEOUT_MS = 30 * SECOND_MS;
/** The gateway's clock may lag behind ours for a moment: such an event is sent again. */
const SENT_AGAIN: ReadonlySet<string> = new Set(['occurred_in_future']);

/** Posts due steps as signed events. A step is forgotten only when it has been answered. */
export class SandboxEvents {
  readonly #deps: SandboxEventsDeps;
  readonly #agent = new Agent({ bodyTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS });

  constructor(deps: SandboxEventsDeps) {
    this.#deps = deps;
  }

  /**
   * Posts everything of one lender that is due at `nowMs`, in order.
   * @returns how many events were answered for good
   * @throws when the gateway or Redis cannot be reached; what was not answered stays due
   */
  async postDue(lender: PostingLender, nowMs: number): Promise<number> {
    let answered = 0;
    for (;;) {
      const due = await lender.store.dueSteps(nowMs, BATCH_MAX_EVENTS);
      if (due.length === 0) return answered;
      const done = await this.#post(lender, fitBatch(due));
      await lender.store.forget(done);
      answered += done.length;
      // Nothing moved: the rest is for the next time, or this would go round for ever.
      if (done.length === 0) return answered;
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #post(lender: PostingLender, { steps, body }: Batch): Promise<string[]> {
    const url = this.#deps.eventsUrl();
    const headers = { 'Content-Type': 'application/json' };
    const createdSeconds = Date.now() / 1000;
    const signature = signRequest({ method: 'POST', url, headers, body, key: lender.signingKey, createdSeconds });
    const response = await request(url, {
      method: 'POST',
      headers: { ...headers, ...signature },
      body,
      dispatcher: this.#agent,
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`the gateway answered ${response.statusCode} to events`);
    const { results } = answerSchema.parse(JSON.parse(text));
    if (results.length !== steps.length) throw new Error('the gateway answered another number of events');
    return steps.flatMap((step, index) => {
      const answer = results[index];
      if (answer?.result !== 'rejected') return [step.id];
      const code = answer.code ?? 'unknown';
      if (SENT_AGAIN.has(code)) return [];
      this.#deps.observer.rejected(lender.id, step.id, code);
      return [step.id];
    });
  }
}

interface Batch {
  readonly steps: readonly Step[];
  readonly body: string;
}

/** The first steps whose events fit into one request, at least one. */
export function fitBatch(due: readonly Step[]): Batch {
  const texts: string[] = [];
  let bytes = 0;
  for (const step of due) {
    const text = JSON.stringify({ ...step.event, occurred_at: isoOf(step.dueMs) });
    bytes += Buffer.byteLength(text) + 1;
    if (texts.length > 0 && bytes > BATCH_MAX_BYTES) break;
    texts.push(text);
  }
  return { steps: due.slice(0, texts.length), body: `{"events":[${texts.join(',')}]}` };
}
