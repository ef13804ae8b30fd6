import { z } from '@hono/zod-openapi';
import type { Language } from '../../../http/accept-language.ts';
import { decodeCursor, encodeCursor, foreignCursor, pageQuery } from '../../../http/pagination.ts';
import type { RegisteredProduct } from '../../../registry/registry.ts';
import { nameIdSchema, purposeSchema, regionSchema, termUnitSchema } from '../../schemas/scalars.ts';
import type { ProductView } from './product-schema.ts';
import type { ProductState } from './product-view.ts';

const SORT_KEYS = ['apr', 'amount', 'term', 'updated_at', 'name'] as const;
type SortKey = (typeof SORT_KEYS)[number];
const SORTS = SORT_KEYS.flatMap((key): (SortKey | `-${SortKey}`)[] => [key, `-${key}`]);

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
  status: z.enum(['open', 'paused', 'closed']).optional().openapi({ description: 'Is in this status now' }),
  sort: z
    .enum(SORTS)
    .optional()
    .openapi({
      description:
        'By highest yearly cost, largest amount, longest term, last change or name (in the language asked for); `-` = ' +
        'falling; those that are alike by id. Absent = by id',
      example: 'apr',
    }),
});

export type ProductQuery = z.output<typeof productQuerySchema>;

/** A product with what is made of it for shelves. */
export interface ShelfItem {
  readonly product: RegisteredProduct;
  readonly state: ProductState;
  /** Highest yearly cost, a fraction; infinite where it cannot be stated. */
  readonly apr: number;
  readonly view: (language: Language) => ProductView;
}

export interface ShelfPage {
  readonly data: readonly ShelfItem[];
  readonly next_cursor: string | null;
}

/**
 * A page of the products that pass every filter. The cursor names the last product by what it was sorted by, so that products
 * may come, go or pass into another status between two pages, and none of the others is missed or seen twice.
 * @throws ProblemError 422 for a cursor of another list or order
 */
export function pageOfProducts(items: Iterable<ShelfItem>, query: ProductQuery, language: Language): ShelfPage {
  const order = ORDERS[language];
  const sort = query.sort ?? '';
  const key = sort.replace('-', '') as SortKey | '';
  const placed = [...items]
    .filter((item) => fits(item, query))
    .map((item) => ({ item, place: placeOf(item, key, language) }));
  const compare = (one: Place, other: Place): number => {
    const first = comparePrimary(one.value, other.value, order);
    return (sort.startsWith('-') ? -first : first) || compareText(one.id, other.id);
  };
  const after = readCursor(query.cursor, sort);
  const rest = placed
    .filter(({ place }) => after === undefined || compare(place, after) > 0)
    .sort((one, other) => compare(one.place, other.place));
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  const isLastPage = last === undefined || page.length === rest.length;
  return {
    data: page.map(({ item }) => item),
    next_cursor: isLastPage
      ? null
      : encodeCursor([sort, typeof last.place.value, String(last.place.value), last.place.id]),
  };
}

/** Where a product stands in an order. */
interface Place {
  readonly value: number | string;
  readonly id: string;
}

const CURSOR_PARTS = 4;

function readCursor(cursor: string | undefined, sort: string): Place | undefined {
  const parts = decodeCursor(cursor, CURSOR_PARTS);
  if (parts === undefined) return undefined;
  const [sorted, type, text = '', id = ''] = parts;
  const value = type === 'number' ? Number(text) : text;
  if (sorted !== sort || Number.isNaN(value)) throw foreignCursor();
  return { value, id };
}

const DAYS_PER_MONTH = 30;

function placeOf({ product, state, apr }: ShelfItem, key: SortKey | '', language: Language): Place {
  const { id, term } = product;
  switch (key) {
    case '':
      return { value: '', id };
    case 'apr':
      return { value: apr, id };
    case 'amount':
      return { value: product.amount.max, id };
    case 'term':
      return { value: Math.max(...term.options) * (term.unit === 'month' ? DAYS_PER_MONTH : 1), id };
    case 'updated_at':
      return { value: Date.parse(state.updatedAt), id };
    case 'name':
      return { value: product.name[language], id };
  }
}

/** Chinese by pinyin, as a directory is. */
const ORDERS: Readonly<Record<Language, Intl.Collator>> = {
  en: new Intl.Collator('en'),
  zh: new Intl.Collator('zh-Hans-CN-u-co-pinyin'),
};

function comparePrimary(one: number | string, other: number | string, order: Intl.Collator): number {
  if (typeof one === 'string' && typeof other === 'string') return order.compare(one, other);
  return one === other ? 0 : one < other ? -1 : 1;
}

function compareText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

function fits({ product, state, apr }: ShelfItem, query: ProductQuery): boolean {
  const { amount, term, region, purpose } = query;
  const { eligibility } = product;
  return (
    (amount === undefined || offersAmount(product, amount)) &&
    (term === undefined || product.term.options.includes(term)) &&
    (query.term_unit === undefined || product.term.unit === query.term_unit) &&
    (query.kind === undefined || product.kind === query.kind) &&
    (query.repayment === undefined || product.repayment === query.repayment) &&
    (query.apr_max === undefined || apr <= Number(query.apr_max)) &&
    (purpose === undefined || eligibility.purposes.length === 0 || eligibility.purposes.includes(purpose)) &&
    (region === undefined || !eligibility.excluded_regions.some((excluded) => region.startsWith(excluded))) &&
    (query.funder === undefined || product.funders.includes(query.funder)) &&
    (query.lender === undefined || product.lender_id === query.lender) &&
    (query.status === undefined || state.status === query.status)
  );
}

function offersAmount({ amount: { min, max, step } }: RegisteredProduct, amount: number): boolean {
  return amount >= min && amount <= max && (amount - min) % step === 0;
}
