import { businessDayAt } from '../base/business-day.ts';
import { SECOND_MS } from '../base/clock.ts';
import { mapBounded } from '../base/map-bounded.ts';
import { DEFAULT_TIMEZONE } from '../registry/schema/scalars.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { type PrecheckInput, precheck } from './precheck.ts';
import type { PrecheckAnswer } from './precheck-answer.ts';

/** A partner's probes of the day. */
export interface ProbesLeft {
  readonly remaining: number;
  /** Seconds of business time until the budget starts anew; at least 1. */
  readonly resetInSeconds: number;
}

export type PrecheckOutcome =
  | { readonly kind: 'answered'; readonly answers: readonly PrecheckAnswer[]; readonly probes: ProbesLeft }
  /** The questions are more than what is left: nothing was counted, nothing reserved, and nothing may be told. */
  | { readonly kind: 'over_budget'; readonly probes: ProbesLeft };

/** Enough to fill the pipeline to Redis; a batch must not starve single questions. */
const CONCURRENCY = 16;
/**
 * Lenders that are asked live have so long for all of a batch; a caller waits for half a minute as a rule. What is not asked
 * by then is answered as if they had been silent.
 */
const BATCH_LIVE_MS = 15 * SECOND_MS;

/**
 * Answers questions, each counted as one probe of the partner's daily budget: all of them or none. A single one is answered
 * while its probe is being spent, and reserves nothing before.
 */
export async function askPrechecks(
  deps: IntakeDeps,
  partner: TrafficPartner,
  inputs: readonly PrecheckInput[],
): Promise<PrecheckOutcome> {
  const nowMs = deps.clock.nowMs();
  const { day, endsAtMs } = businessDayAt(nowMs, DEFAULT_TIMEZONE);
  const budget = { day, budget: partner.limits.probes_per_day };
  const spending = deps.quotas.probes.spend(partner.id, budget, inputs.length);
  const [first] = inputs;
  const isSingle = inputs.length === 1 && first !== undefined;
  const answering = isSingle ? precheck(deps, partner, first, spending) : undefined;
  const [spent, answer] = await Promise.all([spending, answering]);
  const probes = {
    remaining: spent.remaining,
    resetInSeconds: Math.max(1, Math.ceil((endsAtMs - nowMs) / SECOND_MS)),
  };
  if (!spent.ok) return { kind: 'over_budget', probes };
  if (answer !== undefined) return { kind: 'answered', answers: [answer], probes };
  const liveUntilMs = performance.now() + BATCH_LIVE_MS;
  const answers = await mapBounded(inputs, CONCURRENCY, (input) =>
    precheck(deps, partner, { ...input, liveUntilMs }, spending),
  );
  return { kind: 'answered', answers, probes };
}
