import { type Lender, lenderSchema } from '../../src/registry/schema/lender.ts';
import type { Product } from '../../src/registry/schema/product.ts';

/** Lender quickcredit with one instalment product, played by the sandbox. */
export function sampleLender(change: Record<string, unknown> = {}): Lender {
  return lenderSchema.parse({
    id: 'quickcredit',
    name: 'QuickCredit',
    core: 'sandbox',
    products: [
      {
        id: 'quick-cash',
        name: { en: 'Quick Cash', zh: '快借' },
        funders: ['harbour'],
        kind: 'instalment',
        currency: 'CNY',
        amount: { min: 100_000, max: 5_000_000, step: 10_000 },
        term: { options: [3, 6, 12], unit: 'month' },
        repayment: 'equal_instalments',
        rate: { annual: '0.18' },
      },
    ],
    ...change,
  });
}

export function sampleProduct(): Product {
  const [product] = sampleLender().products;
  if (!product) throw new Error('the sample lender has a product');
  return product;
}
