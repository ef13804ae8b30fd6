import type { LogEvent } from '../../events/event.ts';
import type { Arrival } from '../arrival.ts';
import type { Application, ApplicationStatus } from '../model.ts';
import { withAccepted, withChecks } from './fold-notes.ts';
import { dataOf, type FoldStep, withoutBlanks } from './fold-step.ts';
import { factsOf } from './follow-standing.ts';

/** Events with which an application comes, and is taken in or not. */
export const ARRIVAL_STEPS = {
  'application.screening': (application) => application,
  'application.received': (application, event) => ({ ...decided(application, event), status: 'received' }),
  'application.refused': (application, event) => {
    const { offer: _, ...refused } = decided(application, event);
    return { ...refused, status: 'refused' };
  },
} as const satisfies Readonly<Record<string, FoldStep>>;

const FIRST_STATUS: Readonly<Record<keyof typeof ARRIVAL_STEPS, ApplicationStatus>> = {
  'application.screening': 'screening',
  'application.received': 'received',
  'application.refused': 'refused',
};

/**
 * The application as its first event tells it.
 * @returns undefined for an event that begins none
 */
export function begin(event: LogEvent): Application | undefined {
  const { arrived } = dataOf<{ readonly arrived?: Arrival }>(event);
  const { context, type, subject: id } = event;
  if (arrived === undefined || context === null || !Object.hasOwn(FIRST_STATUS, type)) return undefined;
  return {
    ...blank,
    ...arrived,
    ...factsOf(context),
    id,
    status: FIRST_STATUS[type as keyof typeof FIRST_STATUS],
    lender_id: context.lender_id,
    product_id: context.product_id ?? '',
    subject: { ...arrived.subject, person: context.applicant_token },
    updated_at: event.recorded_at,
  };
}

/** What every application begins without. */
const blank = {
  partner_user_ref: null,
  return_url: null,
  reason: null,
  detail: null,
  retry_at: null,
  existing_application_id: null,
  credit: null,
  loans: [],
  held: [],
  last_occurred_at: null,
} as const;

interface Decided
  extends Partial<
    Pick<
      Application,
      | 'reason'
      | 'detail'
      | 'retry_at'
      | 'existing_application_id'
      | 'offer'
      | 'funder_ids'
      | 'lock_until'
      | 'trusted'
      | 'annotations'
    >
  > {}

/** What was found out while it was screened, and what came along: told with the decision. */
function decided(application: Application, event: LogEvent): Application {
  const data = dataOf<Decided>(event);
  const { reason, detail, retry_at, existing_application_id, offer, funder_ids, lock_until, trusted, annotations } =
    data;
  const told = {
    reason,
    detail,
    retry_at,
    existing_application_id,
    offer,
    funder_ids,
    lock_until,
    trusted,
    annotations,
  };
  return withChecks(withAccepted({ ...application, ...withoutBlanks(told) }, event), event);
}
