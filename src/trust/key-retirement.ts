import type { VerificationKey } from './import-key.ts';

/** Whoever signs with a key that ends within this time is told so with every answer. */
const NOTICE_DAYS = 30;
const NOTICE_SECONDS = NOTICE_DAYS * 86_400;

/** When the key ends, in epoch seconds, once that is within 30 days; undefined while there is nothing to tell. */
export function retiresAtSeconds(key: VerificationKey, nowSeconds: number): number | undefined {
  const end = key.notAfterSeconds;
  return end !== undefined && end - nowSeconds <= NOTICE_SECONDS ? end : undefined;
}
