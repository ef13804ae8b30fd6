import { type PartyLimits, policiesOf } from '../limits/party-limits.ts';
import { ProblemError } from './problem.ts';
import { addAnswerHeaders, type DoorContext } from './request-context.ts';

/** What is told of limits is in the form of draft-ietf-httpapi-ratelimit-headers. */
const POLICY_FIELD = 'RateLimit-Policy';
const STATE_FIELD = 'RateLimit';

/** Policies as they are named in fields, problems and metrics. */
export type PolicyName = 'requests' | 'probes' | 'handoffs' | 'uploads' | 'address';

/** Tells a party its policies, and what is left of its rate. */
export function tellLimits<P>(c: DoorContext<P>, limits: PartyLimits, remaining: number, seconds: number): void {
  addAnswerHeaders(
    c,
    [POLICY_FIELD, policiesOf(limits).field],
    [STATE_FIELD, `"requests";r=${remaining};t=${seconds}`],
  );
}

/** Adds what is left of a further policy; `seconds` until it starts anew. */
export function tellBudget<P>(c: DoorContext<P>, policy: PolicyName, remaining: number, seconds: number): void {
  const context = c.get('request');
  const item = `"${policy}";r=${remaining};t=${seconds}`;
  context.headers = context.headers?.map((field) =>
    field[0] === STATE_FIELD ? [STATE_FIELD, `${field[1]}, ${item}`] : field,
  );
}

/** `429 rate_limited` of a policy; `seconds` until asking again makes sense. */
export function limitedBy(policy: PolicyName, detail: string, seconds: number): ProblemError {
  return new ProblemError('rate_limited', detail, {
    headers: { 'Retry-After': String(seconds) },
    members: { violated_policies: [policy] },
  });
}

/** Names of the policies that a `rate_limited` problem is about. */
export function violatedPolicies(problem: ProblemError): readonly string[] {
  const named = problem.members?.violated_policies;
  return Array.isArray(named) ? named.map(String) : [];
}
