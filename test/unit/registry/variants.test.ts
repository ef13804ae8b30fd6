import { describe, expect, test } from 'vitest';
import { linkVariantsSchema } from '../../../src/doors/schemas/variant-schema.ts';
import { variantsSchema } from '../../../src/registry/schema/variants.ts';
import { variantFaults } from '../../../src/registry/variant-faults.ts';

const text = (length: number) => ({ zh: '快'.repeat(length), en: 'x'.repeat(length) });

/** What links may say, and whether it is taken. */
const CASES: readonly (readonly [boolean, string, unknown])[] = [
  [true, 'none', []],
  [
    true,
    'two',
    [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 0 },
    ],
  ],
  [
    true,
    'an audience beside everybody',
    [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1, audience: { utm_source: ['x'] } },
    ],
  ],
  [
    true,
    'a page and a landing',
    [
      {
        id: 'a',
        weight: 1,
        page: { headline: text(60), note: text(300), button: text(24), default_amount: 500_000, default_term: 6 },
        landing: 'https://lender.example/a',
      },
    ],
  ],
  [false, 'no weight for those in no audience', [{ id: 'a', weight: 1, audience: { device: ['mobile'] } }]],
  [false, 'no weight at all', [{ id: 'a', weight: 0 }]],
  [
    false,
    'the same id twice',
    [
      { id: 'a', weight: 1 },
      { id: 'a', weight: 1 },
    ],
  ],
  [
    false,
    'a negative weight',
    [
      { id: 'a', weight: 2 },
      { id: 'b', weight: -1 },
    ],
  ],
  [false, 'a broken weight', [{ id: 'a', weight: 0.5 }]],
  [false, 'an id that would not stand in a key', [{ id: 'a|b', weight: 1 }]],
  [false, 'an id that would not stand in a mark', [{ id: 'a~b', weight: 1 }]],
  [false, 'a long headline', [{ id: 'a', weight: 1, page: { headline: text(61) } }]],
  [false, 'a text in one language', [{ id: 'a', weight: 1, page: { note: { zh: '快' } } }]],
  [
    false,
    'an audience of nobody',
    [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1, audience: {} },
    ],
  ],
  [
    false,
    'an unknown device',
    [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1, audience: { device: ['watch'] } },
    ],
  ],
  [
    false,
    'an unknown rule',
    [
      { id: 'a', weight: 1 },
      { id: 'b', weight: 1, audience: { city: ['x'] } },
    ],
  ],
  [false, 'markup by another name', [{ id: 'a', weight: 1, page: { html: text(3) } }]],
  [false, 'no address', [{ id: 'a', weight: 1, landing: 'javascript:alert(1)' }]],
  [false, 'nine of them', Array.from({ length: 9 }, (_, at) => ({ id: `v${at}`, weight: 1 }))],
];

describe('variants of a link', () => {
  test.each(CASES)('are taken (%s) in a file and over the API alike: %s', (isTaken, _what, variants) => {
    expect(variantsSchema.safeParse(variants).success).toBe(isTaken);
    expect(linkVariantsSchema.safeParse(variants).success).toBe(isTaken);
  });

  test('fill in only what the product lends', () => {
    const product = {
      amount: { min: 100_000, max: 5_000_000, step: 10_000 },
      term: { options: [3, 6, 12], unit: 'month' as const },
    };
    const page = (default_amount: number, default_term: number) => [
      { id: 'a', weight: 1, page: { default_amount, default_term } },
    ];
    expect(variantFaults(page(500_000, 6), product)).toEqual([]);
    expect(variantFaults(page(505_000, 7), product).map(({ path }) => path.join('/'))).toEqual([
      'variants/0/page/default_amount',
      'variants/0/page/default_term',
    ]);
    expect(variantFaults([{ id: 'a', weight: 1 }], product)).toEqual([]);
  });
});
