import { availableCredit } from '../lifecycle/available.ts';
import type { Application } from '../model.ts';
import type { AcceptedProduct } from '../product-as-accepted.ts';
import type { QuotableProduct } from './quote.ts';

export type CreditOffer =
  | { readonly ok: true; readonly offer: QuotableProduct }
  /** Nothing can be drawn now; `message` says why. */
  | { readonly ok: false; readonly message: string };

/**
 * What can be drawn now under a granted credit, as something that can be quoted: the credit's own limits and prices, the
 * product's where it is silent.
 * @param term the term asked for, which may have a price of its own
 * @param nowMs business time
 */
export function creditOffer(
  application: Application,
  product: AcceptedProduct,
  term: number,
  nowMs: number,
): CreditOffer {
  const { credit, status } = application;
  if (credit === null) return { ok: false, message: `no credit has been granted: the application is ${status}` };
  if (credit.status === 'frozen') return { ok: false, message: 'the credit is frozen by the lender' };
  if (Date.parse(credit.expires_at) <= nowMs) {
    return { ok: false, message: `the credit could be drawn until ${credit.expires_at}` };
  }
  if (credit.status !== 'active' || status !== 'credit_granted') return { ok: false, message: 'the credit is closed' };
  const price = credit.pricing?.find((each) => each.term === term);
  return {
    ok: true,
    offer: {
      currency: credit.currency,
      amount: {
        min: credit.min ?? product.amount.min,
        max: availableCredit(application),
        step: credit.step ?? product.amount.step,
      },
      term: { options: credit.terms ?? product.term.options, unit: credit.term_unit },
      repayment: product.repayment,
      rate: price === undefined ? product.rate : { annual: price.annual },
      fees: price === undefined ? product.fees : price.fees,
      due_day: product.due_day,
      first_period_min_days: product.first_period_min_days,
      apr_cap: product.apr_cap,
    },
  };
}
