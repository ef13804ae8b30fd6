import { isFunder } from '../base/ledger-party.ts';
import { PeriodCloser } from '../revenue/close-period.ts';
import { PeriodStore } from '../revenue/period-store.ts';
import type { HoldReleaser } from '../revenue/release-holds.ts';
import type { RevenueDesk } from '../revenue/revenue-desk.ts';
import { signCompactJws } from '../trust/compact-jws.ts';
import { periodBlockers } from './period-blockers.ts';
import type { Ground, Rooms } from './rooms.ts';

/** Where the books are shown and closed. */
export function openRevenueDesk(
  { config, redis, registry, ourKeys, clock }: Ground,
  rooms: Rooms,
  releaser: HoldReleaser,
): RevenueDesk {
  const { client, keys } = redis;
  const { ledger, contractsOf } = rooms;
  const periods = new PeriodStore(client, keys);
  const sign = (payload: Uint8Array): string => signCompactJws(payload, ourKeys.current());
  const closer = new PeriodCloser({
    store: ledger,
    periods,
    releaser,
    clock,
    mode: config.mode,
    contractsOf,
    sign,
    blockersOf: (partnerId, _contract, period) =>
      periodBlockers({ client, keys, registry: () => registry.current() }, partnerId, period),
  });
  return {
    ledger,
    periods,
    closer,
    contractsOf,
    clock,
    sign,
    // Nothing is paid out to a funder: what it owes is taken whatever its state.
    arePayoutsHeld: (partyId) => !isFunder(partyId) && registry.current().traffic.get(partyId)?.status !== 'active',
    partners: () => registry.current().ledgerParties,
  };
}
