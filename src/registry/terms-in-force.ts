import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { DateTime } from 'luxon';
import type { Terms } from './schema/terms.ts';

/** The part of a partner or funder that this looks at. */
export interface TermsHolder {
  readonly terms: readonly Terms[];
}

/**
 * The version of a contract in force at an instant (milliseconds since the epoch): the latest whose `from`, at 00:00 in
 * its time zone, is not after it. Null before the first version and for a contract that does not exist.
 */
export function termsInForce(holder: TermsHolder, contract: string, atMs: number): Terms | null {
  return holder.terms.findLast((terms) => terms.contract === contract && effectiveFromMs(terms) <= atMs) ?? null;
}

/** Every contract's version in force at an instant, in file order; contracts that have not begun are left out. */
export function allTermsInForce(holder: TermsHolder, atMs: number): Terms[] {
  const contracts = [...new Set(holder.terms.map((terms) => terms.contract))];
  return contracts.flatMap((contract) => termsInForce(holder, contract, atMs) ?? []);
}

/** Time zone arithmetic is slow beside a precheck, and versions never change. */
const effectiveFrom = new WeakMap<object, number>();

/** Milliseconds since the epoch at which a version begins. */
export function effectiveFromMs(terms: Readonly<Pick<Terms, 'from' | 'timezone'>>): number {
  const remembered = effectiveFrom.get(terms);
  if (remembered !== undefined) return remembered;
  const computed = DateTime.fromISO(terms.from, { zone: terms.timezone }).startOf('day').toMillis();
  effectiveFrom.set(terms, computed);
  return computed;
}

/**
 * SHA-256 (hex) over the RFC 8785 form of a version as written in its file, so that comments, layout and key order do not
 * count, and neither does a default that a later release of the schema adds.
 */
export function termsFingerprint(written: unknown): string {
  return createHash('sha256')
    .update(canonicalize(written) ?? 'null')
    .digest('hex');
}
