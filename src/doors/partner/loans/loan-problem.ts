import { ProblemError } from '../../../http/problem.ts';
import type { DrawDownResult } from '../../../intake/draw-down.ts';
import { inputProblem } from '../input-problem.ts';
import { pausedProblem } from './paused-problem.ts';

/** Why there is no loan, as a problem. @param nowMs business time */
export function loanProblem(result: Extract<DrawDownResult, { ok: false }>, nowMs: number): ProblemError {
  if ('faults' in result) return inputProblem(result.faults);
  if ('untilMs' in result) return pausedProblem(result.untilMs, nowMs);
  const { code, pointer, message } = result;
  const errors = [{ pointer, code, message }];
  switch (code) {
    case 'credit_not_active':
    case 'loan_open':
    case 'limit_reached':
      return new ProblemError(code, message);
    case 'drawdown_declined':
      return new ProblemError(code, message, { members: { retry_at: result.retryAt } });
    case 'idempotency_conflict':
    case 'over_available':
    case 'quote_expired':
    case 'quote_mismatch':
      return new ProblemError(code, message, { errors });
    default:
      return inputProblem(errors);
  }
}
