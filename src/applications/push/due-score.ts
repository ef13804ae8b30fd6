/** When a delivery is due and how often it has failed. */
export interface DueScore {
  /** Epoch milliseconds, real time. */
  readonly dueMs: number;
  /** Failed attempts so far. */
  readonly attempts: number;
}

/**
 * A sorted-set score is a double of 53 significant bits; epoch milliseconds need 41 of them. The attempts lie in the ten
 * bits below the point, which are exact, so due time and attempts change in one step and vanish together with the member.
 */
const ATTEMPT_UNITS = 1_024;

/** Attempts are counted up to here; the delay between them has long stopped growing by then. */
export const ATTEMPTS_COUNTED_MAX = ATTEMPT_UNITS - 1;

/** The score of a delivery in the outbox. */
export function toDueScore({ dueMs, attempts }: DueScore): number {
  return Math.floor(dueMs) + Math.min(attempts, ATTEMPTS_COUNTED_MAX) / ATTEMPT_UNITS;
}

/** Reads a score that {@link toDueScore} made. */
export function fromDueScore(score: number): DueScore {
  const dueMs = Math.floor(score);
  return { dueMs, attempts: Math.round((score - dueMs) * ATTEMPT_UNITS) };
}
