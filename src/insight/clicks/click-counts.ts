import type { NewEvent } from '../../events/event.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { funnelKey, LINK_DAY_KEEP_SECONDS } from '../funnel-keys.ts';
import { MEASURES } from '../funnel-step.ts';
import type { ClickTally } from './tally-clicks.ts';

/** A tally with what bounds and follows it. */
export interface BilledTally extends ClickTally {
  /** Billable clicks a day that the link may have; null = any number. */
  readonly cap: number | null;
}

/** The arrivals of one shard through one partner's links. */
export interface PartnerClicks {
  readonly shard: number;
  /** Place after which they lie. */
  readonly after: string;
  readonly last: string;
  readonly tallies: readonly BilledTally[];
  /** Whether each billable click is told in an event. */
  readonly isPaid: boolean;
  /** Places of billable clicks from before whose events may not be written yet. */
  readonly due: readonly string[];
}

export type AddedClicks =
  | { readonly ok: true; readonly due: readonly string[] }
  /** Arrivals up to `last` have been counted meanwhile, or before a crash. */
  | { readonly ok: false; readonly last: string; readonly due: readonly string[] };

const addClicks = defineScript<'marks' | 'total', AddedClicks>({
  file: new URL('./add-clicks.lua', import.meta.url),
  keys: ['marks', 'total'],
  reply: (raw) => {
    const [added, first, second] = raw as [number, string, string?];
    return added === 1 ? { ok: true, due: placesIn(first) } : { ok: false, last: first, due: placesIn(second ?? '') };
  },
});
const logBillable = defineScript<'counted' | 'log', boolean>({
  file: new URL('./log-billable.lua', import.meta.url),
  keys: ['counted', 'log'],
  reply: (raw) => raw === 1,
});

/** Keys of the script before those of the tallies. */
const FIRST_KEYS = 2;

/** Where counted clicks live: in the funnel of their partner, and a place in each shard that says how far it has been done. */
export class ClickCounts {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Place of the last arrival of a shard that is counted; `0-0` when none is. */
  async counted(shard: number): Promise<string> {
    return (await this.#client.get(this.#countedKey(shard))) ?? '0-0';
  }

  /** Adds arrivals to their partner's funnel, once. */
  add(partnerId: string, { shard, after, last, tallies, isPaid, due }: PartnerClicks): Promise<AddedClicks> {
    const more: string[] = [];
    const numberOf = (key: string): number => FIRST_KEYS + more.push(key);
    const args: (string | number)[] = [
      shard,
      after,
      last,
      due.join(' '),
      LINK_DAY_KEEP_SECONDS,
      MEASURES.clicksBillable,
    ];
    for (const { linkCode: value, productId, day, counts, candidates, cap } of tallies) {
      args.push(
        numberOf(funnelKey(this.#keys, partnerId, { by: 'product', value: productId })),
        numberOf(funnelKey(this.#keys, partnerId, { by: 'link', value })),
        numberOf(funnelKey(this.#keys, partnerId, { by: 'day', value: day })),
        numberOf(funnelKey(this.#keys, partnerId, { by: 'link_day', value, day })),
        cap ?? '',
        candidates.length,
        isPaid ? candidates.length : 0,
        ...(isPaid ? candidates : []),
        counts.size,
        ...[...counts].flat(),
      );
    }
    const first = {
      marks: this.#keys.partner(partnerId, 'funnel', 'clicks'),
      total: funnelKey(this.#keys, partnerId, { by: 'total' }),
    };
    return addClicks.run(this.#client, first, args, more);
  }

  /**
   * Writes events of billable clicks and moves the place up to which a shard is counted.
   * @returns false when somebody else has moved it; nothing was written
   */
  finish(shard: number, from: string, to: string, events: readonly NewEvent[]): Promise<boolean> {
    const where = { counted: this.#countedKey(shard), log: this.#keys.shard(shard, 'log') };
    const texts = events.map((event) => JSON.stringify(event));
    return logBillable.run(this.#client, where, [from, to, this.#keys.wakeChannel, shard, ...texts]);
  }

  #countedKey(shard: number): string {
    return this.#keys.shard(shard, 'clicks', 'counted');
  }
}

function placesIn(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}
