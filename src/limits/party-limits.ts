import type { Rate } from './gcra.ts';

/** What a party may do, as its file says; a party without budgets has the rate alone. */
export interface PartyLimits {
  readonly requests_per_second: number;
  readonly burst: number;
  readonly probes_per_day?: number;
  readonly applications_per_day?: number;
}

/** Lenders' files name no limits: a core that reports a busy day in single events stays far below this. */
export const LENDER_LIMITS: PartyLimits = { requests_per_second: 500, burst: 2_000 };

const DAY_SECONDS = 86_400;

/** Limits in the form in which they are asked about and told. */
export interface PartyPolicies {
  readonly rate: Rate;
  /**
   * Value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers). Of the rate, the burst is told with the time in
   * which it comes back: whoever keeps to that is never limited.
   */
  readonly field: string;
}

/** Limits never change: their successors are other objects. */
const known = new WeakMap<PartyLimits, PartyPolicies>();

export function policiesOf(limits: PartyLimits): PartyPolicies {
  let policies = known.get(limits);
  if (policies === undefined) {
    const {
      requests_per_second: perSecond,
      burst,
      probes_per_day: probes,
      applications_per_day: applications,
    } = limits;
    const items = [`"requests";q=${burst};w=${Math.ceil(burst / perSecond)}`];
    if (probes !== undefined) items.push(`"probes";q=${probes};w=${DAY_SECONDS}`);
    if (applications !== undefined) items.push(`"applications";q=${applications};w=${DAY_SECONDS}`);
    policies = { rate: { perSecond, burst }, field: items.join(', ') };
    known.set(limits, policies);
  }
  return policies;
}
