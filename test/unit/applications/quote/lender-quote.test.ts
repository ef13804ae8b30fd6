import { describe, expect, test } from 'vitest';
import { judgeLenderQuote } from '../../../../src/applications/quote/lender-quote.ts';
import { type QuotableProduct, quoteLocally } from '../../../../src/applications/quote/quote.ts';
import { quoteToWire } from '../../../../src/applications/quote/quote-to-wire.ts';

const product: QuotableProduct = {
  currency: 'CNY',
  amount: { min: 100_000, max: 5_000_000, step: 10_000 },
  term: { options: [3, 6, 12], unit: 'month' },
  repayment: 'equal_instalments',
  rate: { annual: '0.18' },
  fees: [
    { kind: 'service', payee: 'lender', percent: '0.5', when: 'upfront' },
    { kind: 'guarantee', payee: 'guarantor', fixed: 100, when: 'each' },
  ],
};
const request = { amount: 300_000n, term: 3, termUnit: 'month', startOn: '2026-01-10' } as const;
const NOW = Date.parse('2026-01-10T04:00:00Z');
const facts = { request, currency: 'CNY', apr_cap: '0.30', nowMs: NOW };

const local = quoteLocally({ ...product, apr_cap: '0.36' }, request);
if (!local.ok) throw new Error(local.problem.code);
const wire = JSON.parse(JSON.stringify({ ...quoteToWire(local.quote), source: 'lender' }));

/** The answer with one value changed. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(wire);
  const keys = path.split('/').slice(1);
  const last = keys.pop() ?? '';
  const place = keys.reduce((at, key) => at[key], copy);
  place[last] = value;
  return copy;
}

describe('a lender’s quote', () => {
  test('is ours with the rates that we find, whatever it states', () => {
    const answer = { ...wire, apr: '0.1234', quote_ref: 'Q-7', valid_until: '2026-01-10T10:00:00+08:00' };
    const judged = judgeLenderQuote({ ...answer, valid_until: '2026-01-11T10:00:00+08:00' }, facts);
    expect(judged).toMatchObject({
      ok: true,
      quote: { ...local.quote, source: 'lender' },
      quoteRef: 'Q-7',
      statedApr: '0.1234',
      validUntilMs: Date.parse('2026-01-11T02:00:00Z'),
    });
    expect(judgeLenderQuote(answer, facts)).toMatchObject({ kind: 'invalid', detail: '/valid_until: has passed' });
  });

  test('that states our rate, or none, or one a millionth off, has nothing to be noted', () => {
    const near = (Number(local.quote.apr) + 0.9e-6).toFixed(8);
    for (const apr of [local.quote.apr, undefined, null, near]) {
      expect(judgeLenderQuote({ ...wire, apr }, facts)).toMatchObject({ ok: true, statedApr: null });
    }
  });

  test('above the cap is refused, whatever rate it states', () => {
    const judged = judgeLenderQuote({ ...wire, apr: '0.10' }, { ...facts, apr_cap: '0.21' });
    expect(judged).toMatchObject({ ok: false, kind: 'above_cap', detail: expect.stringContaining(local.quote.apr) });
  });

  test.each([
    ['no object', null, '/'],
    ['a schedule without instalments', { ...wire, schedule: [] }, '/schedule'],
    ['another currency somewhere', changed('/schedule/1/interest/currency', 'USD'), '/'],
    ['principal that is not the amount asked', changed('/schedule/0/principal/amount', 1), '/schedule'],
    ['a total that is not its parts', changed('/schedule/2/total/amount', 1), '/schedule'],
    ['a grand total that is not the instalments', changed('/total/amount', 1), '/total'],
    ['interest that is not that of the schedule', changed('/cost/interest/amount', 1), '/cost/interest'],
    ['fees that were not taken', changed('/cost/fees', []), '/cost/fees'],
    ['more received than lent', changed('/received/amount', 300_001), '/received'],
    ['a fraction of a cent', changed('/total/amount', 1.5), '/total/amount'],
    ['numbers that skip', changed('/schedule/1/no', 3), '/schedule'],
    ['due dates out of order', changed('/schedule/1/due_on', '2026-02-01'), '/schedule'],
    ['an instalment due today', changed('/schedule/0/due_on', '2026-01-10'), '/schedule'],
    ['a rate that is no decimal', changed('/apr', '18%'), '/apr'],
  ])('with %s is invalid, and the place is named', (_what, answer, place) => {
    const judged = judgeLenderQuote(answer, facts);
    expect(judged).toMatchObject({
      ok: false,
      kind: 'invalid',
      detail: expect.stringMatching(new RegExp(`^${place}`)),
    });
  });
});
