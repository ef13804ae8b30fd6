/** How the first delivery of an application stands. */
export interface DueScore {
  /** Epoch milliseconds, real time: when it may be sent; while somebody has it, when that claim has run out. */
  readonly dueMs: number;
  /** Failed attempts so far. */
  readonly attempts: number;
  /** `held`: kept back by an operator; `claimed`: a sender has it. Absent = it waits. */
  readonly state?: 'held' | 'claimed';
}

/**
 * A sorted-set score is a double of 53 significant bits; epoch milliseconds need 43 of them until 2248. Attempts and state
 * lie in the ten bits below the point, which are exact, so all of it changes in one step and vanishes together with the member.
 * The claiming scripts know this layout: attempts in units of 4, held 2, claimed 1.
 */
const UNITS = 1_024;
const ATTEMPT = 4;
const HELD = 2;
const CLAIMED = 1;

/** Attempts are counted up to here; the delay between them has long stopped growing by then. */
export const ATTEMPTS_COUNTED_MAX = UNITS / ATTEMPT - 1;

/** The score of an application in its lender's outbox. */
export function toDueScore({ dueMs, attempts, state }: DueScore): number {
  const bits = state === 'claimed' ? CLAIMED : state === 'held' ? HELD : 0;
  return Math.floor(dueMs) + (Math.min(attempts, ATTEMPTS_COUNTED_MAX) * ATTEMPT + bits) / UNITS;
}

/** Reads a score that {@link toDueScore} made. */
export function fromDueScore(score: number): DueScore {
  const dueMs = Math.floor(score);
  const units = Math.round((score - dueMs) * UNITS);
  const due = { dueMs, attempts: Math.floor(units / ATTEMPT) };
  const bits = units % ATTEMPT;
  if (bits === 0) return due;
  return { ...due, state: bits % HELD === CLAIMED ? 'claimed' : 'held' };
}
