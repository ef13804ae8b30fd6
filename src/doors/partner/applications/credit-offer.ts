import { availableCredit } from '../../../applications/lifecycle/available.ts';
import type { Application, Credit } from '../../../applications/model.ts';
import type { QuotableProduct } from '../../../applications/quote/quote.ts';
import { Rational } from '../../../base/rational.ts';
import type { RegisteredProduct } from '../../../registry/registry.ts';

/**
 * What can be drawn now under a granted credit, as something that can be quoted: the credit's own limits and prices, the
 * product's where it is silent. Undefined when nothing can be drawn.
 * @param term the term asked for, which may have a price of its own
 */
export function creditOffer(
  application: Application,
  product: RegisteredProduct,
  term: number,
  nowMs: number,
): QuotableProduct | undefined {
  const { credit, status } = application;
  if (credit === null || status !== 'credit_granted' || credit.status !== 'active') return undefined;
  if (Date.parse(credit.expires_at) <= nowMs) return undefined;
  const annual = annualOf(credit, term);
  return {
    currency: credit.currency,
    amount: {
      min: credit.min ?? product.amount.min,
      max: availableCredit(application),
      step: credit.step ?? product.amount.step,
    },
    term: { options: credit.terms ?? product.term.options, unit: credit.term_unit },
    repayment: product.repayment,
    rate: annual === undefined ? product.rate : { annual },
    fees: product.fees,
    apr_cap: product.apr_cap,
  };
}

/** The nominal yearly rate that the lender named for this term, when it named one. */
function annualOf(credit: Credit, term: number): string | undefined {
  for (const item of credit.pricing ?? []) {
    const { term: priced, annual } = item as { term?: unknown; annual?: unknown };
    if (priced === term && typeof annual === 'string' && Rational.isDecimal(annual)) return annual;
  }
  return undefined;
}
