import { hash, type KeyObject } from 'node:crypto';
import { type Clock, SECOND_MS } from '../../base/clock.ts';
import type { OutboundRequest } from '../../outbound/create-outbound.ts';
import type { Callbacks } from '../../registry/schema/channels.ts';
import type { Destination } from '../channels/destination.ts';
import { type DeliveryViews, eventData, type ThingView } from '../delivery-views.ts';
import { isAmong, isTold, type Visibility } from '../feed/is-told.ts';
import { signWebhook } from './sign-webhook.ts';

/** What of a partner's file webhooks need. */
export interface WebhookPartner {
  readonly id: string;
  readonly visibility: Visibility;
  readonly callbacks: Pick<Callbacks, 'url' | 'events'>;
  readonly secret: Uint8Array;
}

export interface WebhookDeps {
  readonly views: Pick<DeliveryViews, 'things'>;
  readonly signingKey: () => KeyObject;
  /** Real time. */
  readonly realClock: Clock;
}

/** How long a partner's endpoint may take to answer. */
export const DELIVERY_TIMEOUT_MS = 15 * SECOND_MS;
/** The channel of webhooks. */
export const WEBHOOK = 'webhook';
const TARGET_DIGITS = 16;

/** One message to a partner's webhook, signed. */
export function webhookRequest(
  { callbacks, secret }: Pick<WebhookPartner, 'callbacks' | 'secret'>,
  message: { readonly id: string; readonly type: string; readonly timestamp: string; readonly data: ThingView },
  { signingKey, realClock }: Omit<WebhookDeps, 'views'>,
): OutboundRequest {
  const { id, type, timestamp, data } = message;
  const body = JSON.stringify({ type, timestamp, data });
  const timestampSeconds = Math.floor(realClock.nowMs() / SECOND_MS);
  const signature = signWebhook({ id, timestampSeconds, body }, { secret, signingKey: signingKey() });
  return {
    url: callbacks.url,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signature },
    body,
    timeoutMs: DELIVERY_TIMEOUT_MS,
  };
}

/** Where a partner's webhooks go: one message an event that it asked for and may see. */
export function webhookDestination(partner: WebhookPartner, deps: WebhookDeps): Destination {
  const { id: partnerId, callbacks, visibility } = partner;
  const { url, events } = callbacks;
  return {
    partnerId,
    name: WEBHOOK,
    kind: 'webhook',
    host: new URL(url).host,
    target: hash('sha256', url, 'hex').slice(0, TARGET_DIGITS),
    partsOf: ({ type }) => (isAmong(type, events) && isTold(type, visibility) ? [''] : []),
    async prepare(entry) {
      const [thing] = await deps.views.things(partnerId, [entry]);
      if (thing === undefined || !isTold(entry.type, visibility)) return { kind: 'nothing' };
      const { id, type, occurred_at: timestamp } = entry;
      return {
        kind: 'ready',
        request: webhookRequest(partner, { id, type, timestamp, data: eventData(thing, entry) }, deps),
      };
    },
  };
}
