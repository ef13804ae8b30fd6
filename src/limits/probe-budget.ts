import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { afterReplies, Gatherer } from './gatherer.ts';

/** What a party may spend in one day. */
export interface DayBudget {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly budget: number;
}

export interface Spending {
  /** Whether the whole amount fitted; nothing was spent when it did not. */
  readonly ok: boolean;
  readonly remaining: number;
}

/** A day's counts are kept until nobody can ask for that day any more, whatever its zone. */
export const KEEP_DAY_SECONDS = 2 * 86_400;

const script = defineScript<'spent', number>({
  file: new URL('./spend-probes.lua', import.meta.url),
  keys: ['spent'],
  reply: (raw) => {
    if (typeof raw !== 'number') throw new Error('spend-probes.lua: unknown reply');
    return raw;
  },
});

/**
 * Probes of the day, in each party's slot.
 *
 * A spending that a cluster client sends again after its connection broke may count twice. It is asked for once a request,
 * and a request that was answered by nobody is signed and counted anew, so the budget errs by what was under way at that
 * moment, and never in the partner's favour.
 */
export class ProbeBudget {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #gatherer: Gatherer<DayBudget, number, Spending>;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
    this.#gatherer = new Gatherer<DayBudget, number, Spending>({
      schedule: afterReplies,
      isSame: (one, other) => one.day === other.day && one.budget === other.budget,
      send: (partyId, of, amounts) => this.#spendAll(partyId, of, amounts),
    });
  }

  /** Spends an amount, whole or not at all. */
  spend(partyId: string, of: DayBudget, amount: number): Promise<Spending> {
    return this.#gatherer.call(partyId, of, amount);
  }

  async #spendAll(partyId: string, { day, budget }: DayBudget, amounts: readonly number[]): Promise<Spending[]> {
    const names = { spent: this.#keys.partner(partyId, 'probes', day) };
    let spent = await script.run(this.#client, names, [budget, KEEP_DAY_SECONDS, ...amounts]);
    // Each is judged as the script has judged it.
    return amounts.map((amount) => {
      const ok = spent + amount <= budget;
      if (ok) spent += amount;
      return { ok, remaining: Math.max(0, budget - spent) };
    });
  }
}
