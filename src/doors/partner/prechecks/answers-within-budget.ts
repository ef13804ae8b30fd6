import { limitedBy, tellBudget } from '../../../http/rate-limit-fields.ts';
import { addLogFields, addWarning, type DoorContext, partyOf } from '../../../http/request-context.ts';
import { askPrechecks } from '../../../intake/ask-prechecks.ts';
import type { IntakeDeps } from '../../../intake/intake-deps.ts';
import type { PrecheckAnswer } from '../../../intake/precheck-answer.ts';
import type { PrecheckInput } from '../../../intake/precheck-input.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';

/** Said when a reservation was asked for and not made; the answers without `reserved_until` are those. */
const EXHAUSTED = 'reservations_exhausted';

/**
 * The answers to questions that the partner's probes of the day pay for, one an input; what is left of them is told in
 * `RateLimit`.
 * @throws ProblemError 429 `rate_limited` when they are more than what is left: then none of them was counted
 */
export async function answersWithinBudget(
  c: DoorContext<TrafficPartner>,
  intake: IntakeDeps,
  inputs: readonly PrecheckInput[],
): Promise<readonly PrecheckAnswer[]> {
  const partner = partyOf(c);
  const outcome = await askPrechecks(intake, partner, inputs);
  const { remaining, resetInSeconds } = outcome.probes;
  tellBudget(c, 'probes', remaining, resetInSeconds);
  if (outcome.kind === 'over_budget') {
    const detail = `${inputs.length} more would be over ${partner.limits.probes_per_day} prechecked subjects today; ${remaining} are left`;
    throw limitedBy('probes', detail, resetInSeconds);
  }
  if (outcome.answers.some(({ reservationsExhausted }) => reservationsExhausted)) addWarning(c, EXHAUSTED);
  logLive(c, outcome.answers);
  return outcome.answers;
}

/** How lenders that were asked live have answered: `accept`, or each outcome with its number; and how long the slowest took. */
function logLive(c: DoorContext<TrafficPartner>, answers: readonly PrecheckAnswer[]): void {
  const counts = new Map<string, number>();
  let slowestMs = 0;
  for (const { live } of answers) {
    if (live === undefined) continue;
    slowestMs = Math.max(slowestMs, live.ms);
    for (const outcome of live.outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  if (counts.size === 0) return;
  const [only] = counts.keys();
  const isOne = counts.size === 1 && only !== undefined;
  const told = isOne ? only : [...counts].map(([outcome, count]) => `${outcome}:${count}`).join(' ');
  addLogFields(c, { live_ms: Math.round(slowestMs), live_outcome: told });
}
