import { isoOf, MINUTE_MS } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import type { Spending } from '../limits/probe-budget.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { ClaimReading } from '../screening/claim-store.ts';
import { confirmLive, wantedLive } from './confirm-live.ts';
import { decideProduct, hitsOfProduct, type PrecheckCase } from './decide-precheck.ts';
import type { IntakeDeps } from './intake-deps.ts';
import type { PrecheckAnswer, ProductAnswer } from './precheck-answer.ts';
import { type PrecheckFacts, readFacts } from './precheck-facts.ts';
import type { PrecheckInput } from './precheck-input.ts';
import { reserveAccepted } from './reserve-accepted.ts';

/** An answer stays good this long when nothing happens in between. */
const VALID_MS = 30 * MINUTE_MS;

/**
 * Says whether a subject may apply, per product, in one round of Redis when nobody claims it. Everything is in the answer;
 * the door tells each partner as much as it may know.
 * @param spending of the probe that it costs; nothing is reserved, and no lender asked, before it is known to be granted
 * @param known what it is answered from, where that has been read already
 */
export async function precheck(
  deps: IntakeDeps,
  partner: TrafficPartner,
  input: PrecheckInput,
  spending: Promise<Spending>,
  known?: PrecheckFacts,
): Promise<PrecheckAnswer> {
  const id = randomId('pre');
  const facts = known ?? (await readFacts(deps, partner, input));
  const asked = { partner, input, facts };
  const decided: ProductAnswer[] = [];
  for (const product of input.products) {
    decided.push({ product, decision: await decideProduct(deps, asked, product), reservedUntil: null });
  }
  noteHits(deps, id, asked, spending);
  const wanted = wantedLive(deps, decided);
  // Nobody is named to a lender for a probe that is not paid for.
  const confirmed =
    wanted.size > 0 && (await spending).ok
      ? await confirmLive(
          deps,
          partner,
          { id, subject: input.subject, liveUntilMs: input.liveUntilMs, wanted },
          decided,
        )
      : undefined;
  const answers = confirmed?.answers ?? decided;
  const reserved =
    input.reserve && (await spending).ok
      ? await reserveAccepted(deps, partner, id, { read: reservable(facts), decided: answers })
      : { answers, exhausted: false };
  return {
    id,
    provisional: facts.provisional,
    validUntil: isoOf(deps.clock.nowMs() + VALID_MS),
    answers: reserved.answers,
    reservationsExhausted: reserved.exhausted,
    ...(confirmed ? { live: confirmed.live } : {}),
  };
}

const NOBODY: ReadonlyMap<string, readonly ClaimReading[]> = new Map();

/** Only one person can be kept, not one of several whom a masked identity fits. */
function reservable({ people: [first, ...more] }: PrecheckFacts): ReadonlyMap<string, readonly ClaimReading[]> {
  return more.length === 0 ? first.claims : NOBODY;
}

/** Keeps which list entries had a part in answers that were given. The answer does not wait for it, and stands without. */
function noteHits(deps: IntakeDeps, precheckId: string, asked: PrecheckCase, spending: Promise<Spending>): void {
  if (asked.facts.people.every(({ entries }) => entries.length === 0)) return;
  const drafts = asked.input.products.flatMap((product) => hitsOfProduct(deps, asked, product));
  const once = new Map(drafts.map((draft) => [JSON.stringify(draft), draft]));
  void spending
    .then(({ ok }) => (ok ? deps.listHits.record({ precheckId }, [...once.values()]) : undefined))
    .catch(() => undefined);
}
