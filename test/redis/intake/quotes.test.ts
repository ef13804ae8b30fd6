import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application, Credit } from '../../../src/applications/model.ts';
import { LateCalls } from '../../../src/applications/push/late-calls.ts';
import type { CoreQuestion, CoreReply } from '../../../src/applications/push/lender-calls.ts';
import { findQuote } from '../../../src/applications/quote/find-quote.ts';
import { quoteLocally } from '../../../src/applications/quote/quote.ts';
import { quoteToWire } from '../../../src/applications/quote/quote-to-wire.ts';
import { quoteFits } from '../../../src/applications/quote/stored-quote.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { quoteView } from '../../../src/doors/partner/quote-view.ts';
import { ProblemError } from '../../../src/http/problem.ts';
import { type QuoteResult, quoteCredit, quoteProduct } from '../../../src/intake/quote-loan.ts';
import type { RegisteredProduct } from '../../../src/registry/registry.ts';
import { createTestIntake, type TestIntake } from '../../support/intake.ts';
import { cny, creditOf } from '../../support/partner-applications.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleApplication, sampleLoan } from '../../support/sample-application.ts';

let redis: TestRedis;
let intake: TestIntake;
let product: RegisteredProduct;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  const found = intake.registry.products.get('quick-cash');
  if (!found) throw new Error('no product');
  product = found;
});
afterAll(() => redis.close());

let series = 0;
/** An application with this credit, with ¥4 000 of ¥10 000 drawn. */
function granted(credit: Partial<Credit> = {}, change: Partial<Application> = {}): Application {
  series += 1;
  const application = sampleApplication(`QUOTED-${series}`, {
    status: 'credit_granted',
    credit: creditOf(credit),
    ...change,
  });
  return { ...application, loans: [sampleLoan(application.id, 'DRAW', { amount: cny(400_000) })] };
}

const ask = { amount: cny(300_000), term: 6, term_unit: 'month' } as const;

async function quoted(application: Application, input: Parameters<typeof quoteCredit>[3] = ask) {
  const result = await quoteCredit(intake.deps, application, product, input);
  if (!result.ok) throw new Error(result.kind);
  return result;
}

/** The problem that a partner reads. */
function problemOf(result: QuoteResult): ProblemError {
  try {
    quoteView(result);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('there is a quote');
}

describe('a quote under a credit', () => {
  test('costs what the credit’s own price for the term says, else what the product does', async () => {
    const fees = [{ kind: 'guarantee', payee: 'guarantor', percent: '1', when: 'upfront' as const }];
    const application = granted({ pricing: [{ term: 6, annual: '0.12', fees, apr: null }] });
    const own = await quoted(application);
    expect(own.quote.received).toBe(297_000n);
    expect(own.quote.schedule[0]?.interest).toBe(3_000n);
    const other = await quoted(application, { ...ask, term: 3 });
    expect([other.quote.received, other.quote.schedule[0]?.interest]).toEqual([300_000n, 4_500n]);
  });

  test('is remembered beside its application until a week after its end, and found by its id', async () => {
    const application = granted();
    const { id, validUntil } = await quoted(application);
    expect(validUntil).toBe('2026-03-02T16:00:00.000Z');
    expect(shardOfId(id)).toBe(shardOfId(application.id));
    const stored = await findQuote(intake.deps, application.id, id);
    expect(stored).toMatchObject({
      id,
      application_id: application.id,
      amount: cny(300_000),
      term: 6,
      source: 'local',
    });
    const lifetime = await redis.client.pttl(redis.keys.shard(shardOfId(id), 'quote', id));
    expect(lifetime / 86_400_000).toBeCloseTo(7.5, 1);
    expect(quoteFits(stored, { ...ask, termUnit: 'month' }, intake.clock.nowMs())).toEqual({ ok: true });
  });

  test('is nobody else’s: another application finds none by its id', async () => {
    const { id } = await quoted(granted());
    expect(await findQuote(intake.deps, granted().id, id)).toBeUndefined();
    expect(await findQuote(intake.deps, granted().id, 'quo_none')).toBeUndefined();
  });

  test('asked for again is the same, under the same id', async () => {
    const application = granted();
    const [one, other] = [await quoted(application), await quoted(application)];
    expect(other.id).toBe(one.id);
    expect((await quoted(application, { ...ask, term: 3 })).id).not.toBe(one.id);
  });

  test.each([
    ['more than is left', cny(610_000), 6, 'over_available', '/amount/amount'],
    ['less than the smallest loan', cny(90_000), 6, 'amount_out_of_range', '/amount'],
    ['an amount between two steps', cny(305_000), 6, 'amount_off_step', '/amount'],
    ['a term that the credit does not have', cny(300_000), 12, 'term_not_offered', '/term'],
    ['another currency', { amount: 300_000, currency: 'USD' }, 6, 'currency_mismatch', '/amount/currency'],
  ])('of %s is refused, and says what is allowed', async (_what, amount, term, code, pointer) => {
    const problem = problemOf(await quoteCredit(intake.deps, granted(), product, { ...ask, amount, term }));
    expect(problem.code).toBe(code === 'over_available' ? code : 'validation_failed');
    expect(problem.errors).toMatchObject([{ code, pointer }]);
    const allowed = { min: 100_000, max: 600_000, step: 10_000, terms: [3, 6], term_unit: 'month', currency: 'CNY' };
    expect(problem.members).toEqual({ allowed });
  });

  test.each([
    ['frozen', granted({ status: 'frozen' }), 'frozen'],
    ['closed', granted({ status: 'closed' }), 'closed'],
    ['expired', granted({ expires_at: '2026-03-02T04:00:00.000Z' }), '2026-03-02'],
    ['not granted', granted({}, { status: 'in_review', credit: null }), 'in_review'],
  ])('that is %s is refused as such', async (_what, application, says) => {
    const problem = problemOf(await quoteCredit(intake.deps, application, product, ask));
    expect([problem.code, problem.detail]).toEqual(['credit_not_active', expect.stringContaining(says)]);
  });

  test('of which less is left than the smallest loan says so', async () => {
    const application = granted({ amount: 450_000 });
    const problem = problemOf(await quoteCredit(intake.deps, application, product, { ...ask, amount: cny(40_000) }));
    expect(problem.errors?.[0]?.message).toContain('nothing can be drawn: 50000 minor units are left');
  });

  test('above the product’s cap is refused, though the credit was granted', async () => {
    const application = granted({ pricing: [{ term: 6, annual: '0.30', fees: [], apr: null }] });
    expect(problemOf(await quoteCredit(intake.deps, application, product, ask)).code).toBe('apr_above_cap');
  });
});

describe('a quote of a product', () => {
  test('has an id that nothing can be drawn on', async () => {
    const result = await quoteProduct(intake.deps, product, ask);
    if (!result.ok) throw new Error(result.kind);
    expect(await redis.client.exists(redis.keys.shard(shardOfId(result.id), 'quote', result.id))).toBe(0);
  });
});

describe('a quote that the lender makes', () => {
  const asked: CoreQuestion[] = [];
  const deps = (reply: CoreReply) => {
    const calls = new LateCalls();
    calls.connect({
      sendNow: () => Promise.resolve({ kind: 'pending' }),
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(reply);
      },
    });
    return { ...intake.deps, calls };
  };
  const byLender = (): RegisteredProduct => ({ ...product, quotes: 'lender' });
  const wire = () => {
    const local = quoteLocally(product, { amount: 300_000n, term: 6, termUnit: 'month', startOn: '2026-03-02' });
    if (!local.ok) throw new Error(local.problem.code);
    return { ...quoteToWire(local.quote), quote_ref: 'Q-1', valid_until: '2026-03-02T05:00:00Z' };
  };
  const answered = (status: number, json: unknown) => deps({ kind: 'answered', status, json });

  test('is asked of its core within three seconds, checked, and remembered with its own name and end', async () => {
    const application = granted();
    const result = await quoteCredit(answered(200, wire()), application, byLender(), ask);
    expect(asked.at(-1)).toMatchObject({
      lenderId: 'quickcredit',
      path: '/quotes',
      timeoutMs: 3_000,
      body: { product_id: 'quick-cash', application_id: application.id, lender_ref: null, ...ask },
    });
    expect(quoteView(result)).toMatchObject({ source: 'lender', valid_until: '2026-03-02T05:00:00.000Z' });
    const stored = result.ok ? await findQuote(intake.deps, application.id, result.id) : undefined;
    expect(stored).toMatchObject({ source: 'lender', quote_ref: 'Q-1', valid_until: '2026-03-02T05:00:00.000Z' });
  });

  test('is not asked for what cannot be drawn anyway', async () => {
    const before = asked.length;
    const result = await quoteCredit(answered(200, wire()), granted(), byLender(), { ...ask, term: 12 });
    expect([result.ok, asked.length]).toEqual([false, before]);
  });

  test.each([
    ['422 with its code', () => answered(422, { code: 'limit_used_up', detail: 'no' }), 'quote_refused'],
    ['422 without one', () => answered(422, {}), 'lender_quote_invalid'],
    ['a quote that does not add up', () => answered(200, { ...wire(), total: cny(1) }), 'lender_quote_invalid'],
    ['404', () => answered(404, {}), 'lender_quote_invalid'],
    ['500', () => answered(500, {}), 'lender_unavailable'],
    ['429', () => answered(429, {}), 'lender_unavailable'],
    ['nothing', () => deps({ kind: 'unavailable', cause: 'timeout' }), 'lender_unavailable'],
  ])('but answered by %s is a problem of its own kind', async (_what, answering, code) => {
    const problem = problemOf(await quoteProduct(answering(), byLender(), ask));
    expect(problem.code).toBe(code);
    if (code === 'lender_unavailable') expect(problem.headers).toEqual({ 'Retry-After': '5' });
    if (code === 'quote_refused') expect(problem.errors).toMatchObject([{ code: 'limit_used_up', message: 'no' }]);
  });
});
