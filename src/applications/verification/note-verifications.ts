import { isoOf, msOf } from '../../base/clock.ts';
import type { Application, VerificationNote } from '../model.ts';
import { withoutIdentities } from '../without-identities.ts';

/** More than these are kept of nobody; the oldest go first. */
const NOTES_MAX = 100;

/** A verification as somebody brought it, its shape checked by whoever took it in. */
export interface BroughtVerification {
  readonly kind: string;
  readonly provider: string;
  readonly result: 'pass' | 'fail' | 'unknown';
  readonly score?: number | undefined;
  readonly threshold?: number | undefined;
  readonly ref?: string | undefined;
  readonly at: string;
}

/** Verifications as they are noted: in one form, without anything of the person. */
export function verificationNotes(
  brought: readonly BroughtVerification[],
  by: VerificationNote['by'],
  known: readonly string[] = [],
): VerificationNote[] {
  return brought.map(({ kind, provider, result, score, threshold, ref, at }) => ({
    kind,
    provider: withoutIdentities(provider, known),
    result,
    ...(score === undefined ? {} : { score }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(ref === undefined ? {} : { ref: withoutIdentities(ref, known) }),
    at: isoOf(msOf(at)),
    by,
  }));
}

/** The application with these added; one that is there already is not added again. */
export function withVerifications(application: Application, notes: readonly VerificationNote[]): Application {
  const before = application.verifications ?? [];
  const known = new Set(before.map(keyOf));
  const added = notes.filter((note) => !known.has(keyOf(note)));
  if (added.length === 0) return application;
  return { ...application, verifications: [...before, ...added].slice(-NOTES_MAX) };
}

function keyOf({ kind, provider, result, ref, at, by }: VerificationNote): string {
  return JSON.stringify([kind, provider, result, ref, at, by]);
}
