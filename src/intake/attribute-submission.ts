import { decideAttribution } from '../attribution/decide-attribution.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import { gatherTouches } from './gather-touches.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { withTerms, withWindows } from './touch-window.ts';

/** An application that a partner submits by its own signed request, or in its own standard. */
export interface Submission {
  readonly id: string;
  readonly partner: TrafficPartner;
  readonly lenderId: string;
  /** Every token of the applicant. */
  readonly tokens: readonly string[];
  readonly clickId?: string | null | undefined;
  readonly handoffId?: string | null | undefined;
}

/**
 * The verdict on what a partner submits: it is that partner's. Whatever else is known of the applicant is kept as a
 * candidate that came second; what the partner names is bound to nobody, since a partner's word proves no click.
 */
export async function attributeSubmission(deps: IntakeDeps, submission: Submission): Promise<AttributionVerdict> {
  const { id, partner, lenderId, tokens, clickId, handoffId } = submission;
  const touches = await gatherTouches(deps, tokens, { lenderId, clickId, handoffId, binds: false });
  const nowMs = deps.clock.nowMs();
  const verdict = decideAttribution({
    submission: { id, partnerId: partner.id },
    touches: withWindows(deps.registry(), touches),
    arrivedAtMs: nowMs,
  });
  return withTerms(deps.registry(), verdict, nowMs);
}
