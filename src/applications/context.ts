import type { EventContext, EventType, NewEvent } from '../events/event.ts';
import type { Application } from './model.ts';
import type { Standing } from './standing.ts';

/** An event as a decision names it; the store adds whose it is. */
export interface DraftEvent {
  readonly type: EventType;
  /** RFC 3339. */
  readonly occurred_at: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** What has become of the application with it, where its data do not say; absent = nothing. */
  readonly now?: Standing;
  /** The lender's id of the event that told it; absent = no lender did. */
  readonly lender_event?: string;
}

/** What every projection must know about the application, taken at the moment the event is written. */
export function contextOf(application: Application): EventContext {
  return {
    partner_id: application.attribution.partner_id,
    owner_id: application.owner_id,
    partner_ref: application.partner_ref,
    lender_ref: application.lender_ref,
    product_id: application.product_id,
    lender_id: application.lender_id,
    funder_id: application.funder_id,
    via: application.attribution.via,
    link_code: application.link_code,
    click_id: application.click_id,
    ...(application.variant ? { variant: application.variant } : {}),
    customer: application.customer,
    accepted_at: application.accepted_at,
    applicant_token: application.subject.person,
    pins: application.pins,
    region: application.region,
    grade: application.credit?.grade ?? null,
  };
}

/** The draft as it goes into the log. */
export function recordedEvent(application: Application, draft: DraftEvent, recordedAt: string): NewEvent {
  return { ...draft, subject: application.id, recorded_at: recordedAt, context: contextOf(application) };
}
