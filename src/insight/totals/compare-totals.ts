import type { Lender } from '../../registry/schema/lender.ts';
import { TOTALS, type Total, type Totals } from './totals-step.ts';
import type { ToldDay, TotalsStore } from './totals-store.ts';

/** One figure on which a lender and we differ; `difference` = theirs − ours. */
export interface TotalDifference {
  readonly product_id: string;
  readonly figure: Total;
  readonly ours: number;
  readonly theirs: number;
  readonly difference: number;
}

export const NOTHING: Totals = Object.fromEntries(TOTALS.map((name) => [name, 0])) as Record<Total, number>;

/** Every figure of a day on which a lender and we differ, by product, in the order of the figures. */
export function compareTotals(
  ours: Readonly<Record<string, Totals>>,
  theirs: Readonly<Record<string, Totals>>,
): readonly TotalDifference[] {
  const products = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].sort();
  return products.flatMap((product_id) =>
    TOTALS.flatMap((figure): TotalDifference[] => {
      const our = (ours[product_id] ?? NOTHING)[figure];
      const their = (theirs[product_id] ?? NOTHING)[figure];
      return our === their ? [] : [{ product_id, figure, ours: our, theirs: their, difference: their - our }];
    }),
  );
}

/** What a lender has said of a day held against its events of it, as of now: late events may make a day match afterwards. */
export async function differencesOfDay(
  totals: Pick<TotalsStore, 'ours'>,
  lender: Pick<Lender, 'id' | 'products'>,
  day: string,
  told: ToldDay,
): Promise<readonly TotalDifference[]> {
  const products = [...new Set([...lender.products.map(({ id }) => id), ...Object.keys(told.products)])];
  const ours = await Promise.all(products.map(async (id) => [id, await totals.ours(lender.id, id, day)] as const));
  return compareTotals(Object.fromEntries(ours), told.products);
}
