import { describe, expect, test } from 'vitest';
import { quoteEndsAt, quoteFits, type StoredQuote } from '../../../../src/applications/quote/stored-quote.ts';
import { businessDayAt } from '../../../../src/base/business-day.ts';
import { isoOf } from '../../../../src/base/clock.ts';

const quote: StoredQuote = {
  id: 'quo_1f8ac10f23c5b5bc1167bda84b833e5c',
  application_id: 'app_1f8ac10f23c5b5bc1167bda84b833e5c',
  product_id: 'quick-cash',
  amount: { amount: 300_000, currency: 'CNY' },
  term: 3,
  term_unit: 'month',
  source: 'local',
  quote_ref: null,
  received: 300_000,
  total: 309_000,
  apr: '0.18000000',
  apr_effective: '0.19561817',
  issued_at: '2026-01-10T04:00:00.000Z',
  valid_until: '2026-01-10T16:00:00.000Z',
};
const request = { amount: quote.amount, term: 3, termUnit: 'month' as const };
const DURING = Date.parse('2026-01-10T15:59:59.999Z');
const END = Date.parse(quote.valid_until);

describe('a drawdown that cites a quote', () => {
  test('fits until the quote ends, and not a moment longer', () => {
    expect(quoteFits(quote, request, DURING)).toEqual({ ok: true });
    expect(quoteFits(quote, request, END)).toMatchObject({ status: 409, code: 'quote_expired', pointer: '/quote_id' });
  });

  test('of another application, or of none, finds no quote', () => {
    expect(quoteFits(undefined, request, DURING)).toMatchObject({ status: 409, code: 'quote_expired' });
  });

  test.each([
    ['/amount/amount', { amount: { amount: 300_001, currency: 'CNY' } }],
    ['/amount/currency', { amount: { amount: 300_000, currency: 'USD' } }],
    ['/term', { term: 6 }],
    ['/term_unit', { termUnit: 'day' as const }],
  ])('for another %s does not match, however fresh the quote is', (pointer, change) => {
    const fit = quoteFits(quote, { ...request, ...change }, END);
    expect(fit).toMatchObject({ status: 422, code: 'quote_mismatch', pointer });
  });
});

describe('a quote holds', () => {
  const endsAt = (now: string) => {
    const nowMs = Date.parse(now);
    return isoOf(quoteEndsAt(nowMs, businessDayAt(nowMs, 'Asia/Shanghai').endsAtMs));
  };

  test('to the end of the business day in the product’s zone', () => {
    expect(endsAt('2026-01-10T04:00:00Z')).toBe('2026-01-10T16:00:00.000Z');
  });

  test('for half an hour at least, also when the day ends sooner', () => {
    expect(endsAt('2026-01-10T15:45:00Z')).toBe('2026-01-10T16:15:00.000Z');
  });
});
