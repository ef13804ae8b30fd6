import { PARTNERS } from './cast-errands.ts';
import { statementSchema } from './collect-statements.ts';
import type { Players } from './send-applicants.ts';

/** Closes whole months in order: cut and drafted, then locked and signed. In sandbox one operator may do both. */
export async function closeMonths({ operator }: Players, months: readonly string[], tick: () => void): Promise<void> {
  for (const partnerId of PARTNERS) {
    for (const month of months) {
      for (const step of ['review', 'lock']) {
        await operator.post(`/admin/v1/partners/${partnerId}/periods/${month}/${step}`, {}, statementSchema);
      }
      tick();
    }
  }
}
