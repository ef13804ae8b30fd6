import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClickFacts } from '../../../../src/attribution/clicks/click.ts';
import { decodeFacts, encodeFacts } from '../../../../src/attribution/clicks/click-facts-text.ts';
import { clickIdAt, isClickId, placeOfClickId } from '../../../../src/attribution/clicks/click-id.ts';

const hex = (digits: number) =>
  fc
    .array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits })
    .map((all) => all.map((one) => one.toString(16)).join(''));
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const facts: fc.Arbitrary<ClickFacts> = fc.record(
  {
    link_code: fc.constantFrom('home', 'other'),
    partner_id: fc.constantFrom('acme', 'lantern'),
    product_id: fc.constantFrom('quick-cash', 'flex'),
    lender_id: fc.option(fc.constantFrom('bank', 'core')),
    visitor: hex(32),
    bot: fc.boolean(),
    speculative: fc.boolean(),
    cause: fc.option(text),
    entry: fc.option(text),
    ip: hex(16),
    dc: fc.boolean(),
    sub_ids: fc.dictionary(fc.constantFrom('sub1', 'sub10'), text),
    variant: text,
    at_ms: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  },
  {
    requiredKeys: [
      'link_code',
      'partner_id',
      'product_id',
      'lender_id',
      'visitor',
      'bot',
      'speculative',
      'cause',
      'entry',
      'ip',
      'dc',
      'sub_ids',
      'at_ms',
    ],
  },
) as fc.Arbitrary<ClickFacts>;

test('every fact of a click is read as it was written', () => {
  fc.assert(
    fc.property(facts, (one) => {
      expect(decodeFacts(encodeFacts(one))).toEqual(one);
    }),
  );
});

test('an id says its shard, place and random part, for any place there can be', () => {
  const places = fc.record({
    shard: fc.integer({ min: 0, max: 63 }),
    ms: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    sequence: fc.integer({ min: 0, max: 65_535 }),
    random: hex(14),
  });
  fc.assert(
    fc.property(places, ({ shard, ms, sequence, random }) => {
      const position = `${ms}-${sequence}`;
      const id = clickIdAt(shard, position, random);
      expect(isClickId(id)).toBe(true);
      expect(placeOfClickId(id)).toEqual({ shard, position, random });
    }),
  );
});
