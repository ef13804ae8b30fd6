import type { AttributionCandidate, AttributionVerdict, Via } from '../base/verdict.ts';

/** A candidate as it is told: whatever belongs to another partner has neither partner nor id. */
export interface CandidateView extends Omit<AttributionCandidate, 'touch'> {
  readonly touch: { readonly kind: AttributionCandidate['touch']['kind']; readonly id: string | null };
}

export interface AttributionView {
  readonly model: AttributionVerdict['model'];
  /** null = direct: nobody earns. */
  readonly winner: {
    readonly partner_id: string | null;
    readonly via: Via | null;
    readonly reason: string;
    readonly touch: CandidateView['touch'] | null;
  } | null;
  readonly candidates: readonly CandidateView[];
  readonly decided_at: string;
}

/**
 * A verdict in the words of the contract.
 * @param viewerId the partner who asks, who learns of others only that they were there; null = an operator, who sees all
 */
export function attributionView(verdict: AttributionVerdict, viewerId: string | null): AttributionView {
  const hides = (partnerId: string | null): boolean =>
    viewerId !== null && partnerId !== null && partnerId !== viewerId;
  const candidates = verdict.candidates.map((candidate): CandidateView => {
    if (!hides(candidate.partner_id)) return candidate;
    return { ...candidate, touch: { kind: candidate.touch.kind, id: null }, partner_id: null };
  });
  const touch = candidates.find((candidate) => candidate.valid)?.touch ?? null;
  const { partner_id: partnerId, via, reason } = verdict;
  const winner = partnerId === null ? null : { partner_id: hides(partnerId) ? null : partnerId, via, reason, touch };
  return { model: verdict.model, winner, candidates, decided_at: verdict.decided_at };
}
