import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';

/** One subject kept for a partner at one lender. */
export interface OpenReservation {
  readonly precheckId: string;
  readonly lenderId: string;
}

export interface ReservationTerms {
  /** What is reserved, so that it can be given back by the precheck's id alone. */
  readonly tokens: readonly string[];
  /** Business time at which it ends by itself. */
  readonly untilMs: number;
  readonly nowMs: number;
  /** Most that the partner may hold at one time. */
  readonly limit: number;
}

const script = defineScript<'reservations' | 'reserved', boolean>({
  file: new URL('./open-reservation.lua', import.meta.url),
  keys: ['reservations', 'reserved'],
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
  open(partnerId: string, reservation: OpenReservation, terms: ReservationTerms): Promise<boolean> {
    const { untilMs, nowMs, limit, tokens } = terms;
    const { precheckId, lenderId } = reservation;
    const names = {
      reservations: this.#keys.partner(partnerId, 'reservations'),
      reserved: this.#reservedKey(partnerId, precheckId),
    };
    const member = memberOf(reservation);
    return script.run(this.#client, names, [
      member,
      untilMs,
      nowMs,
      limit,
      KEEP_SECONDS,
      lenderId,
      JSON.stringify(tokens),
    ]);
  }

  /** What a partner's precheck has reserved, by lender; nothing when it is over, or somebody else's. */
  async reserved(partnerId: string, precheckId: string): Promise<Map<string, readonly string[]>> {
    const stored = await this.#client.hgetall(this.#reservedKey(partnerId, precheckId));
    return new Map(Object.entries(stored).map(([lender, tokens]) => [lender, JSON.parse(tokens) as string[]]));
  }

  /** Ends its count; one that is not counted stays so. */
  async close(partnerId: string, reservation: OpenReservation): Promise<void> {
    const { precheckId, lenderId } = reservation;
    await Promise.all([
      this.#client.zrem(this.#keys.partner(partnerId, 'reservations'), memberOf(reservation)),
      this.#client.hdel(this.#reservedKey(partnerId, precheckId), lenderId),
    ]);
  }

  #reservedKey(partnerId: string, precheckId: string): string {
    return this.#keys.partner(partnerId, 'reserved', precheckId);
  }
}

function memberOf({ precheckId, lenderId }: OpenReservation): string {
  return `${precheckId}|${lenderId}`;
}
