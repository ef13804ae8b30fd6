import { isoOf, MINUTE_MS } from '../base/clock.ts';
import { randomId } from '../base/ids.ts';
import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { ClaimReading, Hold } from '../screening/claim-store.ts';
import { type Acceptance, type Decision, firstRefusal, type Refusal, refusal } from '../screening/decision.ts';
import { closedNow, ineligibleFor } from '../screening/product-rules.ts';
import { standingOf } from '../screening/standing.ts';
import { claimTokens } from './application-draft.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { pinsAt } from './pins-at.ts';

/** An answer stays good this long when nothing happens in between. */
const VALID_MS = 30 * MINUTE_MS;
/** How long a reservation keeps the subject. */
export const RESERVATION_MS = 10 * MINUTE_MS;

export interface PrecheckInput {
  readonly products: readonly RegisteredProduct[];
  readonly subject: NormalisedSubject;
  readonly reserve: boolean;
  /** GB/T 2260 code of a stated residence. */
  readonly residenceRegion?: string;
}

export interface ProductAnswer {
  readonly product: RegisteredProduct;
  readonly decision: Decision;
  /** RFC 3339; null when nothing is reserved. */
  readonly reservedUntil: string | null;
}

export interface PrecheckAnswer {
  readonly id: string;
  readonly provisional: boolean;
  readonly validUntil: string;
  readonly answers: readonly ProductAnswer[];
}

/**
 * Says whether a subject may apply, per product, in one round of Redis when nobody claims it. Everything is in the answer;
 * the door tells each partner as much as it may know.
 */
export async function precheck(
  deps: IntakeDeps,
  partner: TrafficPartner,
  input: PrecheckInput,
): Promise<PrecheckAnswer> {
  const id = randomId('pre');
  const tokens = deps.tokenizer.tokensOfSubject(input.subject);
  const { claims, pointers } = claimTokens(tokens);
  const ordered = [...claims, ...pointers];
  const lenders = [...new Set(input.products.map((product) => product.lender_id))];
  const read = new Map(
    await Promise.all(lenders.map(async (lender) => [lender, await deps.claims.read(lender, ordered)] as const)),
  );
  const decided: ProductAnswer[] = [];
  for (const product of input.products) {
    const decision = await decide(deps, partner, product, input, read.get(product.lender_id) ?? []);
    decided.push({ product, decision, reservedUntil: null });
  }
  const answers = input.reserve ? await reserveAccepted(deps, partner, id, read, decided) : decided;
  const validUntil = isoOf(deps.clock.nowMs() + VALID_MS);
  return { id, provisional: tokens.provisional, validUntil, answers };
}

async function decide(
  deps: IntakeDeps,
  partner: TrafficPartner,
  product: RegisteredProduct,
  input: PrecheckInput,
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

/** Reserves the subject once at each lender that accepts it, whatever the number of its products. */
async function reserveAccepted(
  deps: IntakeDeps,
  partner: TrafficPartner,
  id: string,
  read: ReadonlyMap<string, readonly ClaimReading[]>,
  decided: readonly ProductAnswer[],
): Promise<ProductAnswer[]> {
  const isWanted = ({ decision }: ProductAnswer) => decision.decision === 'accept' && decision.reason !== 'own';
  const lenders = [...new Set(decided.filter(isWanted).map(({ product }) => product.lender_id))];
  const reserved = new Map(
    await Promise.all(
      lenders.map(
        async (lender) => [lender, await reserve(deps, partner, lender, id, read.get(lender) ?? [])] as const,
      ),
    ),
  );
  return decided.map((answer) => {
    const outcome = reserved.get(answer.product.lender_id);
    if (outcome === undefined || !isWanted(answer)) return answer;
    return typeof outcome === 'string' ? { ...answer, reservedUntil: outcome } : { ...answer, decision: outcome };
  });
}

/** @returns until when the subject is reserved (RFC 3339), or why it is not */
async function reserve(
  deps: IntakeDeps,
  partner: TrafficPartner,
  lenderId: string,
  id: string,
  readings: readonly ClaimReading[],
): Promise<string | Refusal> {
  const nowMs = deps.clock.nowMs();
  const hold: Hold = {
    precheck_id: id,
    partner_id: partner.id,
    until_ms: nowMs + RESERVATION_MS,
    pins: pinsAt(deps.registry(), partner.id, nowMs),
  };
  const placed: string[] = [];
  // An owner that was there when we judged has ended; one that came since has not been judged and keeps the token.
  for (const { token, ownerId } of readings) {
    const answer = await deps.claims.place(lenderId, token, hold, nowMs, ownerId ?? undefined);
    if (answer.kind === 'placed') {
      placed.push(token);
      continue;
    }
    await Promise.all(placed.map((done) => deps.claims.dropHold(lenderId, done, id)));
    return refusal('other_channel', { retryAtMs: answer.kind === 'held' ? answer.untilMs : null });
  }
  return isoOf(hold.until_ms);
}
