import { createHmac, type KeyObject, sign } from 'node:crypto';

export interface WebhookMessage {
  /** `webhook-id`: the same for every attempt. */
  readonly id: string;
  /** `webhook-timestamp`: seconds since the epoch, real time, of this attempt. */
  readonly timestampSeconds: number;
  readonly body: string;
}

export interface WebhookKeys {
  /** Shared with the receiver. */
  readonly secret: Uint8Array;
  /** Our Ed25519 key, whose public half is at `/.well-known/jwks.json`. */
  readonly signingKey: KeyObject;
}

/**
 * Headers of a webhook as Standard Webhooks has them: over `id.timestamp.body`, `v1` = HMAC-SHA-256 with the shared secret,
 * `v1a` = Ed25519 with our key. A receiver checks one of them.
 */
export function signWebhook({ id, timestampSeconds, body }: WebhookMessage, { secret, signingKey }: WebhookKeys) {
  const signed = Buffer.from(`${id}.${timestampSeconds}.${body}`, 'utf8');
  const shared = createHmac('sha256', secret).update(signed).digest('base64');
  const own = sign(null, signed, signingKey).toString('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': `v1,${shared} v1a,${own}`,
  };
}
