import { ProblemError } from '../../../http/problem.ts';
import type { ActionResult } from '../../../intake/action-result.ts';
import { inputProblem } from '../input-problem.ts';

/** By then a lender that was busy has answered, or is known to be away. */
const RETRY_AFTER_SECONDS = '5';

/** Reasons of lenders for not taking a code that the applicant may try again. */
const WRONG_CODE: ReadonlySet<string> = new Set(['otp_wrong', 'otp_expired']);
/** Reasons after which nothing more can be tried. */
const OVER: ReadonlySet<string> = new Set(['action_expired', 'too_many_attempts']);

/** Why what an applicant did has come to nothing, as a problem. */
export function actionProblem(result: Exclude<ActionResult, { readonly kind: 'done' }>): ProblemError {
  switch (result.kind) {
    case 'faults':
      return inputProblem(result.faults);
    case 'expired':
      return new ProblemError('action_expired');
    case 'completed':
      return new ProblemError('action_completed');
    case 'illegal':
      return new ProblemError('illegal_transition', result.message, { members: { legal: [] } });
    case 'too_many':
      return new ProblemError('limit_reached', `the application has had ${result.limit}`);
    case 'unavailable':
      return lenderAway();
    case 'refused':
      return refused(result);
  }
}

/** Nothing was kept: the same may be tried again. */
function lenderAway(): ProblemError {
  const detail = 'the lender does not answer; what was sent was not kept, send it again';
  return new ProblemError('lender_unavailable', detail, { headers: { 'Retry-After': RETRY_AFTER_SECONDS } });
}

function refused({ reason, triesLeft }: Extract<ActionResult, { readonly kind: 'refused' }>): ProblemError {
  if (OVER.has(reason)) return new ProblemError('action_expired', reason);
  if (reason === 'card_refused') return new ProblemError('card_refused', reason);
  if (!WRONG_CODE.has(reason)) return new ProblemError('action_refused', reason);
  const message = reason === 'otp_expired' ? 'the code has expired: have another one sent' : 'the code is wrong';
  const members = triesLeft === null ? {} : { tries_left: triesLeft };
  return new ProblemError('otp_wrong', message, { members, errors: [{ pointer: '/otp', code: reason, message }] });
}
