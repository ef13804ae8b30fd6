import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import type { Scenario } from './sandbox-scenario.ts';
import type { SandboxEvent, Step } from './sandbox-step.ts';

/** What a sandbox lender keeps of an application or a loan. No personal data. */
export interface SandboxDocument {
  readonly lender_ref: string;
  readonly product_id: string;
  readonly scenario: Scenario;
  readonly funder_id: string | null;
  readonly step_ids: readonly string[];
}

export interface SandboxAnswer {
  readonly result: 'accepted' | 'duplicate' | 'rejected';
  readonly lender_ref?: string;
  readonly reason?: string;
}

export interface Acceptance {
  readonly deliveryId: string;
  /** Our application or loan id. */
  readonly objectId: string;
  readonly answer: SandboxAnswer;
  readonly document: SandboxDocument;
  readonly steps: readonly Step[];
}

const acceptScript = defineScript<'answers' | 'documents' | 'steps' | 'due', string | null>({
  file: new URL('./accept-delivery.lua', import.meta.url),
  keys: ['answers', 'documents', 'steps', 'due'],
  reply: (raw) => raw as string | null,
});

/** The whole core of one sandbox lender, in its own slot. */
export class SandboxStore {
  readonly #client: RedisClient;
  readonly #key: (name: string) => string;

  constructor(client: RedisClient, keys: Keyspace, lenderId: string) {
    this.#client = client;
    this.#key = (name) => keys.sandbox(lenderId, name);
  }

  /** Takes a delivery. @returns the answer given before, or undefined when this is the first time */
  async accept({ deliveryId, objectId, answer, document, steps }: Acceptance): Promise<SandboxAnswer | undefined> {
    const keys = {
      answers: this.#key('answers'),
      documents: this.#key('documents'),
      steps: this.#key('steps'),
      due: this.#key('due'),
    };
    const args = [deliveryId, JSON.stringify(answer), objectId, JSON.stringify(document)];
    for (const step of steps) args.push(step.id, String(step.dueMs), JSON.stringify(step.event));
    const known = await acceptScript.run(this.#client, keys, args);
    return known === null ? undefined : (JSON.parse(known) as SandboxAnswer);
  }

  async document(objectId: string): Promise<SandboxDocument | undefined> {
    const json = await this.#client.hget(this.#key('documents'), objectId);
    return json === null ? undefined : (JSON.parse(json) as SandboxDocument);
  }

  /** Counts how often a delivery has come. */
  async countAttempt(deliveryId: string): Promise<number> {
    return this.#client.hincrby(this.#key('attempts'), deliveryId, 1);
  }

  /** Steps due at `nowMs` or before, earliest first. */
  async dueSteps(nowMs: number, limit: number): Promise<Step[]> {
    const entries = await this.#client.zrangebyscore(this.#key('due'), '-inf', nowMs, 'WITHSCORES', 'LIMIT', 0, limit);
    const ids = entries.filter((_, index) => index % 2 === 0);
    if (ids.length === 0) return [];
    const events = await this.#client.hmget(this.#key('steps'), ...ids);
    return ids.flatMap((id, index) => {
      const json = events[index];
      const dueMs = Number(entries[index * 2 + 1]);
      return json ? [{ id, dueMs, event: JSON.parse(json) as SandboxEvent }] : [];
    });
  }

  async nextDue(): Promise<number | null> {
    const [, score] = await this.#client.zrange(this.#key('due'), 0, 0, 'WITHSCORES');
    return score === undefined ? null : Number(score);
  }

  /** Forgets steps that have been answered, or will never happen. */
  async forget(stepIds: readonly string[]): Promise<void> {
    if (stepIds.length === 0) return;
    await this.#client
      .multi()
      .zrem(this.#key('due'), ...stepIds)
      .hdel(this.#key('steps'), ...stepIds)
      .exec();
  }

  /** Brings those of the steps that still wait forward, so that the first of them is due at `nowMs`. */
  async bringForward(stepIds: readonly string[], nowMs: number): Promise<void> {
    if (stepIds.length === 0) return;
    const scores = await this.#client.zmscore(this.#key('due'), ...stepIds);
    const waiting = stepIds.flatMap((id, index) => {
      const score = scores[index];
      return score ? [{ id, dueMs: Number(score) }] : [];
    });
    const earlierMs = Math.min(...waiting.map((step) => step.dueMs)) - nowMs;
    if (waiting.length === 0 || earlierMs <= 0) return;
    const pairs = waiting.flatMap((step) => [step.dueMs - earlierMs, step.id]);
    await this.#client.zadd(this.#key('due'), 'XX', ...pairs);
  }
}
