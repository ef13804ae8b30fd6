import { DAY_MS } from '../base/clock.ts';
import type { KnownKey } from './known-keys.ts';

export const KEY_STATUSES = ['active', 'retiring', 'not_yet', 'expired', 'revoked'] as const;
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** As long before its end a key is `retiring`, and its user warned. */
const NOTICE_MS = 30 * DAY_MS;

/** What a key is at an instant of real time. */
export function keyStatus({ notBefore, notAfter, revokedAt }: KnownKey, nowMs: number): KeyStatus {
  if (revokedAt !== null) return 'revoked';
  const endMs = notAfter === null ? Number.POSITIVE_INFINITY : Date.parse(notAfter);
  if (endMs <= nowMs) return 'expired';
  if (notBefore !== null && Date.parse(notBefore) > nowMs) return 'not_yet';
  return endMs - nowMs <= NOTICE_MS ? 'retiring' : 'active';
}
