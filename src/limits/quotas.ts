import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { DayCounts } from './day-counts.ts';
import { PlaceStore } from './place-store.ts';
import { ProbeBudget } from './probe-budget.ts';
import { ReservationCounter } from './reservation-counter.ts';

/** What use-cases are counted by. */
export interface Quotas {
  /** Prechecked subjects of the day. */
  readonly probes: ProbeBudget;
  /** Daily caps on applications. */
  readonly places: PlaceStore;
  /** Reservations held at one time. */
  readonly reservations: ReservationCounter;
  /** Hand-offs and uploads of the day. */
  readonly days: DayCounts;
}

export function createQuotas(client: RedisClient, keys: Keyspace): Quotas {
  return {
    probes: new ProbeBudget(client, keys),
    places: new PlaceStore(client, keys),
    reservations: new ReservationCounter(client, keys),
    days: new DayCounts(client, keys),
  };
}
