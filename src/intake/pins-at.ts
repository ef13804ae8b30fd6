import type { Registry } from '../registry/registry.ts';

/** The terms version in force at an instant for each of a partner's contracts. */
export function pinsAt(registry: Registry, partnerId: string, atMs: number): Record<string, string> {
  const contracts = new Set(registry.traffic.get(partnerId)?.terms.map((terms) => terms.contract));
  const pins: Record<string, string> = {};
  for (const contract of contracts) {
    const terms = registry.termsOf(partnerId, contract, atMs);
    if (terms) pins[contract] = terms.id;
  }
  return pins;
}
