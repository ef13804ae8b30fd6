import type { Application } from '../../../applications/model.ts';
import { ProblemError } from '../../../http/problem.ts';
import type { ApplicationInput } from '../../../intake/application-input.ts';
import { IntentUndecidedError } from '../../../intake/drive-intent.ts';
import type { IntakeDeps } from '../../../intake/intake-deps.ts';
import { type SubmitResult, type Submitter, submitApplication } from '../../../intake/submit-application.ts';
import { inputProblem } from '../input-problem.ts';

/** By then the recovery has finished what its caller left. */
const RETRY_AFTER_SECONDS = '3';

/**
 * Takes an application in; whatever is no answer becomes a problem.
 * @throws ProblemError 422 for its faults or another use of its reference; 503 while another application of the subject stays undecided
 */
export async function submitOrProblem(
  intake: IntakeDeps,
  submitter: Submitter,
  input: ApplicationInput,
): Promise<{ readonly application: Application; readonly replayed: boolean }> {
  const result = await submitApplication(intake, submitter, input).catch(undecided);
  if (result.kind === 'answered') return result;
  if (result.kind === 'invalid') throw inputProblem(result.faults);
  throw new ProblemError('idempotency_conflict', `${result.applicationId} has this partner_ref and other content`, {
    errors: [{ pointer: '/partner_ref', code: 'idempotency_conflict', message: 'was used for another application' }],
  });
}

function undecided(error: unknown): SubmitResult {
  if (!(error instanceof IntentUndecidedError)) throw error;
  throw new ProblemError('dependency_unavailable', error.message, { headers: { 'Retry-After': RETRY_AFTER_SECONDS } });
}
