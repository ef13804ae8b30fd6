import type { ReceivedBy } from '../base/variant-mark.ts';

/** Everything that happens, in the words of the contract. Internal ones are marked; the rest partners may be told. */
export type EventType =
  // internal: the claim steps, what the lender has received, touches
  | 'application.screening'
  // internal: something became known that is no event of the contract; the personal data is gone
  | 'application.noted'
  | 'application.erased'
  | 'loan.submitted'
  | 'repayment.requested'
  | 'click.recorded'
  | 'click.bound'
  // applications
  | 'applicant.registered'
  | 'application.received'
  | 'application.refused'
  | 'application.submitted'
  | 'application.verifying'
  | 'application.needs_input'
  | 'application.in_review'
  | 'application.cancelled'
  | 'application.expired'
  | 'application.fraud_confirmed'
  | 'application.may_reapply'
  // internal: what somebody agreed to, taken back
  | 'consent.withdrawn'
  | 'application.stalled'
  | 'action.required'
  | 'action.completed'
  // internal: what the applicant did, what the lender did not take, what ran out of time; papers; cards
  | 'action.answered'
  | 'action.refused'
  | 'action.renewed'
  | 'action.expired'
  | 'application.supplemented'
  | 'card.requested'
  | 'card.bound'
  | 'card.refused'
  | 'card.removed'
  | 'loan.cancel_requested'
  | 'loan.cancel_answered'
  // credit
  | 'credit.granted'
  | 'credit.declined'
  | 'credit.updated'
  | 'credit.expired'
  // loans
  | 'loan.requested'
  | 'loan.in_review'
  | 'loan.needs_input'
  | 'loan.declined'
  | 'loan.paying_out'
  | 'loan.payout_failed'
  | 'loan.disbursed'
  | 'loan.schedule_updated'
  | 'loan.overdue'
  | 'loan.cured'
  | 'loan.first_payment_default'
  | 'loan.settled'
  | 'loan.settled_early'
  | 'loan.written_off'
  | 'loan.cancelled'
  | 'installment.paid'
  | 'installment.reversed'
  | 'repayment.succeeded'
  | 'repayment.failed'
  // complaints
  | 'complaint.opened'
  | 'complaint.closed'
  | 'complaint.upheld'
  // products; the subject is the product
  | 'product.updated';

/**
 * Who and what an event is about, as it stood when the event was written: projections read the log alone, never the
 * state behind it, so that replaying the log gives the same result.
 */
export interface EventContext {
  /** The attributed partner, who earns; null = direct. */
  readonly partner_id: string | null;
  /** The partner whose request or page brought it in, who may see it; null when it began at the lender and nobody is attributed. */
  readonly owner_id: string | null;
  readonly partner_ref: string | null;
  readonly lender_ref: string | null;
  readonly product_id: string | null;
  readonly lender_id: string;
  readonly funder_id: string | null;
  readonly via: 'api' | 'click' | 'handoff' | 'lender' | null;
  readonly link_code: string | null;
  readonly click_id: string | null;
  /** The variant of a link that received them; absent = none did. */
  readonly variant?: ReceivedBy;
  readonly customer: 'new' | 'returning';
  /** RFC 3339; null before acceptance. */
  readonly accepted_at: string | null;
  /** Token of the id number (or of the phone where no id number is known): the person, for once_per applicant. */
  readonly applicant_token: string | null;
  /** Terms version pinned per contract at acceptance. */
  readonly pins: Readonly<Record<string, string>>;
  readonly region: string | null;
  readonly grade: string | null;
}

export interface NewEvent {
  readonly type: EventType;
  /** The application, registration or click it belongs to: events of one subject are applied in order. */
  readonly subject: string;
  /** RFC 3339: when it happened. */
  readonly occurred_at: string;
  /** RFC 3339: when we wrote it. */
  readonly recorded_at: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly context: EventContext | null;
  /**
   * What has become of the subject with it, as far as neither data nor context say: for whoever rebuilds the subject from its
   * log. Nobody outside is told. Absent = nothing.
   */
  readonly now?: Readonly<object>;
  /** The lender's id of the event that told it, as it stands in the inbox of the subject; absent = no lender did. */
  readonly lender_event?: string;
}

export interface LogEvent extends NewEvent {
  /** `evt_` + shard and place in its log: stable, unique, never stored twice. */
  readonly id: string;
  readonly shard: number;
  /** The Redis stream id. */
  readonly position: string;
}

const TIME_DIGITS = 9;
const SEQUENCE_DIGITS = 4;

/** The public id of the event at a place in a shard's log; ids of one shard sort in log order. */
export function eventId(shard: number, position: string): string {
  const [time = '0', sequence = '0'] = position.split('-');
  const tag = shard.toString(16).padStart(2, '0');
  const at = Number(time).toString(36).padStart(TIME_DIGITS, '0');
  return `evt_${tag}${at}${Number(sequence).toString(36).padStart(SEQUENCE_DIGITS, '0')}`;
}

const EVENT_ID = /^evt_([0-9a-f]{2})([0-9a-z]{9})([0-9a-z]{4,})$/;

/** Where the event with this id lies; undefined for what is no id of an event in a log. */
export function placeOfEvent(id: string): { readonly shard: number; readonly position: string } | undefined {
  const [, tag = '', time = '', sequence = ''] = EVENT_ID.exec(id) ?? [];
  if (tag === '') return undefined;
  const place = {
    shard: Number.parseInt(tag, 16),
    position: `${Number.parseInt(time, 36)}-${Number.parseInt(sequence, 36)}`,
  };
  return eventId(place.shard, place.position) === id ? place : undefined;
}
