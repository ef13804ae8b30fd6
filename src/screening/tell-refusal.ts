import { isoOf } from '../base/clock.ts';
import type { Acceptance, AcceptReason, Refusal, RefuseReason } from './decision.ts';

/** How much a partner is told about why somebody was refused. */
export type Disclosure = 'coarse' | 'full' | 'institution';

/** A refusal as it is told; `retry_at` RFC 3339. */
export interface ToldRefusal {
  readonly reason: RefuseReason | null;
  readonly detail: string | null;
  readonly retry_at: string | null;
}

/**
 * What a partner may know of a refusal. `coarse`: only when asking again makes sense. `full`: reason and detail, except that
 * a list never shows: `blocked` reads like a product rule. `institution`: everything.
 */
export function tellRefusal(refusal: Refusal, disclosure: Disclosure): ToldRefusal {
  const { reason, detail, retryAtMs } = refusal;
  const retryAt = retryAtMs === null ? null : isoOf(retryAtMs);
  if (disclosure === 'coarse') return { reason: null, detail: null, retry_at: retryAt };
  if (disclosure === 'full' && reason === 'blocked') return { reason: 'ineligible', detail: null, retry_at: retryAt };
  return { reason, detail, retry_at: retryAt };
}

/** What a partner may know of an acceptance: `coarse` is told that the applicant may come, not what the lender knows of them. */
export function tellAcceptance(
  acceptance: Acceptance,
  disclosure: Disclosure,
): { readonly reason: AcceptReason | null; readonly detail: null; readonly retry_at: null } {
  return { reason: disclosure === 'coarse' ? null : acceptance.reason, detail: null, retry_at: null };
}
