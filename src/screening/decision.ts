/** Why an applicant is admitted or not, in the words of the contract. */
export type AcceptReason = 'new' | 'returning' | 'own';
export type RefuseReason =
  | 'closed'
  | 'ineligible'
  | 'blocked'
  | 'own'
  | 'in_progress'
  | 'existing_customer'
  | 'other_channel'
  | 'recently_refused'
  | 'capped';

export interface Refusal {
  readonly decision: 'refuse';
  readonly reason: RefuseReason;
  readonly detail: string | null;
  /** When asking again makes sense; null when we cannot know. */
  readonly retryAtMs: number | null;
  /** The partner's own application that is open, for `own`. */
  readonly existingApplicationId: string | null;
}

export interface Acceptance {
  readonly decision: 'accept';
  readonly reason: AcceptReason;
  readonly customer: 'new' | 'returning';
}

export type Decision = Acceptance | Refusal;

/** Several reasons may apply; the applicant's partner is told the first of these. */
const PRECEDENCE: readonly RefuseReason[] = [
  'closed',
  'ineligible',
  'blocked',
  'own',
  'in_progress',
  'existing_customer',
  'other_channel',
  'recently_refused',
  'capped',
];

export function refusal(
  reason: RefuseReason,
  more: Partial<Pick<Refusal, 'detail' | 'retryAtMs' | 'existingApplicationId'>> = {},
): Refusal {
  return { decision: 'refuse', reason, detail: null, retryAtMs: null, existingApplicationId: null, ...more };
}

/** The refusal that is told when several apply; undefined when none does. Of several that say the same, the one that lasts longest. */
export function firstRefusal(refusals: readonly (Refusal | undefined)[]): Refusal | undefined {
  let first: Refusal | undefined;
  for (const candidate of refusals) {
    if (candidate && (!first || comesBefore(candidate, first))) first = candidate;
  }
  return first;
}

function comesBefore(one: Refusal, other: Refusal): boolean {
  const order = PRECEDENCE.indexOf(one.reason) - PRECEDENCE.indexOf(other.reason);
  if (order !== 0 || one.detail !== other.detail || other.retryAtMs === null) return order < 0;
  // null = nobody can say when it ends.
  return one.retryAtMs === null || one.retryAtMs > other.retryAtMs;
}
