import { isoOf, msOf } from '../../base/clock.ts';
import type { Application, ConsentNote } from '../model.ts';
import { withoutIdentities } from '../without-identities.ts';
import type { GivenConsent } from './judge-consent.ts';

/** More than these are kept of nobody: each drawdown brings a few. The oldest go first; the sealed record keeps them all. */
const NOTES_MAX = 200;

/**
 * The application with these consents noted. The same text accepted again is one note, with its newest acceptance; one that
 * was accepted before it was withdrawn stays withdrawn.
 * @param acceptedAt business time, for a consent that does not say when it was given
 * @param known identities of the applicant that must not get into the notes
 */
export function withConsents(
  application: Application,
  given: readonly GivenConsent[],
  acceptedAt: string,
  known: readonly string[] = [],
): Application {
  if (given.length === 0) return application;
  const notes = new Map((application.consents ?? []).map((note) => [keyOf(note), note]));
  for (const consent of given) {
    const note = noteOf(consent, acceptedAt, known);
    const key = keyOf(note);
    const before = notes.get(key);
    const isNewer = before === undefined || note.accepted_at > (before.withdrawn_at ?? before.accepted_at);
    if (!isNewer) continue;
    notes.delete(key);
    notes.set(key, note);
  }
  return { ...application, consents: [...notes.values()].slice(-NOTES_MAX) };
}

/** What an event has to tell of the consents that a change has noted; nothing where it has noted none. */
export function newConsents(before: Application, after: Application): { readonly consents?: readonly ConsentNote[] } {
  const known = new Set(before.consents);
  const consents = (after.consents ?? []).filter((note) => !known.has(note));
  return consents.length === 0 ? {} : { consents };
}

function noteOf(consent: GivenConsent, acceptedAt: string, known: readonly string[]): ConsentNote {
  const text = (value: unknown): string => (typeof value === 'string' ? withoutIdentities(value, known) : '');
  const { parties, accepted_at: at } = consent;
  return {
    kind: text(consent.kind),
    document: text(consent.document),
    version: text(consent.version),
    text_sha256: text(consent.text_sha256),
    parties: Array.isArray(parties) ? parties.filter((one) => typeof one === 'string').map(text) : [],
    // In one form, so that text order is time order.
    accepted_at: typeof at === 'string' ? isoOf(msOf(at)) : acceptedAt,
    withdrawn_at: null,
  };
}

function keyOf({ kind, document, version, text_sha256: sha }: ConsentNote): string {
  return JSON.stringify([kind, document, version, sha]);
}
