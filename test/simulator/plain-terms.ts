import type { ContractTerms, Cycle } from '../../src/revenue/terms.ts';

/** Rates in hundredths of a percent: whole numbers, so that the model needs no fractions. */
export type BasisPoints = number;

export type PlainPay =
  | { readonly kind: 'fixed'; readonly amount: number }
  | { readonly kind: 'percent'; readonly points: BasisPoints; readonly of: 'principal' | 'interest' }
  /** Marginal, over the period: up to a sum of principals at one rate, beyond it at another. */
  | { readonly kind: 'tier'; readonly upTo: number; readonly low: BasisPoints; readonly high: BasisPoints };

export interface PlainRule {
  readonly id: string;
  readonly on: 'credit.granted' | 'loan.disbursed' | 'installment.paid';
  readonly pay: PlainPay;
  readonly per: 'application' | 'applicant' | 'loan' | 'payment';
  readonly holdDays: number;
  readonly cap: { readonly count: number; readonly per: 'day' | 'period' } | null;
}

export interface PlainClawback {
  readonly on: 'loan.cancelled' | 'loan.first_payment_default' | 'application.fraud_confirmed' | 'installment.reversed';
  readonly points: BasisPoints;
  readonly withinDays: number | null;
  readonly rules: readonly string[] | null;
}

export type Rounding = 'half_even' | 'half_up' | 'floor';

/** A version of a contract in the few kinds of rules that the model prices. */
export interface PlainVersion {
  readonly id: string;
  readonly contract: string;
  /** First day, in Shanghai. */
  readonly from: string;
  readonly priceAt: 'application' | 'event';
  readonly cycle: 'month_end' | 'half_month' | 'sun';
  readonly acceptDays: number;
  readonly payoutMin: number;
  readonly tax: { readonly points: BasisPoints; readonly mode: 'exclusive' | 'inclusive' };
  readonly withhold: BasisPoints;
  readonly rounding: Rounding;
  readonly rules: readonly PlainRule[];
  readonly clawbacks: readonly PlainClawback[];
}

export const CURRENCY = 'CNY';
const TIMEZONE = 'Asia/Shanghai';

/** The version as production reads it from a file. */
export function termsOf(version: PlainVersion): ContractTerms {
  const { id, contract, from, priceAt, cycle, acceptDays, payoutMin, tax, withhold, rounding } = version;
  return {
    id,
    contract,
    payer: 'operator',
    from,
    price_at: priceAt,
    currency: CURRENCY,
    timezone: TIMEZONE,
    cycle: cycle satisfies Cycle,
    accept_days: acceptDays,
    payout: { days: 10, min: payoutMin, invoice: 'none' },
    tax: { rate: fractionText(tax.points), mode: tax.mode },
    withhold: { rate: fractionText(withhold) },
    rounding,
    rules: version.rules.map(ruleOf),
    clawback: version.clawbacks.map(({ on, points, withinDays, rules }) => ({
      on,
      take: { percent: percentText(points) },
      ...(withinDays === null ? {} : { within_days: withinDays }),
      ...(rules === null ? {} : { rules }),
    })),
    fingerprint: `fingerprint of ${id}`,
  };
}

function ruleOf({ id, on, pay, per, holdDays, cap }: PlainRule): ContractTerms['rules'][number] {
  return { id, on, pay: payOf(pay), once_per: per, hold_days: holdDays, ...(cap === null ? {} : { caps: cap }) };
}

function payOf(pay: PlainPay): ContractTerms['rules'][number]['pay'] {
  switch (pay.kind) {
    case 'fixed':
      return { fixed: pay.amount };
    case 'percent':
      return { percent: percentText(pay.points), of: pay.of };
    case 'tier': {
      const { upTo, low, high } = pay;
      const tiers = [{ up_to: upTo, percent: percentText(low) }, { percent: percentText(high) }];
      return { tiers, measure: 'amount', of: 'principal', over: 'period', mode: 'marginal' };
    }
  }
}

/** 150 → "1.50" */
function percentText(points: BasisPoints): string {
  return `${Math.floor(points / 100)}.${String(points % 100).padStart(2, '0')}`;
}

/** 600 → "0.0600" */
function fractionText(points: BasisPoints): string {
  return `0.${String(points).padStart(4, '0')}`;
}
