import { DAY_MS, isoOf, SECOND_MS } from '../base/clock.ts';
import type {
  AttributionCandidate,
  AttributionVerdict,
  TouchModel,
  TouchWindow,
  VerdictRule,
  Via,
} from '../base/verdict.ts';
import type { VoidCode, WhyCode } from './why-codes.ts';

/** A click or a redeemed hand-off that is bound to the applicant, or named by its id. */
export interface Touch {
  readonly kind: 'click' | 'handoff';
  readonly id: string;
  readonly partnerId: string;
  readonly linkCode: string | null;
  readonly atMs: number;
  /** The partner's window: younger and older touches do not count. null = the partner is gone. */
  readonly window: TouchWindow | null;
  /** Why it can never count; absent = it may. */
  readonly void?: VoidCode;
}

/** An application that the applicant belongs to. Its partner is null when nobody earns from it. */
export interface LiveClaim {
  readonly applicationId: string;
  readonly partnerId: string | null;
  /** When it was accepted. */
  readonly atMs: number;
}

export interface AttributionFacts {
  /** Claims on the applicant that are live at this lender: the one that was accepted first decides. */
  readonly claims?: readonly LiveClaim[];
  /** The partner whose signed request or dialect brought the application. */
  readonly submission?: { readonly id: string; readonly partnerId: string };
  /** Each once. */
  readonly touches: readonly Touch[];
  /** Prechecks of the same subject: shown, never counted. */
  readonly prechecks?: readonly { readonly id: string; readonly partnerId: string; readonly atMs: number }[];
  /** Which touch wins, for all; absent = as the partner of the latest valid touch has it. */
  readonly model?: TouchModel;
  /** When the applicant came: touches are judged by their age then. */
  readonly arrivedAtMs: number;
  /** Business time; absent = at the arrival. */
  readonly decidedAtMs?: number;
}

/** A candidate with what follows from its winning. */
interface Judged extends AttributionCandidate {
  readonly why: WhyCode;
  readonly via: Via;
  readonly atMs: number;
}

/**
 * Decides who introduced an application, in the fixed order: a live claim, the partner that submitted it, the first or
 * last valid touch, nobody. Every candidate is kept with the reason why it won or lost. The order in which facts are given
 * makes no difference; of touches at one instant a hand-off comes before a click, then the id that sorts first.
 */
export function decideAttribution(facts: AttributionFacts): AttributionVerdict {
  const { arrivedAtMs } = facts;
  const touches = facts.touches.map((touch) => touchCandidate(touch, arrivedAtMs)).sort(byAge);
  const valid = touches.filter((touch) => touch.valid);
  const model = facts.model ?? valid[0]?.window?.first_or_last ?? 'last';
  const claims = (facts.claims ?? []).map((claim) => claimCandidate(claim, arrivedAtMs)).sort(byAge);
  const claim = firstOf(claims);
  const submission = facts.submission && submissionCandidate(facts.submission, arrivedAtMs);
  const touch = model === 'last' ? valid[0] : firstOf(valid);
  const winner = claim ?? submission ?? (touch && { ...touch, why: `${model}_touch` as const });
  const prechecks = (facts.prechecks ?? []).map((one) => precheckCandidate(one, arrivedAtMs)).sort(byAge);
  const losers = [...claims, submission, ...valid, ...touches.filter((one) => !one.valid)]
    .filter((one) => one !== undefined)
    .filter(({ touch: { id } }) => id !== winner?.touch.id)
    .map((one) => lost(one, winner));
  return {
    partner_id: winner?.partner_id ?? null,
    via: winner?.via ?? null,
    reason: winner?.why ?? 'direct',
    rule: ruleOf(winner),
    model: `${model}_valid`,
    link_code: winner?.link_code ?? null,
    click_id: winner?.touch.kind === 'click' ? winner.touch.id : null,
    candidates: [...(winner ? [winner] : []), ...losers, ...prechecks].map(toStored),
    arrived_at: isoOf(arrivedAtMs),
    decided_at: isoOf(facts.decidedAtMs ?? arrivedAtMs),
  };
}

function ruleOf(winner: Judged | undefined): VerdictRule {
  if (winner === undefined) return 'direct';
  const { kind } = winner.touch;
  return kind === 'claim' || kind === 'submission' ? kind : 'touch';
}

function claimCandidate(claim: LiveClaim, nowMs: number): Judged {
  const touch = { kind: 'claim', id: claim.applicationId } as const;
  return judged(touch, claim.partnerId, claim.atMs, nowMs, { valid: true, why: 'existing_claim', via: 'lender' });
}

function submissionCandidate(submission: NonNullable<AttributionFacts['submission']>, nowMs: number): Judged {
  const touch = { kind: 'submission', id: submission.id } as const;
  return judged(touch, submission.partnerId, nowMs, nowMs, { valid: true, why: 'submitted_by', via: 'api' });
}

function touchCandidate(touch: Touch, nowMs: number): Judged {
  const { kind, id, partnerId, linkCode, atMs, window } = touch;
  const fault = touch.void ?? (window === null ? 'partner_gone' : outsideWindow(nowMs - atMs, window));
  const candidate = judged({ kind, id }, partnerId, atMs, nowMs, {
    valid: fault === undefined,
    why: fault ?? 'older_touch',
    via: kind,
  });
  return { ...candidate, ...(linkCode === null ? {} : { link_code: linkCode }), ...(window ? { window } : {}) };
}

/** Both edges of the window count. What came after the applicant did not bring them, whatever the window. */
function outsideWindow(ageMs: number, { min_seconds, max_days }: TouchWindow): WhyCode | undefined {
  if (ageMs < 0) return 'later_than_arrival';
  if (ageMs < min_seconds * SECOND_MS) return 'below_lookback';
  return ageMs > max_days * DAY_MS ? 'above_lookback' : undefined;
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
  verdict: { readonly valid: boolean; readonly why: WhyCode; readonly via: Via },
): Judged {
  const age = Math.floor((nowMs - atMs) / SECOND_MS);
  return { touch, partner_id: partnerId, at: isoOf(atMs), age_seconds: age, ...verdict, atMs };
}

/** A valid candidate that did not win says what won over it. */
function lost(one: Judged, winner: Judged | undefined): Judged {
  if (!one.valid || winner === undefined) return one;
  if (winner.why === 'last_touch') return { ...one, why: 'older_touch' };
  return { ...one, why: winner.why === 'first_touch' ? 'newer_touch' : winner.why };
}

/** Youngest first. */
function byAge(a: Judged, b: Judged): number {
  return b.atMs - a.atMs || beforeAtOnce(a, b);
}

/** The oldest; sorted youngest first, those of one instant stand as they come before one another. */
function firstOf(sorted: readonly Judged[]): Judged | undefined {
  const oldest = sorted.at(-1);
  return oldest && sorted.find(({ atMs }) => atMs === oldest.atMs);
}

/** Somebody handed over by name comes before somebody who followed a link. */
function beforeAtOnce(a: Judged, b: Judged): number {
  if (a.touch.kind !== b.touch.kind) return a.touch.kind === 'handoff' ? -1 : 1;
  return a.touch.id < b.touch.id ? -1 : Number(a.touch.id > b.touch.id);
}

function toStored({ via: _via, atMs: _atMs, ...candidate }: Judged): AttributionCandidate {
  return candidate;
}
