import { z } from '@hono/zod-openapi';
import { pageQuery } from '../../../http/pagination.ts';
import type { RegisteredProduct } from '../../../registry/registry.ts';
import { nameIdSchema, purposeSchema, regionSchema, termUnitSchema } from '../../schemas/scalars.ts';
import { aprOfProduct } from './product-view.ts';

const SORTS = ['apr', '-apr', 'amount', '-amount', 'term', '-term'] as const;

/** Filters of the catalogue; each narrows it. */
export const productQuerySchema = z.strictObject({
  ...pageQuery,
  amount: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .openapi({ description: 'Offers this amount, minor units', example: 500000 }),
  term: z.coerce.number().int().min(1).optional().openapi({ description: 'Offers this term', example: 12 }),
  term_unit: termUnitSchema.optional().openapi({ description: 'Counts its terms in this unit', example: 'month' }),
  kind: z.enum(['instalment', 'revolving']).optional().openapi({ description: 'Kind of product' }),
  repayment: z
    .enum(['equal_instalments', 'equal_principal', 'interest_only', 'bullet'])
    .optional()
    .openapi({ description: 'How it is repaid' }),
  apr_max: z
    .string()
    .regex(/^\d(\.\d{1,8})?$/, 'must be a decimal fraction such as 0.24')
    .optional()
    .openapi({ description: 'Never costs more than this a year, fraction', example: '0.24' }),
  purpose: purposeSchema.optional().openapi({ description: 'Allows this purpose' }),
  region: regionSchema.optional().openapi({ description: 'Takes applicants from this region, GB/T 2260' }),
  funder: nameIdSchema.optional().openapi({ description: 'Lends this funder’s money', example: 'harbour' }),
  lender: nameIdSchema.optional().openapi({ description: 'Is offered by this lender', example: 'quickcredit' }),
  status: z.enum(['open', 'paused', 'closed']).optional().openapi({ description: 'Is in this status' }),
  sort: z
    .enum(SORTS)
    .optional()
    .openapi({ description: 'By highest yearly cost, largest amount or longest term; `-` = falling', example: 'apr' }),
});

export type ProductQuery = z.output<typeof productQuerySchema>;

/** The products that pass every filter, in the order asked for, else that of the files. */
export function selectProducts(products: Iterable<RegisteredProduct>, query: ProductQuery): RegisteredProduct[] {
  const selected = [...products].filter((product) => fits(product, query));
  if (query.sort === undefined) return selected;
  const falling = query.sort.startsWith('-');
  const rank = RANKS[query.sort.replace('-', '') as keyof typeof RANKS];
  return selected.sort((left, right) => (falling ? rank(right) - rank(left) : rank(left) - rank(right)));
}

function fits(product: RegisteredProduct, query: ProductQuery): boolean {
  const { amount, term, region, purpose } = query;
  const { eligibility } = product;
  return (
    (amount === undefined || offersAmount(product, amount)) &&
    (term === undefined || product.term.options.includes(term)) &&
    (query.term_unit === undefined || product.term.unit === query.term_unit) &&
    (query.kind === undefined || product.kind === query.kind) &&
    (query.repayment === undefined || product.repayment === query.repayment) &&
    (query.apr_max === undefined || highestApr(product) <= Number(query.apr_max)) &&
    (purpose === undefined || eligibility.purposes.length === 0 || eligibility.purposes.includes(purpose)) &&
    (region === undefined || !eligibility.excluded_regions.some((excluded) => region.startsWith(excluded))) &&
    (query.funder === undefined || product.funders.includes(query.funder)) &&
    (query.lender === undefined || product.lender_id === query.lender) &&
    (query.status === undefined || product.status === query.status)
  );
}

function offersAmount({ amount: { min, max, step } }: RegisteredProduct, amount: number): boolean {
  return amount >= min && amount <= max && (amount - min) % step === 0;
}

/** A rate, not money: a double serves. */
function highestApr(product: RegisteredProduct): number {
  return Number(aprOfProduct(product)?.max ?? Number.POSITIVE_INFINITY);
}

const DAYS_PER_MONTH = 30;

const RANKS = {
  apr: highestApr,
  amount: (product: RegisteredProduct) => product.amount.max,
  term: ({ term }: RegisteredProduct) => Math.max(...term.options) * (term.unit === 'month' ? DAYS_PER_MONTH : 1),
} as const;
