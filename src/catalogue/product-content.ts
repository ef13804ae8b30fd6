import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { RegisteredProduct, Registry } from '../registry/registry.ts';
import { aprOfProduct } from './apr-of-product.ts';

/** Enough of a SHA-256 that no two contents of a field are taken for one: 72 bits. */
const FINGERPRINT_LENGTH = 12;

/**
 * What partners are shown of a product by its files, a fingerprint for each field of its item in the catalogue. What they are
 * not shown (caps, days of locks) is not in it: changing that is no news to a shelf.
 */
export function contentOf(registry: Registry, product: RegisteredProduct): Readonly<Record<string, string>> {
  const { lender_id: lenderId, eligibility } = product;
  const fields: Readonly<Record<string, unknown>> = {
    name: product.name,
    lender: [lenderId, registry.lenders.get(lenderId)?.name],
    funders: product.funders.map((id) => [id, registry.funders.get(id)?.name]),
    kind: product.kind,
    currency: product.currency,
    amount: product.amount,
    term: product.term,
    repayment: product.repayment,
    due_day: [product.due_day, product.first_period_min_days],
    apr: aprOfProduct(product),
    fees: product.fees,
    regions_excluded: eligibility.excluded_regions,
    purposes: eligibility.purposes,
    requirements: product.requirements,
    hours: [product.hours, product.timezone],
    cooling_off_days: product.cooling_off_days,
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, fingerprintOf(value)]));
}

/** Names of the fields whose fingerprints differ, or that only one side has. */
export function differingFields(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => one[name] !== other[name]);
}

function fingerprintOf(value: unknown): string {
  const text = canonicalize(JSON.parse(JSON.stringify(value ?? null))) ?? '';
  return createHash('sha256').update(text).digest('base64url').slice(0, FINGERPRINT_LENGTH);
}
