import { TOTALS, type Total, type Totals } from './totals-step.ts';

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
