import type { AttributionCandidate, AttributionVerdict, TouchWindow, VerdictRule, Via } from '../base/verdict.ts';
import type { Language, Told, Whose } from './attribution-texts.ts';
import { explainCandidate, explainVerdict } from './explain-attribution.ts';
import { isVoidCode } from './why-codes.ts';

/** A candidate as it is told: whatever belongs to another partner has neither partner nor id, nor anything of its contract. */
export interface CandidateView {
  readonly touch: { readonly kind: AttributionCandidate['touch']['kind']; readonly id: string | null };
  readonly partner_id: string | null;
  readonly link_code: string | null;
  readonly at: string;
  readonly age_seconds: number;
  readonly valid: boolean;
  readonly why: string;
  readonly why_text: string;
  readonly window: TouchWindow | null;
}

export interface AttributionView {
  readonly model: AttributionVerdict['model'];
  readonly rule: { readonly position: number; readonly name: VerdictRule };
  /** null = direct: nobody earns. */
  readonly winner: {
    readonly partner_id: string | null;
    readonly via: Via | null;
    readonly reason: string;
    readonly touch: CandidateView['touch'] | null;
  } | null;
  readonly terms: Readonly<Record<string, string>>;
  readonly explanation: string;
  readonly candidates: readonly CandidateView[];
  readonly arrived_at: string;
  readonly decided_at: string;
}

export interface Viewing {
  /** The partner who asks, who learns of others only that they were there; null = an operator, who sees all. */
  readonly viewerId: string | null;
  readonly language: Language;
  /** Contract → terms that price it, once they are pinned; absent = those of the verdict. */
  readonly pins?: Readonly<Record<string, string>>;
  /** Whoever was refused is told nothing that hints at why: what others have with the applicant least of all. */
  readonly isRefused?: boolean;
}

/** A verdict in the words of the contract, and in those of whoever reads it. */
export function attributionView(verdict: AttributionVerdict, viewing: Viewing): AttributionView {
  const { viewerId, language } = viewing;
  const hides = (partnerId: string | null): boolean =>
    viewerId !== null && partnerId !== null && partnerId !== viewerId;
  const winning = winnerOf(verdict);
  const shown = verdict.candidates.filter(
    (one) => !viewing.isRefused || viewerId === null || one.partner_id === viewerId,
  );
  const rule = ruleOf(verdict);
  const terms = hides(verdict.partner_id) ? {} : pinsOr(viewing.pins, verdict.terms);
  const told = (one: AttributionCandidate): Told => toldOf(one, viewerId, hides(one.partner_id));
  const losers = shown.filter((one) => one !== winning).length;
  const explained = { rule, model: verdict.model, winner: winning && told(winning), losers, terms };
  return {
    model: verdict.model,
    rule: { position: POSITIONS[rule], name: rule },
    winner: winnerView(verdict, winning, hides),
    terms,
    explanation: explainVerdict(explained, language),
    candidates: shown.map((one) => candidateView(one, hides(one.partner_id), told(one), language)),
    arrived_at: verdict.arrived_at ?? verdict.decided_at,
    decided_at: verdict.decided_at,
  };
}

const POSITIONS: Readonly<Record<VerdictRule, number>> = { claim: 1, submission: 2, touch: 3, direct: 4 };

/** Verdicts of before the rule was kept say it by their reason. */
export function ruleOf({ rule, reason }: AttributionVerdict): VerdictRule {
  if (rule !== undefined) return rule;
  if (reason === 'existing_claim') return 'claim';
  if (reason === 'submitted_by') return 'submission';
  return reason === 'direct' ? 'direct' : 'touch';
}

/** The candidate that won; those that it has beaten may have the same reason, and come after it. */
export function winnerOf({ candidates, reason }: AttributionVerdict): AttributionCandidate | undefined {
  return candidates.find(({ valid, why }) => valid && why === reason);
}

function winnerView(
  { partner_id, via, reason }: AttributionVerdict,
  winning: AttributionCandidate | undefined,
  hides: (partnerId: string | null) => boolean,
): AttributionView['winner'] {
  if (partner_id === null) return null;
  const isHidden = hides(partner_id);
  const touch = winning && { kind: winning.touch.kind, id: isHidden ? null : winning.touch.id };
  return { partner_id: isHidden ? null : partner_id, via, reason, touch: touch ?? null };
}

function candidateView(one: AttributionCandidate, isHidden: boolean, told: Told, language: Language): CandidateView {
  return {
    touch: { kind: one.touch.kind, id: isHidden ? null : one.touch.id },
    partner_id: isHidden ? null : one.partner_id,
    link_code: told.linkCode,
    at: one.at,
    age_seconds: one.age_seconds,
    valid: one.valid,
    why: told.why,
    why_text: explainCandidate(told, language),
    window: isHidden ? null : (one.window ?? null),
  };
}

function toldOf(one: AttributionCandidate, viewerId: string | null, isHidden: boolean): Told {
  return {
    kind: one.touch.kind,
    whose: whoseOf(one.partner_id, viewerId, isHidden),
    ageSeconds: one.age_seconds,
    linkCode: isHidden ? null : (one.link_code ?? null),
    window: isHidden ? null : (one.window ?? null),
    // That another partner is suspended, say, is that partner's business.
    why: isHidden && isVoidCode(one.why) ? 'not_counted' : one.why,
  };
}

function whoseOf(partnerId: string | null, viewerId: string | null, isHidden: boolean): Whose {
  if (partnerId === null) return 'nobody';
  if (isHidden) return 'other';
  return viewerId === null ? { partnerId } : 'yours';
}

function pinsOr(pins: Viewing['pins'], terms: AttributionVerdict['terms']): Readonly<Record<string, string>> {
  return pins !== undefined && Object.keys(pins).length > 0 ? pins : (terms ?? {});
}
