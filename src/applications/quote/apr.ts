/** What a loan looks like to its borrower: money in at the start, one payment at the end of each period. Minor units. */
export type CashFlows = {
  received: bigint;
  payments: readonly bigint[];
  /** How many such periods a year holds: 12 for months, 12 / n for one bullet after n months, 365 / n for n days. */
  periodsPerYear: number;
};

/** `apr` = periodic internal rate of return × periods a year; `aprEffective` = compounded. Decimal fractions, 8 digits. */
export type Apr = { apr: string; aprEffective: string };

/** Rates are shown with this many decimal digits. */
const RATE_DIGITS = 8;
/** Halvings until a double cannot be halved any more. */
const BISECTIONS = 200;
/** A periodic rate beyond this (10⁹ %) is not a loan. */
const PERIODIC_RATE_MAX = 1e7;

/**
 * The annual percentage rate with every interest and fee in, from what the borrower gets and pays. The present value falls
 * steadily as the rate rises, so bisection always finds the only root. Rates are not money: doubles serve.
 *
 * Undefined when the borrower receives nothing (fees eat the loan) or pays nothing: no rate describes that.
 */
export function aprOf(flows: CashFlows): Apr | undefined {
  const periodic = periodicReturn(flows);
  if (periodic === undefined) return undefined;
  const apr = periodic * flows.periodsPerYear;
  const effective = (1 + periodic) ** flows.periodsPerYear - 1;
  return { apr: rateText(apr), aprEffective: rateText(effective) };
}

/**
 * Whether the flows cost more than a cap (decimal fraction a year). Every payment was rounded to whole minor units, which
 * may lift the rate of a product priced exactly at its cap by a hair: an excess that disappears when each payment is one
 * minor unit lower is rounding, not price.
 */
export function exceedsCap(flows: CashFlows, cap: string): boolean {
  if (flows.received <= 0n) return true;
  const payments = flows.payments.map((payment) => (payment > 0n ? payment - 1n : 0n));
  return presentValue(payments, Number(cap) / flows.periodsPerYear) > Number(flows.received);
}

function periodicReturn({ received, payments }: CashFlows): number | undefined {
  const paid = payments.reduce((sum, payment) => sum + payment, 0n);
  if (received <= 0n || paid <= 0n) return undefined;
  if (paid === received) return 0;
  const target = Number(received);
  let low = paid > received ? 0 : -1 + 1e-12;
  let high = paid > received ? 1 : 0;
  while (presentValue(payments, high) > target) {
    if (high > PERIODIC_RATE_MAX) return undefined;
    high *= 2;
  }
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (presentValue(payments, middle) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Σ payment_k / (1 + rate)^k by Horner's rule, from the last payment to the first. */
function presentValue(payments: readonly bigint[], rate: number): number {
  return payments.reduceRight((later, payment) => (later + Number(payment)) / (1 + rate), 0);
}

function rateText(rate: number): string {
  const text = rate.toFixed(RATE_DIGITS);
  return Number(text) === 0 ? text.replace('-', '') : text;
}
