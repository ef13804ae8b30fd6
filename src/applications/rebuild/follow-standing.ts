import type { EventContext, LogEvent } from '../../events/event.ts';
import type { Application } from '../model.ts';
import type { Standing } from '../standing.ts';
import { changeLoan } from './fold-step.ts';

/** What every event tells of its application: whose it is and how it is known, and where it stands now. */
export function followStanding(application: Application, event: LogEvent): Application {
  const { context, now, data, recorded_at: updated_at } = event;
  const known = context === null ? application : { ...application, ...factsOf(context) };
  return { ...withStanding(known, (now ?? {}) as Standing, data.loan_id), updated_at };
}

/** What an event's context tells of its application. */
export function factsOf(context: EventContext) {
  const { owner_id, partner_ref, lender_ref, funder_id, link_code, click_id } = context;
  const { customer, accepted_at, pins, region } = context;
  return { owner_id, partner_ref, lender_ref, funder_id, link_code, click_id, customer, accepted_at, pins, region };
}

function withStanding(application: Application, standing: Standing, namedLoan: unknown): Application {
  const { credit: creditStatus, settled, loan, loans = {}, ...own } = standing;
  const { credit } = application;
  const changed: Application = {
    ...application,
    ...own,
    ...(credit !== null && creditStatus !== undefined ? { credit: { ...credit, status: creditStatus } } : {}),
    ...(settled ? { actions_settled: { ...application.actions_settled, ...settled } } : {}),
  };
  const stands = Object.entries(loans);
  if (loan !== undefined && typeof namedLoan === 'string') stands.push([namedLoan, loan]);
  return stands.reduce((each, [id, where]) => changeLoan(each, id, (one) => ({ ...one, ...where })), changed);
}
