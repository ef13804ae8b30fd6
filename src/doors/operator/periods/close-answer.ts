import { ProblemError } from '../../../http/problem.ts';
import type { CloseOutcome } from '../../../revenue/close-outcome.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { readStanding } from '../../../revenue/settlement/read-standing.ts';
import { statementView } from '../../schemas/statement-view.ts';

/**
 * The statement of a step that was done.
 * @throws ProblemError 409 `period_blocked` with `blockers`, and for every refusal its own code
 */
export async function closeAnswer(
  desk: Pick<RevenueDesk, 'ledger' | 'sign'>,
  partnerId: string,
  outcome: CloseOutcome,
) {
  if (outcome.result === 'done') {
    const standing = (await readStanding(desk.ledger, partnerId)).byId.get(outcome.statement.id);
    if (standing === undefined) throw new Error(`statement ${outcome.statement.id} was written and is not there`);
    return statementView(standing, desk.sign);
  }
  if (outcome.result === 'blocked') {
    const { blockers } = outcome;
    const detail = blockers.map((blocker) => `${blocker.code}: ${blocker.detail}`).join('; ');
    throw new ProblemError('period_blocked', detail, { members: { blockers } });
  }
  throw new ProblemError(outcome.code === 'unknown_period' ? 'not_found' : outcome.code, outcome.detail);
}
