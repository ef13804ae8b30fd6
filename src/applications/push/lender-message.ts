import type { Effect } from '../../events/commit.ts';
import type { Sealer } from '../../identity/seal.ts';
import type { Application } from '../model.ts';
import { queueDelivery } from './delivery.ts';
import type { MessageKind } from './message-kind.ts';

/** What of the application the message is about, by our ids: its answer is applied there. */
export interface MessageAbout {
  readonly action_id?: string;
  readonly card_id?: string;
  readonly loan_id?: string;
  readonly repayment_id?: string;
  /** Keyed hash of what the applicant gave. */
  readonly answer?: string;
  /** How many of the kind there were before it: of answers that were not taken, of attempts to bind a card. */
  readonly attempt?: number;
  /** Another code was asked for. */
  readonly resend?: true;
  /** The card was taken off. */
  readonly removed?: true;
}

/** A message as an operation makes it. Its body may hold personal data, so it is kept sealed until it is delivered. */
export interface LenderMessage {
  readonly kind: MessageKind;
  readonly about: MessageAbout;
  /** snake_case; without the fields that every message carries. */
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * The operation that made a message sends it at once itself; should it die, or the core be slow, the outbox takes over when
 * this much has passed.
 */
export const SEND_NOW_GRACE_MS = 5_000;

/** What a message to the lender adds to the change that causes it: its sealed body, and its place in the application's queue. */
export function messageEffects(
  sealer: Sealer,
  application: Pick<Application, 'id' | 'lender_id'>,
  message: LenderMessage & { readonly deliveryId: string },
  realNowMs: number,
): Effect[] {
  const { deliveryId, kind, about, body } = message;
  const delivery = { id: deliveryId, kind, applicationId: application.id };
  const sealed = sealer.seal({ kind, about, body }, messagePlace(application.id, deliveryId));
  return [
    { do: 'HSET', key: 'messages', field: deliveryId, value: sealed },
    queueDelivery(delivery, application.lender_id, realNowMs + SEND_NOW_GRACE_MS),
  ];
}

/** What a sealed message is bound to: it opens nowhere else. */
export function messagePlace(applicationId: string, deliveryId: string): string {
  return `${applicationId}/${deliveryId}`;
}

/** Body of a message as it is sent. */
export function messageBody(deliveryId: string, application: Application, message: LenderMessage) {
  return {
    delivery_id: deliveryId,
    application_id: application.id,
    lender_ref: application.lender_ref,
    product_id: application.product_id,
    ...message.body,
  };
}
