import type { RegisteredProduct } from '../registry/registry.ts';
import type { Decision } from '../screening/decision.ts';

export interface ProductAnswer {
  readonly product: RegisteredProduct;
  readonly decision: Decision;
  /** RFC 3339; null when nothing is reserved. */
  readonly reservedUntil: string | null;
}

export interface PrecheckAnswer {
  readonly id: string;
  readonly provisional: boolean;
  readonly validUntil: string;
  readonly answers: readonly ProductAnswer[];
  /** A wanted reservation was not made, because the partner holds as many as it may. */
  readonly reservationsExhausted: boolean;
}
