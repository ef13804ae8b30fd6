import type { EventType, LogEvent } from '../../events/event.ts';
import type { Application } from '../model.ts';
import { ACTION_STEPS } from './fold-actions.ts';
import { APPLICATION_STEPS } from './fold-application.ts';
import { ARRIVAL_STEPS, begin } from './fold-arrival.ts';
import { CARD_STEPS } from './fold-cards.ts';
import { CREDIT_STEPS } from './fold-credit.ts';
import { LOAN_STEPS, withLoanReference } from './fold-loans.ts';
import { PAYMENT_STEPS } from './fold-payments.ts';
import { changesNothing, type FoldStep } from './fold-step.ts';
import { followStanding } from './follow-standing.ts';

/** What each type of event makes of an application: a new type does not compile until it is said here. */
const STEPS: Readonly<Record<EventType, FoldStep>> = {
  ...ARRIVAL_STEPS,
  ...APPLICATION_STEPS,
  ...ACTION_STEPS,
  ...CARD_STEPS,
  ...CREDIT_STEPS,
  ...LOAN_STEPS,
  ...PAYMENT_STEPS,
  // Of clicks, registrations and products.
  'click.recorded': changesNothing,
  'click.bound': changesNothing,
  'applicant.registered': changesNothing,
  'product.updated': changesNothing,
};

/**
 * The application that its events come to, by the log alone: everything that partners, lenders and operators are shown. It
 * decides nothing that was decided before: an event says what happened, and where the application stands with it. What is in
 * no event, and why, is said beside `asTheLogKnows`.
 * @param events of one application, oldest first, from its first one
 * @returns undefined when the first event does not begin an application
 */
export function rebuildApplication(events: readonly LogEvent[]): Application | undefined {
  return events.reduce<Application | undefined>(foldEvent, undefined);
}

/** One event more. @param application as the events before it have made it; undefined = there were none */
export function foldEvent(application: Application | undefined, event: LogEvent): Application | undefined {
  const known = application ?? begin(event);
  if (known === undefined) return undefined;
  const changed = STEPS[event.type](known, event);
  return followStanding(withLoanReference(changed, event.data), event);
}
