import { derivedIdBeside, isId } from '../../base/ids.ts';
import type { OutboxEffect } from '../../events/commit.ts';
import type { Application, Loan } from '../model.ts';
import { isMessageKind, type MessageKind } from './message-kind.ts';

/** One message to a lender's core. */
export type Delivery =
  | { readonly id: string; readonly kind: 'application'; readonly applicationId: string }
  | { readonly id: string; readonly kind: 'loan'; readonly applicationId: string; readonly loanId: string }
  /** Its body lies sealed beside the application. */
  | { readonly id: string; readonly kind: MessageKind; readonly applicationId: string };

/** A delivery with the lender that it goes to. */
export interface AddressedDelivery {
  readonly delivery: Delivery;
  readonly lenderId: string;
}

const SEPARATOR = '|';

/** The push of an application: one for ever, so that it is the same message however often it is made. */
export function applicationDelivery({ id }: Pick<Application, 'id'>): Delivery {
  return { id: derivedIdBeside('dlv', id, 'application'), kind: 'application', applicationId: id };
}

/** The push of a drawdown that a partner asked for. */
export function loanDelivery(application: Pick<Application, 'id'>, loan: Pick<Loan, 'id'>): Delivery {
  const { id: applicationId } = application;
  return { id: derivedIdBeside('dlv', applicationId, 'loan', loan.id), kind: 'loan', applicationId, loanId: loan.id };
}

/**
 * Puts a delivery behind those of its application, in the step that makes it necessary: so they are sent in the order in
 * which they came about, whatever reads the log when.
 * @param dueMs real time from which it may be sent, if nothing waits before it
 */
export function queueDelivery(delivery: Delivery, lenderId: string, dueMs: number): OutboxEffect {
  return { do: 'QUEUE', lenderId, id: delivery.id, text: formatDelivery({ delivery, lenderId }), dueMs };
}

/** `<kind>|<app id>|<lender>`, of kind loan with `|<loan id>`. The scripts read application and lender from it. */
export function formatDelivery({ delivery, lenderId }: AddressedDelivery): string {
  const parts = [delivery.kind, delivery.applicationId, lenderId];
  if (delivery.kind === 'loan') parts.push(delivery.loanId);
  return parts.join(SEPARATOR);
}

/** Reads what {@link formatDelivery} made; undefined when it is none. */
export function parseDelivery(id: string, text: string): AddressedDelivery | undefined {
  const [kind = '', applicationId = '', lenderId = '', loanId, ...rest] = text.split(SEPARATOR);
  if (rest.length > 0 || lenderId === '' || !isId('dlv', id) || !isId('app', applicationId)) return undefined;
  if (kind === 'loan') {
    if (loanId === undefined || !isId('loan', loanId)) return undefined;
    return { delivery: { id, kind, applicationId, loanId }, lenderId };
  }
  if (loanId !== undefined || (kind !== 'application' && !isMessageKind(kind))) return undefined;
  return { delivery: { id, kind, applicationId }, lenderId };
}
