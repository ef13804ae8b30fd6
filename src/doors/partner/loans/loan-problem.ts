import { ProblemError } from '../../../http/problem.ts';
import type { DrawDownResult } from '../../../intake/draw-down.ts';
import { inputProblem } from '../input-problem.ts';

/** Why there is no loan, as a problem. */
export function loanProblem(result: Extract<DrawDownResult, { ok: false }>): ProblemError {
  if ('faults' in result) return inputProblem(result.faults);
  const { code, pointer, message } = result;
  if (result.status === 409) return new ProblemError('illegal_transition', message, { members: { legal: [] } });
  const errors = [{ pointer, code, message }];
  if (code === 'idempotency_conflict' || code === 'over_available') return new ProblemError(code, message, { errors });
  return inputProblem(errors);
}
