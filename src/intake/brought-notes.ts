import { withConsents } from '../applications/consents/note-consents.ts';
import type { Application } from '../applications/model.ts';
import {
  type BroughtVerification,
  verificationNotes,
  withVerifications,
} from '../applications/verification/note-verifications.ts';
import { isoOf } from '../base/clock.ts';
import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import type { ApplicationInput } from './application-input.ts';
import { identitiesIn } from './supplied-papers.ts';

/** The intent with what came along noted in the open: which texts were accepted, and how the person was checked before. */
export function withBroughtNotes(
  intent: Application,
  input: ApplicationInput,
  { name, idNumber, phone }: NormalisedSubject,
  nowMs: number,
): Application {
  const given = [...identitiesIn(input.applicant), input.device?.id];
  const normal = [name, idNumber, phone].map((one) => (one?.given === 'plain' ? one.value : ''));
  const known = [...given, ...normal].filter((one) => typeof one === 'string');
  const brought = (input.verifications ?? []) as unknown as readonly BroughtVerification[];
  const noted = withConsents(intent, input.consents ?? [], isoOf(nowMs), known);
  return withVerifications(noted, verificationNotes(brought, 'partner', known));
}
