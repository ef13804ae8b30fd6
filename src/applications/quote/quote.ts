import { aprOf, exceedsCap } from '../../pricing/apr.ts';
import type { PricedProduct } from '../../pricing/apr-range.ts';
import { loanFlows } from '../../pricing/loan-flows.ts';
import { buildSchedule, type Schedule, type TermUnit } from '../../pricing/schedule.ts';

/** What a quote needs of a product. Amounts are minor units of `currency`, the cap is a decimal fraction a year. */
export type QuotableProduct = PricedProduct & {
  readonly currency: string;
  readonly amount: { readonly step: bigint | number };
  readonly apr_cap?: string | undefined;
};

/** What is asked: minor units, a term of the product, the day of payout `YYYY-MM-DD`. */
export type QuoteRequest = { amount: bigint; term: number; termUnit: TermUnit; startOn: string };

/** A quote; money in minor units of `currency`, rates as decimal fractions with 8 digits. */
export type Quote = Schedule & { source: 'local' | 'lender'; currency: string; apr: string; aprEffective: string };

export type QuoteProblemCode =
  | 'currency_mismatch'
  | 'amount_out_of_range'
  | 'amount_off_step'
  | 'over_available'
  | 'term_not_offered'
  | 'fees_exceed_amount'
  | 'apr_above_cap';

/** Why there is no quote; `pointer` is the JSON pointer of the request field to change, empty when the product is at fault. */
export type QuoteProblem = { code: QuoteProblemCode; pointer: string; message: string };

/** The cap of a product that names none: 24 % a year with every fee in. */
export const DEFAULT_APR_CAP = '0.24';

/** Works out what a loan would cost, from the product alone. Amounts count in steps from the product's minimum. */
export function quoteLocally(
  product: QuotableProduct,
  request: QuoteRequest,
): { ok: true; quote: Quote } | { ok: false; problem: QuoteProblem } {
  const problem = requestProblem(product, request);
  if (problem) return { ok: false, problem };
  const { amount, term, termUnit, startOn } = request;
  const { rate, repayment, fees, due_day: dueDay, first_period_min_days: firstPeriodMinDays } = product;
  const loan = buildSchedule({
    principal: amount,
    rate,
    term,
    termUnit,
    repayment,
    fees,
    startOn,
    dueDay,
    firstPeriodMinDays,
  });
  const flows = loanFlows({ received: loan.received, startOn, termUnit, payments: loan.schedule });
  const rates = aprOf(flows);
  if (rates === undefined) {
    return refuse('fees_exceed_amount', '/amount', 'fees due at payout leave nothing of this amount');
  }
  const cap = product.apr_cap ?? DEFAULT_APR_CAP;
  if (exceedsCap(flows, cap)) {
    return refuse('apr_above_cap', '', `the yearly cost would be ${rates.apr}, above this product's cap of ${cap}`);
  }
  return { ok: true, quote: { source: 'local', currency: product.currency, ...loan, ...rates } };
}

/** What of a request the product does not offer; undefined when it offers all of it. */
export function requestProblem(
  product: QuotableProduct,
  request: Omit<QuoteRequest, 'startOn'>,
): QuoteProblem | undefined {
  const [min, max, step] = [BigInt(product.amount.min), BigInt(product.amount.max), BigInt(product.amount.step)];
  if (request.amount < min || request.amount > max) {
    const message =
      min > max
        ? `nothing can be drawn: ${max} minor units are left, and the smallest loan is ${min}`
        : `must be from ${min} to ${max} minor units of ${product.currency}`;
    return { code: 'amount_out_of_range', pointer: '/amount', message };
  }
  if ((request.amount - min) % step !== 0n) {
    return { code: 'amount_off_step', pointer: '/amount', message: `must be ${min} plus a multiple of ${step}` };
  }
  if (request.termUnit !== product.term.unit) {
    return { code: 'term_not_offered', pointer: '/term_unit', message: `must be ${product.term.unit}` };
  }
  if (!product.term.options.includes(request.term)) {
    const offered = product.term.options.join(', ');
    return { code: 'term_not_offered', pointer: '/term', message: `must be one of ${offered}` };
  }
  return undefined;
}

function refuse(code: QuoteProblemCode, pointer: string, message: string): { ok: false; problem: QuoteProblem } {
  return { ok: false, problem: { code, pointer, message } };
}
