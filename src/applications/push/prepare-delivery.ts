import type { Clock } from '../../base/clock.ts';
import type { Application } from '../model.ts';
import type { SealedRecord } from '../sealed-record.ts';
import type { ApplicationStore } from '../store.ts';
import type { CoreMessage } from './core-client.ts';
import type { Delivery } from './delivery.ts';
import { applicationBody, loanBody } from './delivery-body.ts';
import { type LenderMessage, type MessageAbout, messageBody } from './lender-message.ts';
import { MESSAGE_PATHS } from './message-kind.ts';
import { isPastCode } from './passing-code.ts';
import type { DeliveryPlan } from './plan-delivery.ts';

const MICROSECONDS = 1_000;

export interface PrepareDeps {
  readonly store: ApplicationStore;
  /** Real time: what waited too long is not sent. */
  readonly realClock: Clock;
  /** Opens an application's sealed personal data for its lender; undefined when it cannot be opened. */
  readonly openRecord: (sealed: string, applicationId: string, lenderId: string) => SealedRecord | undefined;
  /** Opens a sealed message of an application for its lender; undefined when it cannot be opened. */
  readonly openMessage: (
    sealed: string,
    applicationId: string,
    deliveryId: string,
    lenderId: string,
  ) => LenderMessage | undefined;
}

export type Prepared =
  | { readonly kind: 'ready'; readonly message: CoreMessage; readonly about: MessageAbout }
  | { readonly kind: 'unreadable'; readonly error: 'record_erased' | 'record_unreadable' }
  /** Nobody needs it any more. */
  | { readonly kind: 'gone' };

/**
 * The message as it goes over the wire; personal data is opened here and held only while it is handed over.
 * @param place microsecond of its coming, real time
 */
export async function prepareDelivery(
  deps: PrepareDeps,
  { id }: Delivery,
  application: Application,
  plan: Exclude<DeliveryPlan, { readonly do: 'drop' | 'drop_all' }>,
  place: number,
): Promise<Prepared> {
  const { id: applicationId, lender_id: lenderId } = application;
  if (plan.do === 'send_message') {
    const text = await deps.store.message(applicationId, id);
    if (text === undefined) return { kind: 'gone' };
    const opened = deps.openMessage(text, applicationId, id, lenderId);
    if (!opened) return { kind: 'unreadable', error: 'record_unreadable' };
    if (isPastCode(opened.body, place / MICROSECONDS, deps.realClock.nowMs())) return { kind: 'gone' };
    const body = messageBody(id, application, opened);
    return { kind: 'ready', message: { deliveryId: id, path: MESSAGE_PATHS[plan.kind], body }, about: opened.about };
  }
  const sealed = await deps.store.sealed(applicationId);
  if (plan.do === 'send_loan') {
    const record = sealed === undefined ? undefined : deps.openRecord(sealed, applicationId, lenderId);
    if (sealed !== undefined && !record) return { kind: 'unreadable', error: 'record_unreadable' };
    const body = loanBody(id, application, plan.loan, record);
    return { kind: 'ready', message: { deliveryId: id, path: '/loans', body }, about: {} };
  }
  // Whoever was cancelled and erased need not be told of in full any more.
  if (sealed === undefined && application.status === 'cancelled') return { kind: 'gone' };
  if (sealed === undefined) return { kind: 'unreadable', error: 'record_erased' };
  const record = deps.openRecord(sealed, applicationId, lenderId);
  if (!record) return { kind: 'unreadable', error: 'record_unreadable' };
  const body = applicationBody(id, application, record);
  return { kind: 'ready', message: { deliveryId: id, path: '/applications', body }, about: {} };
}
