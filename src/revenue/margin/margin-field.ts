/** Where a line's money counts: `pending` while it is held, else as its statement counts it. */
export const MARGIN_BUCKETS = ['accruals', 'adjustments', 'pending'] as const;
export type MarginBucket = (typeof MARGIN_BUCKETS)[number];

/** Whose business a sum is of, when, and in which state. */
export interface MarginKey {
  /** `YYYY-MM`, of payable_at in the zone of the contract. */
  readonly month: string;
  readonly bucket: MarginBucket;
  readonly currency: string;
  readonly partner_id: string | null;
  readonly product_id: string | null;
  readonly lender_id: string | null;
  readonly funder_id: string | null;
  readonly link_code: string | null;
}

const SEPARATOR = '|';

/** Field of the hash `margin`; ids hold no separator. */
export function marginField(key: MarginKey): string {
  const { month, bucket, currency, partner_id, product_id, lender_id, funder_id, link_code } = key;
  const business = [partner_id, product_id, lender_id, funder_id, link_code].map((id) => id ?? '');
  return [month, bucket, currency, ...business].join(SEPARATOR);
}

/** Reads `marginField` back. */
export function readMarginField(field: string): MarginKey {
  const [month = '', bucket = '', currency = '', ...business] = field.split(SEPARATOR);
  const [partner_id, product_id, lender_id, funder_id, link_code] = business.map((id) => (id === '' ? null : id));
  return {
    month,
    bucket: bucket as MarginBucket,
    currency,
    partner_id: partner_id ?? null,
    product_id: product_id ?? null,
    lender_id: lender_id ?? null,
    funder_id: funder_id ?? null,
    link_code: link_code ?? null,
  };
}

/** Pattern of all fields of a month, for HSCAN. */
export function marginFieldsOf(month: string): string {
  return `${month}${SEPARATOR}*`;
}
