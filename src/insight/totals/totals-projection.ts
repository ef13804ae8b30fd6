import type { Projection } from '../../events/projection.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { DEFAULT_TIME_ZONE } from '../funnel-projection.ts';
import { totalsKeys } from './totals-keys.ts';
import { type CountedLoan, loanOfTotals, totalsStepOf } from './totals-step.ts';

export interface TotalsProjectionDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  /** IANA zone of a product's business day; undefined of one that is gone. */
  readonly timeZoneOf: (productId: string) => string | undefined;
}

const countTotals = defineScript<'marks' | 'loans' | 'day' | 'month' | 'months', boolean>({
  file: new URL('./count-totals.lua', import.meta.url),
  keys: ['marks', 'loans', 'day', 'month', 'months'],
  reply: (raw) => raw === 1,
});

/** Counts what happened at each lender by product and day, each event once: what its own daily totals are compared with. */
export function createTotalsProjection({ client, keys, timeZoneOf }: TotalsProjectionDeps): Projection {
  const zoneOf = (productId: string): string => timeZoneOf(productId) ?? DEFAULT_TIME_ZONE;
  return {
    name: 'totals',
    async apply(event) {
      const loanId = loanOfTotals(event);
      const lenderId = event.context?.lender_id;
      if (lenderId === undefined) return;
      const text = loanId === null ? null : await client.hget(totalsKeys.loans(keys, lenderId), loanId);
      const known = text === null ? undefined : (JSON.parse(text) as CountedLoan);
      const step = totalsStepOf(event, known, zoneOf);
      if (step === null) return;
      const { productId, day, adds, loan } = step;
      const month = day.slice(0, 7);
      const { id = '', ...kept } = loan ?? {};
      await countTotals.run(
        client,
        {
          marks: totalsKeys.marks(keys, lenderId),
          loans: totalsKeys.loans(keys, lenderId),
          day: totalsKeys.day(keys, lenderId, productId, day),
          month: totalsKeys.day(keys, lenderId, productId, month),
          months: totalsKeys.months(keys, lenderId),
        },
        [event.subject, event.position, id, JSON.stringify(kept), `${productId}|${month}`, ...counters(adds)],
      );
    },
  };
}

function counters(adds: Readonly<Record<string, number>>): (string | number)[] {
  return Object.entries(adds)
    .filter(([, amount]) => amount !== 0)
    .flat();
}
