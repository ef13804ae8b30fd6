import type { CashFlows } from './apr.ts';
import { aprOf, exceedsCap } from './apr.ts';
import type { FeeRule, NominalRate, Repayment, Schedule, TermUnit } from './schedule.ts';
import { buildSchedule } from './schedule.ts';

/** What a quote needs of a product. Amounts are minor units of `currency`, the cap is a decimal fraction a year. */
export type QuotableProduct = {
  currency: string;
  amount: { min: bigint | number; max: bigint | number; step: bigint | number };
  term: { options: readonly number[]; unit: TermUnit };
  repayment: Repayment;
  rate: NominalRate;
  fees: readonly FeeRule[];
  apr_cap?: string | undefined;
};

/** What is asked: minor units, a term of the product, the day of payout `YYYY-MM-DD`. */
export type QuoteRequest = { amount: bigint; term: number; termUnit: TermUnit; startOn: string };

/** A quote; money in minor units of `currency`, rates as decimal fractions with 8 digits. */
export type Quote = Schedule & { source: 'local'; currency: string; apr: string; aprEffective: string };

export type QuoteProblemCode =
  | 'amount_out_of_range'
  | 'amount_off_step'
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
  const { loan, flows } = buildLoan(product, request);
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

/**
 * The lowest and highest yearly cost over a product's terms at its smallest and largest amount, every fee in, before any
 * cap. Fixed fees weigh more on small amounts, so the extremes lie at these corners. Undefined when fees eat every loan.
 */
export function aprRange(product: QuotableProduct): { min: string; max: string } | undefined {
  const rates: string[] = [];
  for (const amount of [BigInt(product.amount.min), BigInt(product.amount.max)]) {
    for (const term of product.term.options) {
      const { flows } = buildLoan(product, { amount, term, termUnit: product.term.unit, startOn: ANY_DAY });
      const rate = aprOf(flows)?.apr;
      if (rate !== undefined) rates.push(rate);
    }
  }
  rates.sort((a, b) => Number(a) - Number(b));
  const [min, max] = [rates.at(0), rates.at(-1)];
  return min === undefined || max === undefined ? undefined : { min, max };
}

/** Months count alike whenever they begin: the day of payout moves due dates, never the rate. */
const ANY_DAY = '2026-01-01';

function buildLoan(product: QuotableProduct, request: QuoteRequest): { loan: Schedule; flows: CashFlows } {
  const { amount, term, termUnit, startOn } = request;
  const { rate, repayment, fees } = product;
  const loan = buildSchedule({ principal: amount, rate, term, termUnit, repayment, fees, startOn });
  const payments = loan.schedule.map((instalment) => instalment.total);
  const periodsPerYear = ((termUnit === 'day' ? 365 : 12) / term) * payments.length;
  return { loan, flows: { received: loan.received, payments, periodsPerYear } };
}

function requestProblem(product: QuotableProduct, request: QuoteRequest): QuoteProblem | undefined {
  const [min, max, step] = [BigInt(product.amount.min), BigInt(product.amount.max), BigInt(product.amount.step)];
  if (request.amount < min || request.amount > max) {
    const message = `must be from ${min} to ${max} minor units of ${product.currency}`;
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
