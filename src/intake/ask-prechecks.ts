import { businessDayAt } from '../base/business-day.ts';
import { SECOND_MS } from '../base/clock.ts';
import { mapBounded } from '../base/map-bounded.ts';
import { DEFAULT_TIMEZONE } from '../registry/schema/scalars.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { precheck } from './precheck.ts';
import type { PrecheckAnswer } from './precheck-answer.ts';
import { type PrecheckFacts, readFacts } from './precheck-facts.ts';
import type { PrecheckInput } from './precheck-input.ts';

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
/** What one round may read: 500 hashes about one product, or some dozens of people in plain. */
const LOOKUPS_A_ROUND = 1_000;
/** Lookups of one person in plain at one lender, or on the lists: three hashes of phone, id number and both, and regions. */
const LOOKUPS_A_PERSON = 12;
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
  if (first !== undefined && answer !== undefined) {
    deps.probeWatch.note(partner.id, first.subject, answer.answers);
    return { kind: 'answered', answers: [answer], probes };
  }
  const liveUntilMs = performance.now() + BATCH_LIVE_MS;
  const facts = await readAll(deps, partner, inputs);
  const answers = await mapBounded([...inputs.entries()], CONCURRENCY, async ([index, input]) => {
    const one = await precheck(deps, partner, { ...input, liveUntilMs }, spending, facts[index]);
    deps.probeWatch.note(partner.id, input.subject, one.answers);
    return one;
  });
  return { kind: 'answered', answers, probes };
}

/**
 * What all questions of a batch are answered from. What is asked about one subject is read once, so that it has one answer
 * whatever happens meanwhile; all of it in one round, or in a few when there is much to look up, for single questions must
 * not wait behind it.
 * @returns facts in the order of the questions
 */
async function readAll(
  deps: IntakeDeps,
  partner: TrafficPartner,
  inputs: readonly PrecheckInput[],
): Promise<PrecheckFacts[]> {
  const bySubject = new Map<string, PrecheckInput>();
  const names = inputs.map((input) => {
    const name = JSON.stringify([input.subject, input.residenceRegion ?? null]);
    const products = [...new Set([...(bySubject.get(name)?.products ?? []), ...input.products])];
    bySubject.set(name, { ...input, products });
    return name;
  });
  const reading = new Map<string, Promise<PrecheckFacts>>();
  let lookups = 0;
  for (const [name, input] of bySubject) {
    lookups += lookupsOf(input);
    if (lookups > LOOKUPS_A_ROUND) {
      await Promise.all(reading.values());
      lookups = lookupsOf(input);
    }
    reading.set(name, readFacts(deps, partner, input));
  }
  return Promise.all(names.map((name) => reading.get(name) ?? Promise.reject(new Error('a question was not read'))));
}

function lookupsOf({ subject, products }: PrecheckInput): number {
  const isPlain = subject.phone?.given === 'plain' || subject.idNumber?.given === 'plain';
  return (isPlain ? LOOKUPS_A_PERSON : 1) * (new Set(products.map(({ lender_id: lender }) => lender)).size + 1);
}
