import type { Annotation, VerificationNote } from '../model.ts';

/** What verifications say of an applicant, as far as the product requires them. */
export interface VerificationVerdict {
  /** Required kinds that were failed: nobody goes on with one of these. */
  readonly failed: readonly string[];
  /** Required kinds about which nobody could tell: the lender is told. */
  readonly unknown: readonly string[];
}

/** Judges the required kinds, each by its newest result; of two at one instant the later one counts. */
export function judgeVerifications(
  required: readonly string[],
  notes: readonly VerificationNote[] = [],
): VerificationVerdict {
  const newest = new Map<string, VerificationNote>();
  for (const note of notes) {
    const before = newest.get(note.kind);
    if (before === undefined || note.at >= before.at) newest.set(note.kind, note);
  }
  const kindsWith = (result: VerificationNote['result']): string[] =>
    required.filter((kind) => newest.get(kind)?.result === result);
  return { failed: kindsWith('fail'), unknown: kindsWith('unknown') };
}

/** What the lender is told of checks that told nothing. */
export function verificationAnnotations({ unknown }: VerificationVerdict): Annotation[] {
  return unknown.map((kind) => ({ code: 'verification_unknown', kind }));
}
