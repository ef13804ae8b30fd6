import { businessDayAt } from '../base/business-day.ts';
import { SECOND_MS } from '../base/clock.ts';
import type { DayCount } from '../limits/day-counts.ts';
import { DEFAULT_TIMEZONE } from '../registry/schema/scalars.ts';
import type { IntakeDeps } from './intake-deps.ts';

/**
 * Spends of what a partner may have of something in a day, whole or not at all.
 * @returns in how many seconds of business time (at least 1) the day is over
 */
export async function spendToday(
  { clock, quotas }: Pick<IntakeDeps, 'clock' | 'quotas'>,
  partnerId: string,
  what: DayCount,
  amount: number,
  budget: number,
): Promise<{ readonly ok: boolean; readonly resetInSeconds: number }> {
  const nowMs = clock.nowMs();
  const { day, endsAtMs } = businessDayAt(nowMs, DEFAULT_TIMEZONE);
  const ok = await quotas.days.spend(partnerId, what, { day, budget }, amount);
  return { ok, resetInSeconds: Math.max(1, Math.ceil((endsAtMs - nowMs) / SECOND_MS)) };
}
