import { type EventContext, type EventType, eventId, type LogEvent } from '../../src/events/event.ts';

/** Context of an application that partner acme brought by its signed request. */
export function sampleContext(change: Partial<EventContext> = {}): EventContext {
  return {
    partner_id: 'acme',
    owner_id: 'acme',
    partner_ref: 'ORDER-1',
    lender_ref: null,
    product_id: 'quick-cash',
    lender_id: 'quickcredit',
    funder_id: null,
    via: 'api',
    link_code: null,
    click_id: null,
    customer: 'new',
    accepted_at: '2026-03-02T04:05:06.000Z',
    applicant_token: null,
    pins: {},
    region: '11',
    grade: null,
    ...change,
  };
}

/** An event as projections are handed it. */
export function logEvent(
  type: EventType,
  subject: string,
  position: string,
  data: Readonly<Record<string, unknown>> = {},
  change: Partial<LogEvent> = {},
): LogEvent {
  const at = '2026-03-02T04:05:06.000Z';
  const shard = Number.parseInt(subject.slice(subject.indexOf('_') + 1).slice(0, 2), 16) % 64;
  return {
    id: eventId(shard, position),
    shard,
    position,
    type,
    subject,
    occurred_at: at,
    recorded_at: at,
    data,
    context: sampleContext(),
    ...change,
  };
}
