import type { Touch } from '../attribution/decide-attribution.ts';
import type { BoundTouch } from '../attribution/touch-store.ts';
import type { Registry } from '../registry/registry.ts';

/** Touches with the window of the partner they speak for; those of a partner that is gone are left out. */
export function withWindows(registry: Registry, touches: readonly BoundTouch[]): Touch[] {
  return touches.flatMap((touch) => {
    const window = registry.traffic.get(touch.partner_id)?.attribution;
    if (window === undefined) return [];
    return [
      {
        kind: touch.kind,
        id: touch.id,
        partnerId: touch.partner_id,
        linkCode: touch.link_code,
        atMs: touch.at_ms,
        minAgeSeconds: window.click_min_seconds,
        maxAgeDays: window.click_max_days,
      },
    ];
  });
}

/** Which model decides between touches of several partners: that of the partner who touched last. */
export function modelOf(registry: Registry, touches: readonly Touch[]): 'first' | 'last' {
  const [latest] = [...touches].sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? -1 : 1));
  const partner = latest && registry.traffic.get(latest.partnerId);
  return partner?.attribution.first_or_last ?? 'last';
}
