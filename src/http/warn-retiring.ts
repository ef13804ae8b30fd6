import { isoOf } from '../base/clock.ts';
import type { VerificationKey } from '../trust/import-key.ts';
import { retiresAtSeconds } from '../trust/key-retirement.ts';
import { addWarning, type DoorContext } from './request-context.ts';

/** Tells whoever signs with a key that ends soon when it does, in `Sluice-Warnings`. */
export function warnRetiring<P>(c: DoorContext<P>, key: VerificationKey, nowSeconds: number): void {
  const endSeconds = retiresAtSeconds(key, nowSeconds);
  if (endSeconds === undefined) return;
  addWarning(c, `key_retiring keyid="${key.id}" not_after=${isoOf(endSeconds * 1_000)}`);
}
