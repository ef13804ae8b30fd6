import type { KeyObject } from 'node:crypto';
import { type Clock, isoOf } from '../../base/clock.ts';
import { randomId } from '../../base/ids.ts';
import type { Outbound } from '../../outbound/create-outbound.ts';
import { judgeAnswer } from '../channels/judge-answer.ts';
import { type WebhookPartner, webhookRequest } from './webhook-destination.ts';

export interface TestSenderDeps {
  readonly outbound: Pick<Outbound, 'fetchBounded'>;
  readonly signingKey: () => KeyObject;
  /** Real time. */
  readonly realClock: Clock;
  readonly webhookOf: (partnerId: string) => WebhookPartner | undefined;
}

/** What came of a test; `detail` says in a sentence why there was no answer. */
export interface TestResult {
  /** `webhook-id` of the message. */
  readonly event: string;
  readonly url: string;
  readonly delivered: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly detail: string | null;
  readonly tookMs: number;
}

/** Type of the message that a test sends. */
export const TEST_TYPE = 'webhook.test';

/** Sends a partner's webhook one message that is about nothing, once, whatever state the channel is in. */
export class TestSender {
  readonly #deps: TestSenderDeps;

  constructor(deps: TestSenderDeps) {
    this.#deps = deps;
  }

  /** @returns undefined where the partner has no webhook */
  async send(partnerId: string): Promise<TestResult | undefined> {
    const { outbound, realClock, webhookOf } = this.#deps;
    const webhook = webhookOf(partnerId);
    if (webhook === undefined) return undefined;
    const begunMs = realClock.nowMs();
    const event = randomId('evt');
    const data = { id: event, partner_id: partnerId, event: {} };
    const message = { id: event, type: TEST_TYPE, timestamp: isoOf(begunMs), data };
    const result = await outbound.fetchBounded(webhookRequest(webhook, message, this.#deps));
    const attempt = judgeAnswer(result);
    return {
      event,
      url: webhook.callbacks.url,
      delivered: attempt.kind === 'delivered',
      status: attempt.status,
      error: attempt.kind === 'delivered' ? null : attempt.error,
      detail: result.ok ? null : result.detail,
      tookMs: realClock.nowMs() - begunMs,
    };
  }
}
