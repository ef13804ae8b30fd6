import { DAY_MS, msOf } from '../../base/clock.ts';

/** A text that has to be accepted, as the product's file names it. */
export interface RequiredConsent {
  readonly kind: string;
  readonly document: string;
  readonly version: string;
  readonly text_sha256: string;
  /** Days after its acceptance for which it counts; absent = as long as it is not withdrawn. */
  readonly valid_days?: number | undefined;
}

/** A consent as somebody brought it or as it is noted; what a partner's standard cannot carry is absent. */
export interface GivenConsent {
  readonly kind?: unknown;
  readonly document?: unknown;
  readonly version?: unknown;
  readonly text_sha256?: unknown;
  readonly parties?: unknown;
  readonly accepted_at?: unknown;
  readonly withdrawn_at?: unknown;
}

/** Why a consent that was given does not count (any longer). */
export type Lapse = 'stale' | 'expired' | 'withdrawn' | 'party_missing';

export type ConsentVerdict =
  | { readonly standing: 'accepted'; readonly index: number }
  | { readonly standing: 'absent' }
  /** `party`: the first recipient who is not named, with `party_missing`. */
  | { readonly standing: Lapse; readonly index: number; readonly party?: string };

/**
 * Whether one of the consents given is to the very text that is required, names everybody who has to be named, was not
 * withdrawn and is not too old. Where several are about the same document, one that counts is enough; else the last is told of.
 */
export function judgeConsent(
  required: RequiredConsent,
  given: readonly GivenConsent[],
  facts: { readonly parties: readonly string[]; readonly nowMs: number },
): ConsentVerdict {
  let told: ConsentVerdict = { standing: 'absent' };
  for (const [index, consent] of given.entries()) {
    if (consent.kind !== required.kind || consent.document !== required.document) continue;
    const lapse = lapseOf(required, consent, facts);
    if (lapse === undefined) return { standing: 'accepted', index };
    told = { ...lapse, index };
  }
  return told;
}

function lapseOf(
  required: RequiredConsent,
  consent: GivenConsent,
  { parties, nowMs }: { readonly parties: readonly string[]; readonly nowMs: number },
): { readonly standing: Lapse; readonly party?: string } | undefined {
  if (consent.version !== required.version || consent.text_sha256 !== required.text_sha256)
    return { standing: 'stale' };
  if (typeof consent.withdrawn_at === 'string') return { standing: 'withdrawn' };
  if (isExpired(required, consent, nowMs)) return { standing: 'expired' };
  const named = consent.parties;
  // A consent that names nobody comes by a standard that cannot: its contract with the partner says whom it is for.
  if (!Array.isArray(named) || named.length === 0) return undefined;
  const party = parties.find((one) => !named.includes(one));
  return party === undefined ? undefined : { standing: 'party_missing', party };
}

function isExpired({ valid_days: days }: RequiredConsent, { accepted_at: at }: GivenConsent, nowMs: number): boolean {
  return days !== undefined && typeof at === 'string' && msOf(at) + days * DAY_MS <= nowMs;
}
