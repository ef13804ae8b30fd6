import { isoOf, msOf } from '../base/clock.ts';
import type { AttributionCandidate, AttributionVerdict, TouchModel } from '../base/verdict.ts';
import { decideAttribution, type LiveClaim, type Touch } from './decide-attribution.ts';
import { isVoidCode } from './why-codes.ts';

/** What is to be different from when it was decided; what is absent stays as it was. */
export interface OtherRules {
  /** Which touch wins, for every partner. */
  readonly model?: TouchModel | undefined;
  /** Windows of every partner. */
  readonly minSeconds?: number | undefined;
  readonly maxDays?: number | undefined;
  /** The instant at which ages are measured, in place of the arrival. */
  readonly asOfMs?: number | undefined;
}

/**
 * The verdict that other rules would have given, from what was stored with the one that stands: no touch is looked for anew,
 * and what can never count counts under no rules. Claims and submissions come first as ever. Pure: nothing is kept of it.
 * @returns a verdict without terms: which would have priced it is not said
 */
export function simulateAttribution(verdict: AttributionVerdict, rules: OtherRules): AttributionVerdict {
  const arrivedAtMs = rules.asOfMs ?? msOf(verdict.arrived_at ?? verdict.decided_at);
  const ofKind = (kind: AttributionCandidate['touch']['kind']) =>
    verdict.candidates.filter(({ touch }) => touch.kind === kind);
  const [submitted] = ofKind('submission');
  return decideAttribution({
    claims: ofKind('claim').map(claimOf),
    ...(submitted?.partner_id ? { submission: { id: submitted.touch.id, partnerId: submitted.partner_id } } : {}),
    touches: [...ofKind('click'), ...ofKind('handoff')].flatMap((one) => touchOf(one, rules) ?? []),
    prechecks: ofKind('precheck').flatMap(({ touch, partner_id: partnerId, at }) =>
      partnerId === null ? [] : [{ id: touch.id, partnerId, atMs: msOf(at) }],
    ),
    ...(rules.model ? { model: rules.model } : {}),
    arrivedAtMs,
    decidedAtMs: msOf(verdict.decided_at),
  });
}

function claimOf({ touch, partner_id, at }: AttributionCandidate): LiveClaim {
  return { applicationId: touch.id, partnerId: partner_id, atMs: msOf(at) };
}

function touchOf(one: AttributionCandidate, rules: OtherRules): Touch | undefined {
  const { touch, partner_id: partnerId, why } = one;
  if (partnerId === null || (touch.kind !== 'click' && touch.kind !== 'handoff')) return undefined;
  const kept = one.window ?? UNKNOWN_WINDOW;
  const window = {
    min_seconds: rules.minSeconds ?? kept.min_seconds,
    max_days: rules.maxDays ?? kept.max_days,
    first_or_last: kept.first_or_last,
  };
  return {
    kind: touch.kind,
    id: touch.id,
    partnerId,
    linkCode: one.link_code ?? null,
    atMs: msOf(one.at),
    window: why === 'partner_gone' ? null : window,
    ...(isVoidCode(why) ? { void: why } : {}),
  };
}

/** For verdicts of before windows were kept: what holds where a partner's file says nothing. */
const UNKNOWN_WINDOW = { min_seconds: 15, max_days: 30, first_or_last: 'last' } as const;

/** Whether two verdicts pay the same: the partner alone decides whom. */
export function paysTheSame(a: AttributionVerdict, b: AttributionVerdict): boolean {
  return a.partner_id === b.partner_id;
}

/** The rules as they are told back. */
export function rulesToWire({ model, minSeconds, maxDays, asOfMs }: OtherRules) {
  return {
    model: model === undefined ? null : (`${model}_valid` as const),
    click_min_seconds: minSeconds ?? null,
    click_max_days: maxDays ?? null,
    as_of: asOfMs === undefined ? null : isoOf(asOfMs),
  };
}
