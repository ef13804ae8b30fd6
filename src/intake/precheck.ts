import { isoOf, MINUTE_MS } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import type { DayCap } from '../limits/place-store.ts';
import type { Spending } from '../limits/probe-budget.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { ClaimReading } from '../screening/claim-store.ts';
import { type Acceptance, type Decision, firstRefusal, type Refusal, refusal } from '../screening/decision.ts';
import { closedNow, ineligibleFor } from '../screening/product-rules.ts';
import { standingOf } from '../screening/standing.ts';
import { claimTokens } from './application-draft.ts';
import { cappedNow, fullCaps } from './application-places.ts';
import { confirmLive, wantedLive } from './confirm-live.ts';
import type { IntakeDeps } from './intake-deps.ts';
import type { PrecheckAnswer, ProductAnswer } from './precheck-answer.ts';
import { reserveAccepted } from './reserve-accepted.ts';

/** An answer stays good this long when nothing happens in between. */
const VALID_MS = 30 * MINUTE_MS;

export interface PrecheckInput {
  readonly products: readonly RegisteredProduct[];
  readonly subject: NormalisedSubject;
  readonly reserve: boolean;
  /** GB/T 2260 code of a stated residence. */
  readonly residenceRegion?: string;
  /** Monotonic ms by which lenders that are asked live must have answered; absent = each has its own time. */
  readonly liveUntilMs?: number;
}

/**
 * Says whether a subject may apply, per product, in one round of Redis when nobody claims it. Everything is in the answer;
 * the door tells each partner as much as it may know.
 * @param spending of the probe that it costs; nothing is reserved, and no lender asked, before it is known to be granted
 */
export async function precheck(
  deps: IntakeDeps,
  partner: TrafficPartner,
  input: PrecheckInput,
  spending: Promise<Spending>,
): Promise<PrecheckAnswer> {
  const id = randomId('pre');
  const tokens = deps.tokenizer.tokensOfSubject(input.subject);
  const { claims, pointers } = claimTokens(tokens);
  const ordered = [...claims, ...pointers];
  const lenders = [...new Set(input.products.map((product) => product.lender_id))];
  const caps = fullCaps(deps, partner, input.products, deps.clock.nowMs());
  const reading = Promise.all(
    lenders.map(async (lender) => [lender, await deps.claims.read(lender, ordered)] as const),
  );
  const [full, readings] = caps instanceof Promise ? await Promise.all([caps, reading]) : [caps, await reading];
  const read = new Map(readings);
  const known = { partner, input, full };
  const decided: ProductAnswer[] = [];
  for (const product of input.products) {
    const decision = await decide(deps, known, product, read.get(product.lender_id) ?? []);
    decided.push({ product, decision, reservedUntil: null });
  }
  const wanted = wantedLive(deps, decided);
  // Nobody is named to a lender for a probe that is not paid for.
  const confirmed =
    wanted.size > 0 && (await spending).ok
      ? await confirmLive(deps, partner, { id, subject: input.subject, liveUntilMs: input.liveUntilMs, wanted }, decided)
      : undefined;
  const answers = confirmed?.answers ?? decided;
  const reserved =
    input.reserve && (await spending).ok
      ? await reserveAccepted(deps, partner, id, { read, decided: answers })
      : { answers, exhausted: false };
  return {
    id,
    provisional: tokens.provisional,
    validUntil: isoOf(deps.clock.nowMs() + VALID_MS),
    answers: reserved.answers,
    reservationsExhausted: reserved.exhausted,
    ...(confirmed ? { live: confirmed.live } : {}),
  };
}

/** What a decision rests on besides the product and the claims at its lender. */
interface Known {
  readonly partner: TrafficPartner;
  readonly input: PrecheckInput;
  readonly full: ReadonlySet<DayCap>;
}

async function decide(
  deps: IntakeDeps,
  { partner, input, full }: Known,
  product: RegisteredProduct,
  readings: readonly ClaimReading[],
): Promise<Decision> {
  const nowMs = deps.clock.nowMs();
  const lender = deps.registry().lenders.get(product.lender_id);
  const parties = { partnerActive: partner.status === 'active', lenderActive: lender?.status === 'active' };
  const { facts } = input.subject;
  const applicant = {
    ...(facts ? { birthDate: facts.birthDate, region: facts.region } : {}),
    ...(input.residenceRegion ? { residenceRegion: input.residenceRegion } : {}),
  };
  const claimed = await judgeClaims(deps, partner.id, readings, nowMs);
  const held = readings.find(({ hold }) => hold && hold.partner_id !== partner.id && hold.until_ms > nowMs)?.hold;
  const worst = firstRefusal([
    closedNow(product, parties, nowMs),
    ineligibleFor(product, applicant, nowMs),
    ...claimed.refusals,
    held ? refusal('other_channel', { retryAtMs: held.until_ms }) : undefined,
    cappedNow(deps, partner, product, full, nowMs),
  ]);
  // The partner's own open application is no refusal to a question: it says go on with it.
  if (worst?.reason === 'own') return { decision: 'accept', reason: 'own', customer: claimed.customer };
  if (worst) return worst;
  return { decision: 'accept', reason: claimed.customer, customer: claimed.customer };
}

async function judgeClaims(
  deps: IntakeDeps,
  partnerId: string,
  readings: readonly ClaimReading[],
  nowMs: number,
): Promise<{ readonly refusals: readonly Refusal[]; readonly customer: Acceptance['customer'] }> {
  const owners = [...new Set(readings.flatMap(({ ownerId }) => (ownerId === null ? [] : [ownerId])))];
  if (owners.length === 0) return { refusals: [], customer: 'new' };
  const refusals: Refusal[] = [];
  let customer: Acceptance['customer'] = 'new';
  for (const owner of await Promise.all(owners.map((ownerId) => deps.store.load(ownerId)))) {
    if (!owner) continue;
    const { application } = owner;
    const revolving = deps.registry().products.get(application.product_id)?.kind === 'revolving';
    const standing = standingOf(application, partnerId, revolving, nowMs);
    if (standing.kind === 'taken') refusals.push(standing.refusal);
    else if (standing.kind === 'undecided') refusals.push(undecided(application.owner_id === partnerId));
    else if (standing.customer === 'returning') customer = 'returning';
  }
  return { refusals, customer };
}

/** A question is answered at once: what is being claimed at this moment counts as claimed. */
function undecided(isOwn: boolean): Refusal {
  return refusal(isOwn ? 'in_progress' : 'other_channel');
}
