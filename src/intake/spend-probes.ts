import { businessDayAt } from '../base/business-day.ts';
import { SECOND_MS } from '../base/clock.ts';
import type { Spending } from '../limits/probe-budget.ts';
import { DEFAULT_TIMEZONE } from '../registry/schema/scalars.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { IntakeDeps } from './intake-deps.ts';

/**
 * Spends probes of a partner's day, all or none.
 * @returns what is left, and in how many seconds of business time (at least 1) the budget starts anew
 */
export async function spendProbes(
  { clock, quotas }: Pick<IntakeDeps, 'clock' | 'quotas'>,
  { id, limits }: Pick<TrafficPartner, 'id' | 'limits'>,
  amount: number,
): Promise<Spending & { readonly resetInSeconds: number }> {
  const nowMs = clock.nowMs();
  const { day, endsAtMs } = businessDayAt(nowMs, DEFAULT_TIMEZONE);
  const spent = await quotas.probes.spend(id, { day, budget: limits.probes_per_day }, amount);
  return { ...spent, resetInSeconds: Math.max(1, Math.ceil((endsAtMs - nowMs) / SECOND_MS)) };
}
