import { z } from 'zod';
import { TrialCannotRunError } from './trial-check.ts';
import { expectAnswer, type TrialPartner } from './trial-gateway.ts';

const agreementSchema = z.object({
  kind: z.string(),
  document: z.string(),
  version: z.string(),
  text_sha256: z.string(),
  parties: z.array(z.string()),
});
const agreementsSchema = z.array(agreementSchema);

const productSchema = z.object({
  id: z.string(),
  currency: z.string(),
  status: z.string(),
  amount: z.object({ min: z.int(), max: z.int(), step: z.int() }),
  term: z.object({ options: z.array(z.int()), unit: z.enum(['month', 'day']) }),
  regions_excluded: z.array(z.string()),
  purposes: z.array(z.string()),
  requirements: z.object({
    applicant: z.array(z.string()),
    documents: z.array(z.string()),
    verifications: z.array(z.string()),
    agreements: z.object({ apply: agreementsSchema, card: agreementsSchema, drawdown: agreementsSchema }),
  }),
});
/** A product on offer, as far as a trial needs it. */
export type TrialProduct = z.output<typeof productSchema>;

const pageSchema = z.object({ data: z.array(productSchema), next_cursor: z.string().nullable() });

/** What is asked for: an amount in minor units and a term. */
export interface Wish {
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly term: number;
  readonly term_unit: 'month' | 'day';
  readonly purpose: string;
}

/** Enough instalments for somebody to pay two and then the rest. */
const MONTHS_WANTED = 3;
/** Enough days for somebody to settle on the tenth. */
const DAYS_WANTED = 14;

/**
 * The product that applicants ask for: the one that is named, else the lender's first that is open to the partner.
 * @throws TrialCannotRunError when there is none
 */
export async function findProduct(
  partner: TrialPartner,
  lender: string,
  id: string | undefined,
): Promise<TrialProduct> {
  const asked = `GET /v1/products of ${lender}`;
  const answer = await partner.get(`/v1/products?lender=${encodeURIComponent(lender)}&limit=200`);
  const { data } = expectAnswer(asked, answer, [200], pageSchema);
  const product = data.find((one) => (id === undefined ? one.status === 'open' : one.id === id));
  if (product === undefined) {
    const known = data.map((one) => `${one.id} (${one.status})`).join(', ') || 'none';
    const wanted = id === undefined ? 'no open product' : `no product ${id}`;
    throw new TrialCannotRunError(`this partner is offered ${wanted} of ${lender}; it is offered: ${known}`);
  }
  if (product.status === 'open') return product;
  throw new TrialCannotRunError(`product ${product.id} is ${product.status}: it takes no applications now`);
}

/** The smallest amount, for a term that is long enough for every story, and not longer. */
export function wishFor({ amount, term, currency, purposes }: TrialProduct): Wish {
  const wanted = term.unit === 'month' ? MONTHS_WANTED : DAYS_WANTED;
  const options = [...term.options].sort((one, other) => one - other);
  return {
    amount: { amount: amount.min, currency },
    term: options.find((option) => option >= wanted) ?? options.at(-1) ?? wanted,
    term_unit: term.unit,
    purpose: purposes[0] ?? 'consumption',
  };
}

/** What is agreed to at a stage, as it is sent. */
export function consentsFor(product: TrialProduct, stage: 'apply' | 'card' | 'drawdown', acceptedAt: string) {
  return product.requirements.agreements[stage].map((agreement) => ({ ...agreement, accepted_at: acceptedAt }));
}
