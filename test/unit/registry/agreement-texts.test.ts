import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHIPPED_PARTNERS, shippedRegistry } from '../../support/intake.ts';

const registry = await shippedRegistry();
const texts = [...registry.products.values()].flatMap(({ id, lender_id, requirements }) =>
  requirements.consents.map((text) => ({ ...text, product: id, lender: lender_id })),
);

describe('the agreements of the shipped products', () => {
  test('are those of every stage of a loan', () => {
    expect(new Set(texts.map(({ stage }) => stage))).toEqual(new Set(['apply', 'card', 'drawdown']));
  });

  test.each(texts)('$product asks consent to $document $version, whose text lies beside it byte for byte', (text) => {
    const file = join(SHIPPED_PARTNERS, 'lending', text.lender, 'agreements', `${text.document}-${text.version}.txt`);
    expect(existsSync(file)).toBe(true);
    expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(text.text_sha256);
    expect(text.url).toMatch(new RegExp(`^https://[a-z.]+/agreements/${text.document}-${text.version}$`));
  });
});
