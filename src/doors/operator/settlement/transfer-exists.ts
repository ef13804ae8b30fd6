import { ProblemError } from '../../../http/problem.ts';
import type { TransferDifference } from '../../../revenue/transfer-result.ts';

/** 409 for a reference under which something else was booked; its member `how` says in what that differs. */
export function transferExists(how: TransferDifference): ProblemError {
  return new ProblemError('transfer_exists', how.replaceAll('_', ' '), { members: { how } });
}
