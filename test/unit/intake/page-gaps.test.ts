import { describe, expect, test } from 'vitest';
import { isCheckedWithCard } from '../../../src/intake/check-card.ts';
import { pageGaps } from '../../../src/intake/page-gaps.ts';
import { shippedRegistry } from '../../support/intake.ts';

const { products } = await shippedRegistry();
const flexi = products.get('flexi-line');
if (!flexi) throw new Error('flexi-line is not shipped');
const { requirements } = flexi;
const debit = requirements.consents.filter(({ stage }) => stage === 'card');

describe('the hosted page', () => {
  test('takes every shipped product but the one that wants photos', () => {
    const withGaps = [...products.values()].filter((product) => pageGaps(product.requirements, true).length > 0);
    expect(withGaps.map(({ id }) => id)).toEqual(['flexi-line']);
    expect(pageGaps(requirements, true)).toEqual([
      'documents.id_front',
      'documents.id_back',
      'documents.face',
      'verifications.ocr',
      'verifications.liveness',
    ]);
  });

  test('takes checks that we make, where we make any, and four elements with a card alone', () => {
    const asks = (verifications: string[], applicant: string[] = []) => ({
      applicant,
      documents: [],
      verifications,
      consents: [],
    });
    expect(pageGaps(asks(['three_elements']), true)).toEqual([]);
    expect(pageGaps(asks(['three_elements']), false)).toEqual(['verifications.three_elements']);
    expect(pageGaps(asks(['sms']), false)).toEqual([]);
    expect(pageGaps(asks(['four_elements']), true)).toEqual(['verifications.four_elements']);
    expect(pageGaps(asks(['four_elements'], ['bank_card']), true)).toEqual([]);
  });
});

describe('four elements are put off to the card', () => {
  const asks = (change: object) => ({
    applicant: [],
    documents: [],
    verifications: ['four_elements'],
    consents: debit,
    ...change,
  });

  test('where a card is bound later and none is asked for before', () => {
    expect(isCheckedWithCard(asks({}))).toBe(true);
    expect(isCheckedWithCard(asks({ applicant: ['bank_card.number'] }))).toBe(false);
    expect(isCheckedWithCard(asks({ consents: [] }))).toBe(false);
    expect(isCheckedWithCard(asks({ verifications: ['three_elements'] }))).toBe(false);
  });
});
