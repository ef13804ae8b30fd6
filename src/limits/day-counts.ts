import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { type DayBudget, KEEP_DAY_SECONDS } from './probe-budget.ts';

/** What is counted by the day: hand-offs made, those that one applicant's result page has made, bytes of documents stored. */
export type DayCount = 'handoffs' | `onward:${string}` | 'uploads';

const script = defineScript<'spent', number>({
  file: new URL('./spend-probes.lua', import.meta.url),
  keys: ['spent'],
  reply: (raw) => {
    const [before] = Array.isArray(raw) ? raw : [];
    if (typeof before !== 'number') throw new Error('spend-probes.lua: unknown reply');
    return before;
  },
});

/** Nothing is taken in advance: what is counted here is rare beside what it costs. */
const NO_ADVANCE = [0, 0] as const;

/** Daily budgets of parties for what is rare; probes, which are not, have `ProbeBudget`. */
export class DayCounts {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Spends an amount, whole or not at all. @returns whether it fitted */
  async spend(partyId: string, what: DayCount, { day, budget }: DayBudget, amount: number): Promise<boolean> {
    const names = { spent: this.#keys.partner(partyId, 'spent', what, day) };
    const before = await script.run(this.#client, names, [budget, KEEP_DAY_SECONDS, ...NO_ADVANCE, amount]);
    return before + amount <= budget;
  }
}
