import { isId } from '../../base/ids.ts';
import type { EventType } from '../../events/event.ts';
import type { Projection } from '../../events/projection.ts';
import { applyOverdueRule, hasOverdueRule, type OverdueDeps } from './overdue-entries.ts';
import type { OverdueTimes } from './overdue-times.ts';

export const OVERDUE_PROJECTION = 'overdue-entries';

/** Events with which a loan may come to hold an automatic entry, or to let it go. */
const RELEVANT: ReadonlySet<EventType> = new Set<EventType>([
  'loan.overdue',
  'loan.cured',
  'loan.settled',
  'loan.written_off',
  'loan.cancelled',
  'loan.schedule_updated',
  'installment.paid',
  'installment.reversed',
]);

/**
 * Contributes an entry for whoever is overdue at a funder that says so in its file (`lists.auto_overdue_days`), and takes it
 * off again. Between the events time goes on: when the loan will reach the days of the rule is noted, see `OverdueTimes`.
 */
export function createOverdueProjection(deps: OverdueDeps & { readonly times: OverdueTimes }): Projection {
  return {
    name: OVERDUE_PROJECTION,
    async apply({ type, subject }) {
      if (!RELEVANT.has(type) || !isId('app', subject) || !hasOverdueRule(deps.registry())) return;
      await deps.times.note(subject, await applyOverdueRule(deps, subject));
    },
  };
}
