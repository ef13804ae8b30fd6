import { derivedId, isId } from '../../base/ids.ts';
import { isMessageKind, type MessageKind } from './message-kind.ts';

/** One message to a lender's core. Its text form is the outbox member, so the same message is never enqueued twice. */
export type Delivery =
  | { readonly id: string; readonly kind: 'application'; readonly applicationId: string }
  | { readonly id: string; readonly kind: 'loan'; readonly applicationId: string; readonly loanId: string }
  /** Its body lies sealed beside the application. */
  | { readonly id: string; readonly kind: MessageKind; readonly applicationId: string };

const SEPARATOR = '|';

/** The id of the message that an event asks for: the same on every retry and every replay of the log. */
export function deliveryId(eventId: string): string {
  return derivedId('dlv', eventId);
}

/** `<delivery id>|<kind>|<app id>`, of kind loan `<delivery id>|loan|<app id>|<loan id>`. */
export function formatDelivery(delivery: Delivery): string {
  const parts = [delivery.id, delivery.kind, delivery.applicationId];
  if (delivery.kind === 'loan') parts.push(delivery.loanId);
  return parts.join(SEPARATOR);
}

/** Reads an outbox member; undefined when it is none. */
export function parseDelivery(member: string): Delivery | undefined {
  const [id = '', kind = '', applicationId = '', loanId, ...rest] = member.split(SEPARATOR);
  if (rest.length > 0 || !isId('dlv', id) || !isId('app', applicationId)) return undefined;
  if (kind === 'loan')
    return loanId !== undefined && isId('loan', loanId) ? { id, kind, applicationId, loanId } : undefined;
  if (loanId !== undefined) return undefined;
  return kind === 'application' || isMessageKind(kind) ? { id, kind, applicationId } : undefined;
}
