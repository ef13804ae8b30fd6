import type { Application } from './model.ts';

/** What is known of an application when it comes and no event's context tells. */
const ARRIVED = [
  'origin',
  'partner_kind',
  'funder_ids',
  'requested',
  'fingerprint',
  'attribution',
  'precheck_id',
  'precheck_live',
  'handoff_id',
  'sub_ids',
  'variant',
  'lock_until',
  'created_at',
] as const satisfies readonly (keyof Application)[];

/** The part of an application that its first event tells, so that the log alone rebuilds it. */
export type Arrival = Pick<Application, (typeof ARRIVED)[number]> & {
  readonly subject: Pick<Application['subject'], 'claims' | 'pointers' | 'labels'>;
};

/** The person is known by tokens only; what only screening looks at is gone once it is decided. */
export function arrivalOf(application: Application): Arrival {
  const told = Object.fromEntries(ARRIVED.map((field) => [field, application[field]]));
  const { claims, pointers, labels } = application.subject;
  return { ...told, subject: { claims, pointers, ...(labels ? { labels } : {}) } } as Arrival;
}
