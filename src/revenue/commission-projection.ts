import type { LogEvent } from '../events/event.ts';
import type { Projection } from '../events/projection.ts';
import { concerns } from './concerns.ts';
import type { EventBooker } from './event-booker.ts';
import { counterpartyOf } from './money-event-of.ts';
import type { ContractTerms } from './terms.ts';

/** Cursors and parked events are kept under it. */
export const COMMISSION_PROJECTION = 'commission';

/** All versions of all contracts of a counterparty; undefined = no such counterparty is loaded. */
export type ContractsOf = (partnerId: string) => readonly ContractTerms[] | undefined;

/**
 * Books what every attributed event earns and takes back for its partner, each exactly once. A suspended partner goes on
 * earning: only its payouts wait.
 */
export function createCommissionProjection(deps: { booker: EventBooker; contractsOf: ContractsOf }): Projection {
  return {
    name: COMMISSION_PROJECTION,
    async apply(event: LogEvent): Promise<void> {
      const partnerId = counterpartyOf(event);
      if (partnerId === null) return;
      const contracts = deps.contractsOf(partnerId);
      if (contracts === undefined) {
        throw new Error(`partner ${partnerId} is not loaded, so nothing is known of its terms; put its file back`);
      }
      if (concerns(contracts, event.type)) await deps.booker.book(partnerId, event, contracts);
    },
  };
}
