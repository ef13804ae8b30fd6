import { describe, expect, test } from 'vitest';
import { offerOf } from '../../../src/applications/offer.ts';
import { isRevolving, productAsAccepted } from '../../../src/applications/product-as-accepted.ts';
import type { RegisteredProduct } from '../../../src/registry/registry.ts';
import { productSchema } from '../../../src/registry/schema/product.ts';

const product: RegisteredProduct = {
  ...productSchema.parse({
    id: 'quick-cash',
    name: { en: 'Quick Cash', zh: '快借' },
    funders: ['harbour'],
    kind: 'revolving',
    currency: 'CNY',
    amount: { min: 100_000, max: 5_000_000, step: 10_000 },
    term: { options: [3, 6, 12] },
    repayment: 'equal_instalments',
    rate: { annual: '0.18' },
    due_day: 5,
  }),
  lender_id: 'quickcredit',
};
const application = { product_id: product.id, lender_id: product.lender_id };

describe('a product as accepted', () => {
  test('is what was offered, in every fact, whatever its file says by now', () => {
    const offer = JSON.parse(JSON.stringify(offerOf(product, 'abc')));
    const changed: RegisteredProduct = {
      ...product,
      name: { en: 'Other', zh: '别的' },
      funders: ['north'],
      kind: 'instalment',
      amount: { min: 1, max: 2, step: 1 },
      term: { options: [1], unit: 'day' },
      repayment: 'bullet',
      due_day: undefined,
      rate: { daily: '0.001' },
      fees: [{ kind: 'service', payee: 'lender', percent: '5', when: 'upfront' }],
      apr_cap: '0.1',
      quotes: 'lender',
      timezone: 'UTC',
      fpd_days: 1,
      refused_days: 1,
      cooling_off_days: 0,
      eligibility: { ...product.eligibility, purposes: ['travel'] },
      requirements: { ...product.requirements, applicant: ['name', 'email'] },
    };
    const accepted = productAsAccepted({ ...application, offer }, changed);
    for (const [name, value] of Object.entries(accepted ?? {})) {
      if (name === 'revision') continue;
      if (name === 'eligibility') expect(value).toEqual({ purposes: [] });
      else expect([name, value]).toEqual([name, product[name as keyof RegisteredProduct]]);
    }
    expect(accepted).toEqual(productAsAccepted({ ...application, offer }, undefined));
    expect(isRevolving({ ...application, offer }, changed)).toBe(true);
  });

  test('of an application that carries no offer, is the product as listed', () => {
    expect(productAsAccepted(application, product)).toBe(product);
    expect(productAsAccepted(application, undefined)).toBeUndefined();
    expect(isRevolving(application, undefined)).toBe(false);
  });
});
