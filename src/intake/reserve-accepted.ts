import { isoOf, MINUTE_MS } from '../base/clock.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { ClaimReading, Hold } from '../screening/claim-store.ts';
import { type Refusal, refusal } from '../screening/decision.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { pinsAt } from './pins-at.ts';
import type { ProductAnswer } from './precheck-answer.ts';

/** How long a reservation keeps the subject. */
export const RESERVATION_MS = 10 * MINUTE_MS;

/** What a precheck has found out so far. */
interface Asked {
  /** Claims and reservations by lender. */
  readonly read: ReadonlyMap<string, readonly ClaimReading[]>;
  readonly decided: readonly ProductAnswer[];
}

interface Reserved {
  readonly answers: readonly ProductAnswer[];
  /** A reservation was not made, because the partner holds as many as it may. */
  readonly exhausted: boolean;
}

/** A reservation to make at one lender. */
interface Wish {
  readonly precheckId: string;
  readonly lenderId: string;
  /** What was accepted there. */
  readonly productIds: readonly string[];
}

type Outcome =
  | { readonly kind: 'reserved'; readonly until: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'exhausted' };

/**
 * Reserves the subject once at each lender that accepts it, whatever the number of its products. Whoever cannot be told from
 * others, or is not given by phone or id number, cannot be reserved.
 */
export async function reserveAccepted(
  deps: IntakeDeps,
  partner: TrafficPartner,
  precheckId: string,
  { read, decided }: Asked,
): Promise<Reserved> {
  const isWanted = ({ product, decision }: ProductAnswer) =>
    decision.decision === 'accept' && decision.reason !== 'own' && (read.get(product.lender_id)?.length ?? 0) > 0;
  const lenders = [...new Set(decided.filter(isWanted).map(({ product }) => product.lender_id))];
  const outcomes = new Map(
    await Promise.all(
      lenders.map(async (lender) => {
        const quoted = decided.filter((answer) => answer.product.lender_id === lender && isWanted(answer));
        const wish = { precheckId, lenderId: lender, productIds: quoted.map(({ product }) => product.id) };
        return [lender, await reserve(deps, partner, wish, read.get(lender) ?? [])] as const;
      }),
    ),
  );
  const answers = decided.map((answer) => {
    const outcome = outcomes.get(answer.product.lender_id);
    if (outcome === undefined || outcome.kind === 'exhausted' || !isWanted(answer)) return answer;
    return outcome.kind === 'reserved'
      ? { ...answer, reservedUntil: outcome.until }
      : { ...answer, decision: outcome.refusal };
  });
  return { answers, exhausted: [...outcomes.values()].some(({ kind }) => kind === 'exhausted') };
}

/** Counts the reservation before it is made, so that a partner never holds more than it may. */
async function reserve(
  deps: IntakeDeps,
  partner: TrafficPartner,
  { precheckId, lenderId, productIds }: Wish,
  readings: readonly ClaimReading[],
): Promise<Outcome> {
  const nowMs = deps.clock.nowMs();
  const untilMs = nowMs + RESERVATION_MS;
  const { reservations } = deps.quotas;
  const limit = partner.limits.open_reservations;
  const counted = { precheckId, lenderId };
  const tokens = readings.map(({ token }) => token);
  if (!(await reservations.open(partner.id, counted, { tokens, untilMs, nowMs, limit }))) return { kind: 'exhausted' };
  const pins = pinsAt(deps.registry(), partner.id, nowMs);
  const hold: Hold = {
    precheck_id: precheckId,
    partner_id: partner.id,
    until_ms: untilMs,
    pins,
    product_ids: productIds,
  };
  const placed: string[] = [];
  // An owner that was there when we judged has ended; one that came since has not been judged and keeps the token.
  for (const { token, ownerId } of readings) {
    const answer = await deps.claims.place(lenderId, token, hold, nowMs, ownerId ?? undefined);
    if (answer.kind === 'placed') {
      placed.push(token);
      continue;
    }
    await Promise.all([
      ...placed.map((done) => deps.claims.dropHold(lenderId, done, precheckId)),
      reservations.close(partner.id, counted),
    ]);
    const retryAtMs = answer.kind === 'held' ? answer.untilMs : null;
    return { kind: 'refused', refusal: refusal('other_channel', { retryAtMs }) };
  }
  return { kind: 'reserved', until: isoOf(untilMs) };
}

/**
 * Whether the reservation that keeps a token has all of its tokens. One that is still being made may come to nothing: then it
 * must have kept nobody off. false also when nothing keeps the token any more.
 */
export async function isReservationMade(
  { claims, quotas }: IntakeDeps,
  lenderId: string,
  token: string,
): Promise<boolean> {
  const [reading] = await claims.read(lenderId, [token]);
  if (!reading?.hold) return false;
  const { partner_id: partnerId, precheck_id: precheckId } = reading.hold;
  const tokens = (await quotas.reservations.reserved(partnerId, precheckId)).get(lenderId) ?? [];
  const readings = await claims.read(lenderId, tokens);
  // Another precheck of the same partner may have renewed some of them.
  return tokens.length > 0 && readings.every(({ hold }) => hold?.partner_id === partnerId);
}
