import { ProblemError } from '../../../http/problem.ts';
import type { RevenueDesk } from '../../../revenue/revenue-desk.ts';
import type { Statement } from '../../../revenue/statement.ts';

/**
 * A partner's own statement. Unknown and another partner's are told apart by nothing.
 * @throws ProblemError 404
 */
export async function ownStatement(
  desk: Pick<RevenueDesk, 'periods'>,
  partnerId: string,
  id: string,
): Promise<Statement> {
  const statement = await desk.periods.statement(partnerId, id);
  if (statement === undefined) throw new ProblemError('not_found');
  return statement;
}
