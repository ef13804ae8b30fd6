import type { LogEvent } from '../../events/event.ts';
import type { Application, ConsentNote, VerificationNote } from '../model.ts';
import { withVerifications } from '../verification/note-verifications.ts';
import { dataOf } from './fold-step.ts';

/** More than these are kept of nobody; the oldest go first. */
const CONSENTS_MAX = 200;

/** Texts that were accepted, as any event may bring them: one that was accepted before moves to the end. */
export function withAccepted(application: Application, event: LogEvent): Application {
  const { consents: fresh = [] } = dataOf<{ readonly consents?: readonly ConsentNote[] }>(event);
  if (fresh.length === 0) return application;
  const known = (application.consents ?? []).filter((note) => !fresh.some((one) => isSameText(one, note)));
  return { ...application, consents: [...known, ...fresh].slice(-CONSENTS_MAX) };
}

/** Texts that were taken back: each stays in its place. */
export function withTakenBack(application: Application, event: LogEvent): Application {
  const { consents: withdrawn } = dataOf<{ readonly consents: readonly ConsentNote[] }>(event);
  const consents = (application.consents ?? []).map((note) => withdrawn.find((one) => isSameText(one, note)) ?? note);
  return { ...application, consents };
}

/** Checks of the applicant, as any event may bring them. */
export function withChecks(application: Application, event: LogEvent): Application {
  const { verifications = [] } = dataOf<{ readonly verifications?: readonly VerificationNote[] }>(event);
  return withVerifications(application, verifications);
}

function isSameText(one: ConsentNote, other: ConsentNote): boolean {
  return (
    one.kind === other.kind &&
    one.document === other.document &&
    one.version === other.version &&
    one.text_sha256 === other.text_sha256
  );
}
