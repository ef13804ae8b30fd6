import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { type FunnelDimension, funnelKey } from './funnel-keys.ts';
import { MEASURES } from './funnel-step.ts';

export interface ClickCounts {
  readonly raw: number;
  readonly unique: number;
  readonly billable: number;
  /** Cause → clicks that did not go where the link leads: `paused`, `hours`, `suspended`. */
  readonly diverted: Readonly<Record<string, number>>;
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

  /** @param currency of the link's product: a link sells one product, in one currency */
  async linkStats(partnerId: string, code: string, currency: string): Promise<LinkStats> {
    const { clicks, registrations, applications, refused, granted, disbursed } = await this.read(partnerId, {
      by: 'link',
      value: code,
    });
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
      diverted: family(MEASURES.clicksDiverted),
    },
    registrations: count(MEASURES.registrations),
    applications: count(MEASURES.applications),
    refused: count(MEASURES.refused),
    refusedByReason: family(MEASURES.refusedReason),
    granted: count(MEASURES.granted),
    disbursed: { count: count(MEASURES.disbursed), principal: family(MEASURES.principal) },
  };
}
