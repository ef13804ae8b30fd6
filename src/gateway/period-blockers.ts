import { DateTime } from 'luxon';
import { funderOf } from '../base/ledger-party.ts';
import { funnelKey } from '../insight/funnel-keys.ts';
import { incompleteDays } from '../insight/totals/incomplete-days.ts';
import { TotalsStore } from '../insight/totals/totals-store.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { Registry } from '../registry/registry.ts';
import type { Lender } from '../registry/schema/lender.ts';
import type { Blocker } from '../revenue/close-outcome.ts';
import { eventBlockers } from '../revenue/event-blockers.ts';
import type { Period } from '../revenue/periods.ts';

export interface BlockerDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly registry: () => Registry;
}

/** Days that a blocker names; the rest are counted. */
const NAMED_MAX = 5;

/**
 * What stands against cutting a partner's period: its events that are not in the ledger, and days of which a lender that it
 * brings applicants to has said nothing, or something else than its events.
 */
export async function periodBlockers(deps: BlockerDeps, partnerId: string, period: Period): Promise<Blocker[]> {
  const [waiting, lenders] = await Promise.all([
    eventBlockers(deps.client, deps.keys, partnerId),
    lendersOf(deps, partnerId),
  ]);
  const totals = new TotalsStore(deps.client, deps.keys);
  const incomplete = await Promise.all(lenders.map((lender) => incompleteDays(totals, lender, daysOf(lender, period))));
  const missing = incomplete.flatMap(({ lenderId, missing: days }) => days.map((day) => `${lenderId} ${day}`));
  const differing = incomplete.flatMap(({ lenderId, differing: days }) => days.map((day) => `${lenderId} ${day}`));
  return [
    ...waiting,
    ...blockerOf('totals_missing', missing, 'has not told the totals of'),
    ...blockerOf('totals_differ', differing, 'tells other totals than its events of'),
  ];
}

function blockerOf(code: string, found: readonly string[], what: string): Blocker[] {
  if (found.length === 0) return [];
  const named = found.slice(0, NAMED_MAX).join(', ');
  const more = found.length > NAMED_MAX ? ` and ${found.length - NAMED_MAX} more` : '';
  return [{ code, count: found.length, detail: `a lender ${what} days on which something happened: ${named}${more}` }];
}

/** Lenders that anything of the partner's was counted for; of a funder, those that lend its money. */
async function lendersOf({ client, keys, registry }: BlockerDeps, partnerId: string): Promise<Lender[]> {
  const { lenders } = registry();
  const funder = funderOf(partnerId);
  if (funder !== null) {
    return [...lenders.values()].filter(({ products }) => products.some(({ funders }) => funders.includes(funder)));
  }
  const found = await Promise.all(
    [...lenders.values()].map(async (lender) => {
      if (lender.products.length === 0) return [];
      const counters = lender.products.map(({ id }) => funnelKey(keys, partnerId, { by: 'product', value: id }));
      return (await client.exists(...counters)) > 0 ? [lender] : [];
    }),
  );
  return found.flat();
}

/** The days that begin within a period, in the zone of a lender's products. */
function daysOf({ products }: Lender, { fromMs, toMs }: Period): string[] {
  const zone = products[0]?.timezone ?? 'UTC';
  const days: string[] = [];
  let day = DateTime.fromMillis(fromMs, { zone }).startOf('day');
  if (day.toMillis() < fromMs) day = day.plus({ days: 1 });
  for (; day.toMillis() < toMs; day = day.plus({ days: 1 })) days.push(day.toFormat('yyyy-MM-dd'));
  return days;
}
