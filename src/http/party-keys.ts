import type { Registry } from '../registry/registry.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { KeyDirectory } from '../trust/verify-request.ts';

/** The keys of traffic partners, always those of the registry in use. A lender's key is as unknown here as nobody's. */
export function trafficKeys(registry: { current(): Registry }): KeyDirectory<TrafficPartner> {
  return {
    find: (keyId) => {
      const current = registry.current();
      const found = current.keys.get(keyId);
      if (found === undefined || found.key === null || found.party.kind !== 'traffic') return undefined;
      const party = current.traffic.get(found.party.id);
      return party === undefined ? undefined : { key: found.key, party };
    },
  };
}

/** The keys of lenders, in the same way. */
export function lenderKeys(registry: { current(): Registry }): KeyDirectory<Lender> {
  return {
    find: (keyId) => {
      const current = registry.current();
      const found = current.keys.get(keyId);
      if (found === undefined || found.key === null || found.party.kind !== 'lender') return undefined;
      const party = current.lenders.get(found.party.id);
      return party === undefined ? undefined : { key: found.key, party };
    },
  };
}
