import { ProblemError } from '../../../http/problem.ts';
import type { CloseOutcome } from '../../../revenue/close-outcome.ts';
import { statementView } from '../../schemas/statement-view.ts';

/**
 * The statement of a step that was done.
 * @throws ProblemError 409 `period_blocked` with `blockers`, and for every refusal its own code
 */
export function closeAnswer(outcome: CloseOutcome) {
  if (outcome.result === 'done') return statementView(outcome.statement);
  if (outcome.result === 'blocked') {
    const { blockers } = outcome;
    const detail = blockers.map((blocker) => `${blocker.code}: ${blocker.detail}`).join('; ');
    throw new ProblemError('period_blocked', detail, { members: { blockers } });
  }
  throw new ProblemError(outcome.code === 'unknown_period' ? 'not_found' : outcome.code, outcome.detail);
}
