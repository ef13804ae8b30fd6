import { ProblemError } from '../../../http/problem.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import { readStanding, type StatementStanding } from '../../../revenue/settlement/read-standing.ts';

/**
 * A partner's own statement. Unknown and another partner's are told apart by nothing.
 * @throws ProblemError 404
 */
export async function ownStatement(
  desk: Pick<RevenueDesk, 'ledger'>,
  partnerId: string,
  id: string,
): Promise<StatementStanding> {
  const standing = (await readStanding(desk.ledger, partnerId)).byId.get(id);
  if (standing === undefined) throw new ProblemError('not_found');
  return standing;
}
