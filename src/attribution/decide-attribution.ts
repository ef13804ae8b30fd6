import { DAY_MS, isoOf, SECOND_MS } from '../base/clock.ts';
import type { AttributionCandidate, AttributionVerdict, Via } from '../base/verdict.ts';

/** A click or a redeemed hand-off that is bound to the applicant, or named by its id. */
export interface Touch {
  readonly kind: 'click' | 'handoff';
  readonly id: string;
  readonly partnerId: string;
  readonly linkCode: string | null;
  readonly atMs: number;
  /** The partner's window: younger and older touches do not count. */
  readonly minAgeSeconds: number;
  readonly maxAgeDays: number;
}

export interface AttributionFacts {
  /** A claim that was live at this lender before the applicant came. Its partner is null when nobody earns from it. */
  readonly claim?: { readonly applicationId: string; readonly partnerId: string | null; readonly atMs: number };
  /** The partner whose signed request or dialect brought the application. */
  readonly submission?: { readonly id: string; readonly partnerId: string };
  readonly touches: readonly Touch[];
  /** Prechecks of the same subject: shown, never counted. */
  readonly prechecks?: readonly { readonly id: string; readonly partnerId: string; readonly atMs: number }[];
  readonly firstOrLast: 'first' | 'last';
  readonly decidedAtMs: number;
}

interface Judged extends AttributionCandidate {
  readonly via: Via;
  readonly linkCode: string | null;
  readonly clickId: string | null;
}

/**
 * Decides who introduced an application, in the fixed order: a live claim, the partner that submitted it, the first or
 * last valid touch, nobody. Every candidate is kept with the reason why it won or lost. The order in which touches are
 * given makes no difference.
 */
export function decideAttribution(facts: AttributionFacts): AttributionVerdict {
  const claim = facts.claim && claimCandidate(facts.claim, facts.decidedAtMs);
  const submission = facts.submission && submissionCandidate(facts.submission, facts.decidedAtMs);
  const touches = facts.touches.map((touch) => touchCandidate(touch, facts.decidedAtMs)).sort(byAgeThenId);
  const valid = touches.filter((touch) => touch.valid);
  const touchWinner = facts.firstOrLast === 'last' ? valid[0] : valid.at(-1);
  const winner = claim ?? submission ?? (touchWinner && { ...touchWinner, why: `${facts.firstOrLast}_touch` });
  const judgedTouches = touches.map((touch) =>
    touch === touchWinner && winner?.touch === touch.touch ? winner : whyLost(touch, winner, facts.firstOrLast),
  );
  const prechecks = (facts.prechecks ?? []).map((precheck) => precheckCandidate(precheck, facts.decidedAtMs));
  const submissionShown = submission && claim ? { ...submission, valid: false, why: 'existing_claim' } : submission;
  const candidates = [claim, submissionShown, ...judgedTouches, ...prechecks].filter((one) => one !== undefined);
  return {
    partner_id: winner?.partner_id ?? null,
    via: winner?.via ?? null,
    reason: winner?.why ?? 'direct',
    model: facts.firstOrLast === 'last' ? 'last_valid' : 'first_valid',
    link_code: winner?.linkCode ?? null,
    click_id: winner?.clickId ?? null,
    candidates: candidates.map(toStored),
    decided_at: isoOf(facts.decidedAtMs),
  };
}

function claimCandidate(claim: NonNullable<AttributionFacts['claim']>, nowMs: number): Judged {
  const touch = { kind: 'claim', id: claim.applicationId } as const;
  return judged(touch, claim.partnerId, claim.atMs, nowMs, { valid: true, why: 'existing_claim', via: 'lender' });
}

function submissionCandidate(submission: NonNullable<AttributionFacts['submission']>, nowMs: number): Judged {
  const touch = { kind: 'submission', id: submission.id } as const;
  return judged(touch, submission.partnerId, nowMs, nowMs, { valid: true, why: 'submitted_by', via: 'api' });
}

function touchCandidate(touch: Touch, nowMs: number): Judged {
  const ageMs = nowMs - touch.atMs;
  const why =
    ageMs < touch.minAgeSeconds * SECOND_MS
      ? 'below_lookback'
      : ageMs > touch.maxAgeDays * DAY_MS
        ? 'above_lookback'
        : 'valid_touch';
  const candidate = judged({ kind: touch.kind, id: touch.id }, touch.partnerId, touch.atMs, nowMs, {
    valid: why === 'valid_touch',
    why,
    via: touch.kind,
  });
  return { ...candidate, linkCode: touch.linkCode, clickId: touch.kind === 'click' ? touch.id : null };
}

function precheckCandidate(precheck: { id: string; partnerId: string; atMs: number }, nowMs: number): Judged {
  const touch = { kind: 'precheck', id: precheck.id } as const;
  const why = 'precheck_is_not_a_touch';
  return judged(touch, precheck.partnerId, precheck.atMs, nowMs, { valid: false, why, via: 'api' });
}

function judged(
  touch: AttributionCandidate['touch'],
  partnerId: string | null,
  atMs: number,
  nowMs: number,
  verdict: { readonly valid: boolean; readonly why: string; readonly via: Via },
): Judged {
  const age = Math.floor((nowMs - atMs) / SECOND_MS);
  return { touch, partner_id: partnerId, at: isoOf(atMs), age_seconds: age, ...verdict, linkCode: null, clickId: null };
}

/** A valid touch that did not win says what won over it. */
function whyLost(touch: Judged, winner: Judged | undefined, firstOrLast: 'first' | 'last'): Judged {
  if (!touch.valid || !winner) return touch;
  const why =
    winner.touch.kind === 'claim' || winner.touch.kind === 'submission'
      ? winner.why
      : firstOrLast === 'last'
        ? 'older_touch'
        : 'newer_touch';
  return { ...touch, valid: false, why };
}

/** Youngest first; equal instants by id, so that the input's order never decides. */
function byAgeThenId(a: Judged, b: Judged): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.touch.id < b.touch.id ? -1 : 1;
}

function toStored({ via: _via, linkCode: _linkCode, clickId: _clickId, ...candidate }: Judged): AttributionCandidate {
  return candidate;
}
