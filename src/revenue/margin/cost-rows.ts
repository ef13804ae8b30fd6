import { isFunder } from '../../base/ledger-party.ts';
import { Rational } from '../../base/rational.ts';
import { toDecimal } from '../decimal-money.ts';
import type { FundingStore } from '../funding/funding-store.ts';
import type { ReachedStep } from '../funding/reached-field.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import { marginFieldsOf, readMarginField } from './margin-field.ts';

/** By what the cost of applicants is shown; in this order everywhere. */
export const COST_DIMENSIONS = ['partner', 'product', 'link'] as const;
export type CostDimension = (typeof COST_DIMENSIONS)[number];

/** What partners were paid for the applicants of a month, and how many of them there were. */
export interface CostRow {
  /** Ids of dimensions that were not asked for are absent; null = nobody introduced them, or they came by no link. */
  readonly business: Readonly<Partial<Record<CostDimension, string | null>>>;
  /** null where nothing was paid: then there is no currency. */
  readonly currency: string | null;
  /** Commissions of the month less what was taken back, held ones left out; minor units. */
  readonly commission: bigint;
  /** Applications whose credit was granted in the month. */
  readonly granted: bigint;
  /** Applications whose first loan was paid out in the month. */
  readonly disbursed: bigint;
}

/** An exact quotient, and as people read it. */
export interface CostPer {
  /** Minor units. */
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** Major units with the digits of the currency, rounded half to even for display. */
  readonly amount: string;
}

interface Business {
  readonly business: CostRow['business'];
  readonly reached: Record<ReachedStep, bigint>;
  readonly paid: Map<string, bigint>;
}

/**
 * Cost of the applicants of a month: one row a business and currency.
 * @param parties ids of all who have a ledger; those of funders are passed over
 */
export async function costRows(
  ledger: Pick<LedgerReader, 'margin'>,
  funding: Pick<FundingStore, 'reachedIn'>,
  parties: Iterable<string>,
  month: string,
  by: readonly CostDimension[],
): Promise<CostRow[]> {
  const businesses = new Map<string, Business>();
  for (const { key, count } of (await funding.reachedIn(month)).values()) {
    businessOf(businesses, key, by).reached[key.step] += count;
  }
  for (const party of parties) {
    if (isFunder(party)) continue;
    for (const [field, amount] of await ledger.margin(party, marginFieldsOf(month))) {
      const key = readMarginField(field);
      if (key.bucket === 'pending') continue;
      const { paid } = businessOf(businesses, key, by);
      paid.set(key.currency, (paid.get(key.currency) ?? 0n) + amount);
    }
  }
  return [...businesses].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, one]) => rowsOf(one));
}

/** Commission ÷ applicants; null where there are none. */
export function costPer({ commission, currency }: CostRow, applicants: bigint): CostPer | null {
  if (applicants === 0n) return null;
  const minor = Rational.of(commission, applicants).round('half_even');
  const amount = currency === null ? minor.toString() : toDecimal(minor, currency);
  return { numerator: commission, denominator: applicants, amount };
}

function rowsOf({ business, reached, paid }: Business): CostRow[] {
  const currencies: readonly (string | null)[] = paid.size === 0 ? [null] : [...paid.keys()].sort();
  return currencies.map((currency) => ({
    business,
    currency,
    commission: currency === null ? 0n : (paid.get(currency) ?? 0n),
    ...reached,
  }));
}

interface BusinessKey {
  readonly partner_id: string | null;
  readonly product_id: string | null;
  readonly link_code: string | null;
}

function businessOf(
  businesses: Map<string, Business>,
  { partner_id, product_id, link_code }: BusinessKey,
  by: readonly CostDimension[],
): Business {
  const ids = { partner: partner_id, product: product_id, link: link_code };
  const name = by.map((dimension) => ids[dimension] ?? '').join(' ');
  const known = businesses.get(name);
  if (known !== undefined) return known;
  const business = Object.fromEntries(by.map((dimension) => [dimension, ids[dimension]]));
  const fresh: Business = { business, reached: { granted: 0n, disbursed: 0n }, paid: new Map() };
  businesses.set(name, fresh);
  return fresh;
}
