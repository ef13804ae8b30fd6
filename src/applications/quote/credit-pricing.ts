import { offerAboveCap, type PricedProduct } from '../../pricing/apr-range.ts';
import { annualRate } from '../../pricing/schedule.ts';
import type { CreditPrice, PriceFee } from '../model.ts';

/** A price as the lender states it: what it leaves out is the product's. Rates are fractions a year. */
export interface StatedPrice {
  readonly term: number;
  readonly annual?: string | undefined;
  readonly fees?: readonly PriceFee[] | undefined;
  readonly apr?: string | undefined;
}

/** What prices are judged by, of the product; its price is unknown where it is no longer listed. */
export type PricingFacts = Partial<Omit<PricedProduct, 'term'>> & {
  readonly apr_cap: string;
  readonly term: { readonly unit: 'month' | 'day' };
};

export type PricingVerdict =
  | { readonly ok: true; readonly pricing: readonly CreditPrice[] }
  | { readonly ok: false; readonly code: 'schema_invalid' | 'apr_above_cap'; readonly detail: string };

const RATE_DIGITS = 10;

/**
 * The prices of a credit, each complete: whatever becomes of the product, a credit costs what it did when it was granted.
 * Every loan that a price allows must keep the product's cap, its yearly rate found by us, not only as stated.
 * @param amount the smallest loan and the largest, minor units
 */
export function judgePricing(
  stated: readonly StatedPrice[],
  amount: { readonly min: number; readonly max: number },
  product: PricingFacts,
): PricingVerdict {
  const pricing: CreditPrice[] = [];
  for (const { term, annual = annualOf(product), fees = feesOf(product), apr } of stated) {
    if (annual === undefined) {
      return { ok: false, code: 'schema_invalid', detail: `/data/pricing: the price of term ${term} has no annual` };
    }
    const price = { term, annual, fees, apr: apr ?? null };
    if (isAboveCap(price, amount, product)) {
      const detail = `a loan over ${term} ${product.term.unit}s would cost more than the product's cap of ${product.apr_cap} a year`;
      return { ok: false, code: 'apr_above_cap', detail };
    }
    pricing.push(price);
  }
  return { ok: true, pricing };
}

function isAboveCap(price: CreditPrice, amount: { min: number; max: number }, product: PricingFacts): boolean {
  const { min, max } = amount;
  if (max <= 0) return false;
  const priced: PricedProduct = {
    amount: { min: Math.min(Math.max(1, min), max), max },
    term: { options: [price.term], unit: product.term.unit },
    repayment: product.repayment ?? 'equal_instalments',
    rate: { annual: price.annual },
    fees: price.fees,
    due_day: product.due_day,
    first_period_min_days: product.first_period_min_days,
  };
  return offerAboveCap(priced, product.apr_cap) !== undefined;
}

function annualOf({ rate }: PricingFacts): string | undefined {
  if (rate === undefined) return undefined;
  return rate.annual ?? annualRate(rate).toDecimal(RATE_DIGITS);
}

function feesOf({ fees = [] }: PricingFacts): PriceFee[] {
  return fees.map(({ fixed, percent, kind, payee, when }) => {
    if (fixed !== undefined) return { kind, payee, fixed: Number(fixed), when };
    return { kind, payee, percent: percent ?? '0', when };
  });
}
