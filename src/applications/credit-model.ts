import type { TermUnit } from './loan-model.ts';

/** A fee of a price: `percent` (decimal string) of the principal, or `fixed` minor units. */
export interface PriceFee {
  readonly kind: string;
  readonly payee: string;
  readonly percent?: string | undefined;
  readonly fixed?: number | undefined;
  readonly when: 'upfront' | 'each';
}

/** What loans of one term cost under a credit. Rates are decimal fractions a year. */
export interface CreditPrice {
  readonly term: number;
  /** Nominal. */
  readonly annual: string;
  readonly fees: readonly PriceFee[];
  /** With every fee, as the lender states it; null = it does not. */
  readonly apr: string | null;
}

export interface Credit {
  readonly status: 'active' | 'frozen' | 'closed';
  readonly amount: number;
  readonly min: number | null;
  readonly step: number | null;
  readonly currency: string;
  readonly terms: readonly number[] | null;
  readonly term_unit: TermUnit;
  readonly pricing: readonly CreditPrice[] | null;
  readonly apr: string;
  readonly expires_at: string;
  readonly grade: string | null;
  readonly funder_id: string | null;
  /** When it was granted; absent in documents of before. */
  readonly granted_at?: string;
}
