import type { ApplicationStore } from '../applications/store.ts';
import type { RegistrationStore } from '../attribution/registration-store.ts';
import type { LogEvent } from '../events/event.ts';
import type { Projection } from '../events/projection.ts';
import type { SubjectIndex } from './subject-index.ts';

export interface SubjectProjectionDeps {
  readonly index: SubjectIndex;
  readonly store: Pick<ApplicationStore, 'load'>;
  readonly registrations: Pick<RegistrationStore, 'load'>;
}

/**
 * Lists applications and registrations under every token of their subject, so that a person is found by whatever form of
 * phone or id number is asked for. Tokens are read from the document: they never change. Adding is idempotent.
 */
export function createSubjectProjection({ index, store, registrations }: SubjectProjectionDeps): Projection {
  return {
    name: 'subjects',
    async apply(event) {
      if (event.type === 'applicant.registered') {
        const registration = await registrations.load(event.subject);
        if (registration) await index.add(registration.tokens, registration.id);
      } else if (begins(event)) {
        const subject = (await store.load(event.subject))?.application.subject;
        if (subject) await index.add([...subject.claims, ...subject.pointers], event.subject);
      }
    },
  };
}

/** The first event of an application: it is screened, refused at once, or was made at the lender (then it has a channel). */
export function begins({ type, data }: LogEvent): boolean {
  if (type === 'application.screening' || type === 'application.refused') return true;
  return type === 'application.received' && data.channel !== undefined;
}
