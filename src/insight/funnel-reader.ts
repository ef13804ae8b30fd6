import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { type FunnelDimension, funnelKey } from './funnel-keys.ts';
import { MEASURES } from './funnel-step.ts';

export interface ClickCounts {
  readonly raw: number;
  readonly unique: number;
  readonly billable: number;
  /** Not billable because the link's traffic was in doubt. */
  readonly held: number;
  /** Cause → clicks that did not go where the link leads: `paused`, `hours`, `suspended`. */
  readonly diverted: Readonly<Record<string, number>>;
  /** What was wrong with the address of a link that has to be signed → arrivals; also where it is only reported. */
  readonly entry: Readonly<Record<string, number>>;
}

/** What became of the people whom a partner sent: in total, or by product, link or day. */
export interface Funnel {
  readonly clicks: ClickCounts;
  readonly registrations: number;
  readonly applications: number;
  readonly refused: number;
  /** Reason code → how many; the reason that we keep, whatever the partner is told. */
  readonly refusedByReason: Readonly<Record<string, number>>;
  readonly granted: number;
  readonly disbursed: {
    readonly count: number;
    /** ISO 4217 → minor units. */
    readonly principal: Readonly<Record<string, number>>;
  };
}

/** Stats of a link as its partner reads them; what it earned stands in the ledger. */
export interface LinkStats {
  readonly clicks: ClickCounts;
  readonly registrations: number;
  readonly applications: number;
  readonly refused: number;
  readonly granted: number;
  readonly disbursed: { readonly count: number; readonly principal: { amount: number; currency: string } };
}

const sumCounters = defineScript<'first', Record<string, string>>({
  file: new URL('./sum-counters.lua', import.meta.url),
  keys: ['first'],
  reply: (raw) => {
    if (!Array.isArray(raw)) throw new Error('sum-counters.lua: unknown reply');
    const pairs = Array.from({ length: raw.length / 2 }, (_, at) => [String(raw[2 * at]), String(raw[2 * at + 1])]);
    return Object.fromEntries(pairs) as Record<string, string>;
  },
});

/** Reads the counters that the projection `funnel` keeps; they follow the log by milliseconds. */
export class FunnelReader {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Everything of one partner. */
  partnerFunnel(partnerId: string): Promise<Funnel> {
    return this.read(partnerId, { by: 'total' });
  }

  /** One partner's funnel by one dimension; all zero where nothing was counted. */
  async read(partnerId: string, dimension: FunnelDimension): Promise<Funnel> {
    return toFunnel(await this.#client.hgetall(funnelKey(this.#keys, partnerId, dimension)));
  }

  /** As its partner reads it. @param currency of the link's product @param days as of `linkFunnel` */
  async linkStats(partnerId: string, code: string, currency: string, days?: readonly string[]): Promise<LinkStats> {
    return linkStatsOf(await this.linkFunnel(partnerId, code, days), currency);
  }

  /**
   * The funnel of one link, from the beginning or over some days.
   * @param days business days of its product, `YYYY-MM-DD`; what is counted of single days is kept for 400 days
   */
  async linkFunnel(partnerId: string, code: string, days?: readonly string[]): Promise<Funnel> {
    if (days === undefined) return this.read(partnerId, { by: 'link', value: code });
    const [first, ...more] = days.map((day) => funnelKey(this.#keys, partnerId, { by: 'link_day', value: code, day }));
    if (first === undefined) return toFunnel({});
    return toFunnel(await sumCounters.run(this.#client, { first }, [], more));
  }

  /** The funnel of one link on each of these days, in their order. */
  linkDays(partnerId: string, code: string, days: readonly string[]): Promise<Funnel[]> {
    return Promise.all(days.map((day) => this.read(partnerId, { by: 'link_day', value: code, day })));
  }
}

/**
 * What a link's partner reads of its funnel.
 * @param currency of the link's product: a link sells one product, in one currency
 */
export function linkStatsOf(funnel: Funnel, currency: string): LinkStats {
  const { clicks, registrations, applications, refused, granted, disbursed } = funnel;
  const principal = { amount: disbursed.principal[currency] ?? 0, currency };
  return {
    clicks,
    registrations,
    applications,
    refused,
    granted,
    disbursed: { count: disbursed.count, principal },
  };
}

function toFunnel(counters: Readonly<Record<string, string>>): Funnel {
  const count = (measure: string): number => Number(counters[measure] ?? 0);
  const family = (prefix: string): Record<string, number> =>
    Object.fromEntries(
      Object.entries(counters)
        .filter(([measure]) => measure.startsWith(prefix))
        .map(([measure, value]) => [measure.slice(prefix.length), Number(value)]),
    );
  return {
    clicks: {
      raw: count(MEASURES.clicksRaw),
      unique: count(MEASURES.clicksUnique),
      billable: count(MEASURES.clicksBillable),
      held: count(MEASURES.clicksHeld),
      diverted: family(MEASURES.clicksDiverted),
      entry: family(MEASURES.clicksEntry),
    },
    registrations: count(MEASURES.registrations),
    applications: count(MEASURES.applications),
    refused: count(MEASURES.refused),
    refusedByReason: family(MEASURES.refusedReason),
    granted: count(MEASURES.granted),
    disbursed: { count: count(MEASURES.disbursed), principal: family(MEASURES.principal) },
  };
}
