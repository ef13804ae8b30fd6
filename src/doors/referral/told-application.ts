import type { Application } from '../../applications/model.ts';
import type { PageDeps } from '../../intake/apply-on-page.ts';

/** Refusals for what is known of a person at the lender, rather than for what was asked. */
const OF_A_PERSON: ReadonlySet<string | null> = new Set([
  'own',
  'in_progress',
  'other_channel',
  'existing_customer',
  'recently_refused',
]);

/**
 * An application as its applicant may be told of it. Only the phone was verified: an id number is typed by anybody. So what is
 * known of the person of an id number, that there is an application already or until when they are kept waiting, is told only
 * where the phone is that person's too; else it is a refusal like any other.
 */
export async function toldApplication(
  { claims }: Pick<PageDeps, 'claims'>,
  application: Application,
): Promise<Application> {
  const { id, status, reason, lender_id: lenderId, subject } = application;
  if (status !== 'refused' || !OF_A_PERSON.has(reason)) return application;
  const phone = subject.claims[0];
  const [reading] = phone === undefined ? [] : await claims.read(lenderId, [phone]);
  const isKnown =
    reading !== undefined && ((reading.ownerId !== null && reading.ownerId !== id) || reading.hold !== null);
  return isKnown ? application : { ...application, reason: 'ineligible', retry_at: null };
}
