import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** One subject kept for a partner at one lender. */
export interface OpenReservation {
  readonly precheckId: string;
  readonly lenderId: string;
}

export interface ReservationTerms {
  /** Business time at which it ends by itself. */
  readonly untilMs: number;
  readonly nowMs: number;
  /** Most that the partner may hold at one time. */
  readonly limit: number;
}

const script = defineScript<'reservations', boolean>({
  file: new URL('./open-reservation.lua', import.meta.url),
  keys: ['reservations'],
  reply: (raw) => raw === 1,
});

/** No reservation is longer than this, in real time too. */
const KEEP_SECONDS = 3_600;

/** How many reservations each partner holds. What has ended by time is not counted, whether it was closed or not. */
export class ReservationCounter {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Counts a reservation before it is made. False when the partner holds too many: it must then not be made. */
  open(partnerId: string, reservation: OpenReservation, { untilMs, nowMs, limit }: ReservationTerms): Promise<boolean> {
    const names = { reservations: this.#keys.partner(partnerId, 'reservations') };
    return script.run(this.#client, names, [memberOf(reservation), untilMs, nowMs, limit, KEEP_SECONDS]);
  }

  /** Ends its count; one that is not counted stays so. */
  async close(partnerId: string, reservation: OpenReservation): Promise<void> {
    await this.#client.zrem(this.#keys.partner(partnerId, 'reservations'), memberOf(reservation));
  }
}

function memberOf({ precheckId, lenderId }: OpenReservation): string {
  return `${precheckId}|${lenderId}`;
}
