import type { DeviceClass } from '../../registry/schema/variants.ts';
import { type ErrorCode, SECONDS_BUCKETS, type SecondsBucket } from './page-vocabulary.ts';

/** One thing that happened on one load of a page. */
export type PageEvent =
  | { readonly type: 'view' | 'start' | 'otp_sent' | 'submit' }
  | {
      readonly type: 'field_error';
      /** Tells it from the others of its load, so that the same one told again counts once. */
      readonly key: string;
      /** Name of an input of the form. */
      readonly field: string;
      readonly code: ErrorCode;
    }
  | { readonly type: 'leave'; readonly seconds: SecondsBucket };

/** One load of a hosted page. Nothing in it says who loaded it. */
export interface PageLoad {
  /** 12 random hex digits. */
  readonly id: string;
  readonly clickId: string;
  readonly partnerId: string;
  readonly linkCode: string;
  /** Its time zone says which day it is. */
  readonly productId: string;
  /** `VariantMark` as text; null = the page as it is. */
  readonly variant: string | null;
  readonly device: DeviceClass;
  /** Business time, ms. */
  readonly openedAtMs: number;
}

export function secondsBucket(milliseconds: number): SecondsBucket {
  return SECONDS_BUCKETS.find((bound) => milliseconds <= bound * 1_000) ?? 3600;
}
