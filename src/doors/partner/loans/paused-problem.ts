import { isoOf, SECOND_MS } from '../../../base/clock.ts';
import { ProblemError } from '../../../http/problem.ts';

/** Drawdowns are paused. @param untilMs business time at which they are taken again, null = nobody knows */
export function pausedProblem(
  untilMs: number | null,
  nowMs: number,
  what: string = 'drawdowns of this product are paused',
): ProblemError {
  if (untilMs === null) return new ProblemError('product_paused', what, { members: { until: null } });
  const until = isoOf(untilMs);
  return new ProblemError('product_paused', `${what} until ${until}`, {
    members: { until },
    headers: { 'Retry-After': String(Math.max(1, Math.ceil((untilMs - nowMs) / SECOND_MS))) },
  });
}
