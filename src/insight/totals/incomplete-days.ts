import type { Lender } from '../../registry/schema/lender.ts';
import { differencesOfDay } from './compare-totals.ts';
import type { TotalsStore } from './totals-store.ts';

/** Days of one lender on which its word and our events do not agree. */
export interface IncompleteDays {
  readonly lenderId: string;
  /** Something happened, and the lender has not said what. */
  readonly missing: readonly string[];
  /** The lender says otherwise. */
  readonly differing: readonly string[];
}

/** Days of which a lender's totals are read at one time. */
const AT_ONCE = 31;

/**
 * Holds what a lender has said of some days against our events of them. A day without any event that it has not spoken of is
 * complete: nothing happened.
 * @param days `YYYY-MM-DD`, in the zones of the lender's products
 */
export async function incompleteDays(
  totals: Pick<TotalsStore, 'ours' | 'toldDays' | 'happenedOn'>,
  lender: Pick<Lender, 'id' | 'products'>,
  days: readonly string[],
): Promise<IncompleteDays> {
  const missing: string[] = [];
  const differing: string[] = [];
  for (let at = 0; at < days.length; at += AT_ONCE) {
    const some = days.slice(at, at + AT_ONCE);
    const products = lender.products.map(({ id }) => id);
    const [told, happened] = await Promise.all([
      totals.toldDays(lender.id, some),
      totals.happenedOn(lender.id, products, some),
    ]);
    const checked = await Promise.all(
      some.map(async (day, index) => {
        const word = told[index];
        if (word === undefined) return happened.has(day) ? 'missing' : 'complete';
        return (await differencesOfDay(totals, lender, day, word)).length > 0 ? 'differing' : 'complete';
      }),
    );
    some.forEach((day, index) => {
      if (checked[index] === 'missing') missing.push(day);
      if (checked[index] === 'differing') differing.push(day);
    });
  }
  return { lenderId: lender.id, missing, differing };
}
