import type { Application } from '../applications/model.ts';
import type { SentNow } from '../applications/push/lender-calls.ts';
import { type LenderMessage, messageEffects } from '../applications/push/lender-message.ts';
import { SECOND_MS } from '../base/clock.ts';
import type { Effect } from '../events/commit.ts';
import type { IntakeDeps } from './intake-deps.ts';

/** How long a caller waits for a lender's core. */
export const SEND_DEADLINE_MS = 8 * SECOND_MS;

/** A message with its id, which a retry of the same message has too. */
export type AddressedMessage = LenderMessage & { readonly deliveryId: string };

type Deps = Pick<IntakeDeps, 'sealer' | 'realClock' | 'calls'>;
type Messaged = Pick<Application, 'id' | 'lender_id'>;

/** What writes a message down in the change that causes it. */
export function writeMessage({ sealer, realClock }: Deps, application: Messaged, message: AddressedMessage): Effect[] {
  return messageEffects(sealer, application, message, realClock.nowMs());
}

/** Takes a message back that nobody may read any more: a code is stale by the time the outbox would send it. */
export function withdrawMessage({ realClock }: Deps, { lender_id: lenderId }: Messaged, deliveryId: string): Effect[] {
  return [
    { do: 'LEAVE', lenderId, id: deliveryId, nowMs: realClock.nowMs() },
    { do: 'HDEL', key: 'messages', field: deliveryId },
  ];
}

/**
 * Sends a message that was written down. When its caller waits no longer the outbox goes on by itself.
 * @param deadlineMs 0 = it is begun, and nobody waits
 */
export function sendMessage(
  { calls }: Deps,
  application: Messaged,
  { kind, deliveryId }: Pick<AddressedMessage, 'kind' | 'deliveryId'>,
  deadlineMs = SEND_DEADLINE_MS,
): Promise<SentNow> {
  return calls.sendNow({ id: deliveryId, kind, applicationId: application.id }, deadlineMs);
}
