import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import { asksLive } from '../screening/live/live-mode.ts';
import type { LiveAnswer } from '../screening/live/live-prechecks.ts';
import type { IntakeDeps } from './intake-deps.ts';
import type { LiveTrace, ProductAnswer } from './precheck-answer.ts';

/** Products of a lender that is asked live, and that we would let the subject apply for. */
type Wanted = ReadonlyMap<Lender, readonly string[]>;

const NONE_WANTED: Wanted = new Map();

/**
 * The lenders that have to be asked before these answers may be given: only about products that nothing of ours refuses, so
 * that nobody whom we turn away is ever named to a lender. A partner's own open application needs no lender to be gone on
 * with.
 */
export function wantedLive(deps: Pick<IntakeDeps, 'registry'>, decided: readonly ProductAnswer[]): Wanted {
  let wanted: Map<Lender, string[]> | undefined;
  for (const { product, decision } of decided) {
    if (decision.decision === 'refuse' || decision.reason === 'own') continue;
    const lender = deps.registry().lenders.get(product.lender_id);
    if (lender === undefined || !asksLive(lender)) continue;
    wanted ??= new Map();
    const products = wanted.get(lender);
    if (products === undefined) wanted.set(lender, [product.id]);
    else products.push(product.id);
  }
  return wanted ?? NONE_WANTED;
}

/** One precheck that asks lenders. */
interface Asking {
  /** The precheck's. */
  readonly id: string;
  readonly subject: NormalisedSubject;
  /** Monotonic ms; absent = each lender has its own time. */
  readonly liveUntilMs?: number | undefined;
  readonly wanted: Wanted;
}

/** Asks all of them at once, each about all its products, and puts their refusals in the place of our acceptances. */
export async function confirmLive(
  deps: Pick<IntakeDeps, 'live'>,
  partner: TrafficPartner,
  { id, subject, liveUntilMs: untilMs, wanted }: Asking,
  decided: readonly ProductAnswer[],
): Promise<{ readonly answers: readonly ProductAnswer[]; readonly live: LiveTrace }> {
  const asked = await Promise.all(
    [...wanted].map(async ([lender, productIds]): Promise<readonly [string, LiveAnswer]> => {
      const question = { precheckId: id, lender, productIds, partner, subject };
      return [lender.id, await deps.live.ask(untilMs === undefined ? question : { ...question, untilMs })];
    }),
  );
  const byLender = new Map(asked);
  const isAsked = (answer: ProductAnswer): LiveAnswer | undefined => {
    const { decision, reason } = answer.decision;
    return decision === 'accept' && reason !== 'own' ? byLender.get(answer.product.lender_id) : undefined;
  };
  const answers = decided.map((answer): ProductAnswer => {
    const verdict = isAsked(answer)?.verdict;
    if (verdict === undefined) return answer;
    if (verdict.decision === 'refuse') return { ...answer, decision: verdict };
    return verdict.provisional ? { ...answer, isUnconfirmed: true } : answer;
  });
  const outcomes = asked.map(([, { outcome }]) => outcome);
  return { answers, live: { outcomes, ms: Math.max(...asked.map(([, { ms }]) => ms)) } };
}
