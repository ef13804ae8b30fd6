import type { TrialPartner } from './trial-gateway.ts';
import type { TrialProduct, Wish } from './trial-product.ts';

/** What every applicant of a trial is brought with. */
export interface TrialSetting {
  readonly partner: TrialPartner;
  readonly product: TrialProduct;
  readonly wish: Wish;
  /** `trial-<seed>`: of everything that the trial makes. */
  readonly mark: string;
  /** How long something that needs no time may take, ms. */
  readonly waitMs: number;
  /** When agreements are accepted, RFC 3339 in business time. */
  readonly acceptedAt: string;
}

/** What is wrong, and what to do about it. */
export interface Finding {
  readonly found: string;
  readonly fix: string | null;
}
