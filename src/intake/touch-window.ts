import type { Touch } from '../attribution/decide-attribution.ts';
import type { BoundTouch } from '../attribution/touch-store.ts';
import type { VoidCode } from '../attribution/why-codes.ts';
import type { AttributionVerdict } from '../base/verdict.ts';
import type { Registry } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import { pinsAt } from './pins-at.ts';

/**
 * Touches with the window of the partner they speak for, as its file has it now. A partner that may bring nobody now, or is
 * gone, earns nobody new: its touches are kept as candidates that do not count.
 */
export function withWindows(registry: Registry, touches: readonly BoundTouch[]): Touch[] {
  return touches.map((touch) => {
    const partner = registry.traffic.get(touch.partner_id);
    const { kind, id, partner_id: partnerId, link_code: linkCode, at_ms: atMs } = touch;
    const voided = touch.void ?? voidOf(partner);
    return { kind, id, partnerId, linkCode, atMs, window: windowOf(partner), ...(voided ? { void: voided } : {}) };
  });
}

function windowOf(partner: TrafficPartner | undefined): Touch['window'] {
  if (partner === undefined) return null;
  const { click_min_seconds, click_max_days, first_or_last } = partner.attribution;
  return { min_seconds: click_min_seconds, max_days: click_max_days, first_or_last };
}

function voidOf(partner: TrafficPartner | undefined): VoidCode | undefined {
  if (partner === undefined) return 'partner_gone';
  return partner.status === 'active' ? undefined : `partner_${partner.status}`;
}

/** The verdict with the terms of its winner that were in force when the applicant came. */
export function withTerms(registry: Registry, verdict: AttributionVerdict, arrivedAtMs: number): AttributionVerdict {
  const { partner_id: partnerId } = verdict;
  return partnerId === null ? verdict : { ...verdict, terms: pinsAt(registry, partnerId, arrivedAtMs) };
}
