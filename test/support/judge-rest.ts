import type { Application } from '../../src/applications/model.ts';
import { MINUTE_MS } from '../../src/base/clock.ts';
import { normaliseSubject } from '../../src/identity/normalise-subject.ts';
import type { Tokenizer } from '../../src/identity/token.ts';
import { claimTokens } from '../../src/intake/application-draft.ts';
import { type AtRest, tokensOf, whenEach } from './at-rest.ts';
import type { AnsweredReservation } from './mixed-load.ts';

/** Reasons that name somebody who has the applicant. */
const CLAIM_REASONS = new Set(['own', 'in_progress', 'existing_customer', 'other_channel', 'recently_refused']);

/** One gateway may have heard of a move of the clock, and another one not yet. */
const CLOCKS_APART_MS = 12 * MINUTE_MS;

/** What was reserved for whom, as the load knows it, and what tokens it keeps. */
export interface ReservationsSeen {
  readonly reservations: readonly AnsweredReservation[];
  readonly tokenizer: Tokenizer;
}

/** How many applications were refused because somebody has the applicant. */
export function countClaimRefusals({ applications }: AtRest): number {
  return [...applications.values()].filter(({ reason }) => CLAIM_REASONS.has(reason ?? '')).length;
}

/**
 * Applications that were refused because somebody has the applicant, while nobody had: neither an application that had been
 * received by then, nor a reservation.
 */
export function refusedForNobody(rest: AtRest, seen: ReservationsSeen): string[] {
  const receivedMs = whenEach(rest.events, 'application.received');
  const refusedMs = whenEach(rest.events, 'application.refused');
  const begunMs = whenEach(rest.events, 'application.screening');
  const reserved = seen.reservations.map((one) => ({ ...one, tokens: reservedTokens(one, seen.tokenizer) }));
  const answered = new Set(reserved.map(({ precheckId }) => precheckId));
  // Of what a crash has kept from being ended, time is the end.
  const left = new Set(rest.reservations.map(({ precheckId }) => precheckId));
  const unanswered = rest.reservations.filter(({ precheckId }) => !answered.has(precheckId));
  const isFavoured = (refused: Application): boolean => {
    const tokens = new Set(tokensOf(refused));
    const meets = (others: readonly string[]): boolean => others.some((token) => tokens.has(token));
    const atMs = refusedMs.get(refused.id) ?? 0;
    const byApplication = [...rest.applications.values()].some((other) => {
      if (other.status === 'refused' || other.lender_id !== refused.lender_id) return false;
      if (refused.reason === 'own' && other.owner_id !== refused.owner_id) return false;
      if (refused.reason === 'other_channel' && other.owner_id === refused.owner_id) return false;
      return meets(tokensOf(other)) && (receivedMs.get(other.id) ?? Number.POSITIVE_INFINITY) <= atMs;
    });
    if (byApplication || refused.reason !== 'other_channel') return byApplication;
    const isOthers = (one: { partnerId: string; lenderId: string; tokens: readonly string[] }): boolean =>
      one.partnerId !== refused.owner_id && one.lenderId === refused.lender_id && meets(one.tokens);
    const stood = (one: AnsweredReservation): boolean => {
      const isOver = one.endedMs < (begunMs.get(refused.id) ?? atMs) && !left.has(one.precheckId);
      return one.askedMs <= atMs && !isOver && Date.parse(one.until) + CLOCKS_APART_MS > Date.parse(refused.created_at);
    };
    return reserved.some((one) => isOthers(one) && stood(one)) || unanswered.some(isOthers);
  };
  return [...rest.applications.values()]
    .filter((one) => one.status === 'refused' && CLAIM_REASONS.has(one.reason ?? '') && !isFavoured(one))
    .map(
      ({ id, owner_id, lender_id, reason, retry_at }) => `${id} of ${owner_id} at ${lender_id}: ${reason} ${retry_at}`,
    );
}

/** Applications that were received while another partner's reservation of the same person stood. */
export function givenAway({ applications, events }: AtRest, { reservations, tokenizer }: ReservationsSeen): string[] {
  const receivedMs = whenEach(events, 'application.received');
  return reservations.flatMap((reservation) => {
    const tokens = new Set(reservedTokens(reservation, tokenizer));
    const taken = [...applications.values()].filter((one) => {
      const atMs = receivedMs.get(one.id);
      if (atMs === undefined || one.owner_id === reservation.partnerId || one.lender_id !== reservation.lenderId)
        return false;
      const isMeanwhile = atMs > reservation.answeredMs && atMs < reservation.endsMs;
      return (
        isMeanwhile && (one.accepted_at ?? '') < reservation.until && tokensOf(one).some((token) => tokens.has(token))
      );
    });
    return taken.map(
      ({ id, owner_id }) => `${reservation.precheckId} of ${reservation.partnerId}: ${id} of ${owner_id}`,
    );
  });
}

function reservedTokens({ subject }: AnsweredReservation, tokenizer: Tokenizer): string[] {
  const identity = normaliseSubject(subject);
  if (!identity.ok) throw new Error('a reserved subject cannot be read');
  const { claims, pointers } = claimTokens(tokenizer.tokensOfSubject(identity.subject));
  return [...claims, ...pointers];
}
