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

/** What a process takes in advance, so that it need not write for each probe. */
const ADVANCE = 64;
/** Only while so much is left beyond it: then a hundredth of that at the most lies unspent with a process. */
const ADVANCE_FROM = 100 * ADVANCE;

const script = defineScript<'spent', readonly [before: number, advance: number]>({
  file: new URL('./spend-probes.lua', import.meta.url),
  keys: ['spent'],
  reply: (raw) => {
    const [before, advance] = Array.isArray(raw) ? raw : [];
    if (typeof before !== 'number' || typeof advance !== 'number') throw new Error('spend-probes.lua: unknown reply');
    return [before, advance];
  },
});

/** Probes that a process may spend without asking. */
interface Advance {
  readonly of: DayBudget;
  left: number;
  /** What nobody had taken when it was last asked. */
  beyond: number;
}

/**
 * Probes of the day, in each party's slot. A durable write for each would cost as much as the precheck itself, so while a
 * budget is far from its end, each process takes some in advance; near the end every probe is asked for. More than the
 * budget is never spent. A process that ends, or falls idle, leaves fewer than 64 unspent.
 *
 * A command that a cluster client sends again after its connection broke may count twice: again, never in the partner's favour.
 */
export class ProbeBudget {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #gatherer: Gatherer<DayBudget, number, Spending>;
  /** By party. */
  readonly #advances = new Map<string, Advance>();
  /** Parties for which an advance has been asked. */
  readonly #asking = new Set<string>();

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
    this.#gatherer = new Gatherer<DayBudget, number, Spending>({
      schedule: afterReplies,
      isSame,
      send: (partyId, of, amounts) => this.#spendAll(partyId, of, amounts),
    });
  }

  /** Spends an amount, whole or not at all. */
  spend(partyId: string, of: DayBudget, amount: number): Promise<Spending> {
    const advance = this.#advances.get(partyId);
    if (advance === undefined || advance.left < amount || !isSame(advance.of, of)) {
      return this.#gatherer.call(partyId, of, amount);
    }
    advance.left -= amount;
    return Promise.resolve({ ok: true, remaining: advance.left + advance.beyond });
  }

  async #spendAll(partyId: string, of: DayBudget, amounts: readonly number[]): Promise<Spending[]> {
    const { day, budget } = of;
    const names = { spent: this.#keys.partner(partyId, 'probes', day) };
    // Of several that are under way at once, one asks: advances must not add up.
    const wanted = this.#asking.has(partyId) ? 0 : ADVANCE;
    if (wanted > 0) this.#asking.add(partyId);
    try {
      const [before, granted] = await script.run(this.#client, names, [
        budget,
        KEEP_DAY_SECONDS,
        wanted,
        ADVANCE_FROM,
        ...amounts,
      ]);
      return this.#settle(partyId, of, amounts, { before, granted });
    } finally {
      if (wanted > 0) this.#asking.delete(partyId);
    }
  }

  #settle(
    partyId: string,
    of: DayBudget,
    amounts: readonly number[],
    { before, granted }: { before: number; granted: number },
  ): Spending[] {
    const known = this.#advances.get(partyId);
    const advance = known !== undefined && isSame(known.of, of) ? known : { of, left: 0, beyond: 0 };
    advance.left += granted;
    this.#advances.set(partyId, advance);
    let spent = before + granted;
    // Each amount is judged as the script has judged it, before it granted anything.
    const spendings = amounts.map((amount) => {
      const ok = spent - granted + amount <= of.budget;
      if (ok) spent += amount;
      return { ok, remaining: Math.max(0, of.budget - spent) + advance.left };
    });
    advance.beyond = Math.max(0, of.budget - spent);
    return spendings;
  }
}

function isSame(one: DayBudget, other: DayBudget): boolean {
  return one.day === other.day && one.budget === other.budget;
}
