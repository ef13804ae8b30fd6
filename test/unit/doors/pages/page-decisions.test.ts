import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Application, ApplicationStatus, Credit, Loan, LoanStatus } from '../../../../src/applications/model.ts';
import { quoteLocally } from '../../../../src/applications/quote/quote.ts';
import { estimateLines } from '../../../../src/doors/referral/estimate.ts';
import { isForeignPost } from '../../../../src/doors/referral/foreign-post.ts';
import { deviceOf, wayOnward } from '../../../../src/doors/referral/onward.ts';
import { shownMoney } from '../../../../src/doors/referral/page-money.ts';
import { estimateFacts } from '../../../../src/doors/referral/page-plan.ts';
import { isUnderWay, stageOf, stageTexts } from '../../../../src/doors/referral/result-stages.ts';
import { onwardSchema } from '../../../../src/registry/schema/onward.ts';
import { toPublicNames } from '../../../../src/trust/public-names.ts';
import { shippedRegistry } from '../../../support/intake.ts';
import { productIn, registryVariant } from '../../../support/registry-variant.ts';

const registry = await shippedRegistry();

describe('the estimate of a loan', () => {
  test('says what a quote for it says, for every product that we quote', () => {
    const products = [...registry.products.values()].filter(({ quotes }) => quotes === 'local');
    fc.assert(
      fc.property(fc.constantFrom(...products), fc.nat(), fc.nat(), (product, at, which) => {
        const { min, max, step } = product.amount;
        const amount = min + (at % (Math.floor((max - min) / step) + 1)) * step;
        const term = product.term.options[which % product.term.options.length] ?? 0;
        const facts = estimateFacts(product, 'en', Date.parse('2026-03-02T17:00:00Z'));
        expect(facts?.startOn).toBe('2026-03-03');
        if (facts === null) return;
        const lines = estimateLines(facts.product, { ...facts, amount, term, language: 'en' }).join(' ');
        const request = { amount: BigInt(amount), term, termUnit: product.term.unit, startOn: facts.startOn };
        const result = quoteLocally(product, request);
        if (!result.ok) throw new Error(result.problem.message);
        const { total, received, schedule } = result.quote;
        for (const sum of [total, total - received, schedule[0]?.total ?? 0n]) {
          expect(lines).toContain(shownMoney(Number(sum), product.currency, 'en'));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is none for what is not on offer, and for products that the lender quotes', () => {
    const product = registry.products.get('quick-cash');
    const asked = registry.products.get('flexi-line');
    if (!product || !asked) throw new Error('the shipped products are not there');
    const facts = estimateFacts(product, 'zh', 0);
    if (facts === null) throw new Error('quick-cash is quoted by us');
    expect(estimateLines(facts.product, { ...facts, amount: 1, term: 6, language: 'zh' })).toEqual([]);
    expect(estimateLines(facts.product, { ...facts, amount: 500_000, term: 7, language: 'zh' })).toEqual([]);
    expect(estimateFacts(asked, 'zh', 0)).toBeNull();
  });
});

describe('where an application stands', () => {
  const APPLICATION: Record<ApplicationStatus, true> = {
    screening: true,
    received: true,
    refused: true,
    submitted: true,
    verifying: true,
    needs_input: true,
    in_review: true,
    credit_granted: true,
    credit_declined: true,
    cancelled: true,
    expired: true,
  };
  const LOAN: Record<LoanStatus, string> = {
    requested: 'loanReview',
    in_review: 'loanReview',
    needs_input: 'needsInput',
    declined: 'loanDeclined',
    paying_out: 'paying',
    payout_failed: 'payoutFailed',
    active: 'paid',
    overdue: 'overdue',
    settled: 'settled',
    written_off: 'overdue',
    cancelled: 'loanCancelled',
  };
  const facts = (status: ApplicationStatus, more: Partial<Application> = {}) =>
    stageOf({ status, reason: null, loans: [], credit: null, ...more });

  test.each(Object.keys(APPLICATION) as ApplicationStatus[])(
    '%s is told in both languages, with what comes next',
    (status) => {
      for (const text of stageTexts[facts(status)]) {
        expect(text.en).toMatch(/\.$|\}$/);
        expect(text.zh).toMatch(/。$|\}$/);
      }
    },
  );

  test.each(Object.entries(LOAN) as [LoanStatus, string][])('a loan that is %s is told as %s', (status, stage) => {
    expect(facts('credit_granted', { loans: [{ status } as Loan] })).toBe(stage);
  });

  test('a credit that cannot be used is not told as one that can; an own application not as a refusal', () => {
    expect(facts('credit_granted', { credit: { status: 'frozen' } as Credit })).toBe('creditOver');
    expect(facts('credit_granted', { credit: { status: 'active' } as Credit })).toBe('granted');
    expect(facts('refused', { reason: 'in_progress' })).toBe('own');
    expect(facts('refused', { reason: 'other_channel' })).toBe('refused');
  });

  test('a page waits only for what is under way', () => {
    expect(isUnderWay('checking')).toBe(true);
    for (const stage of ['granted', 'refused', 'own', 'declined', 'settled', 'expired'] as const) {
      expect(isUnderWay(stage)).toBe(false);
    }
  });
});

describe('the way onward', () => {
  const application = { id: 'app_1', click_id: 'clk_2', status: 'credit_granted' } as const;
  const [h5, android, ios] = [
    'https://l.example/?a={application_id}&c={click_id}',
    'https://l.example/a',
    'https://l.example/i',
  ];
  const way = (onward: object, device: 'android' | 'ios' | 'other', status: ApplicationStatus = 'credit_granted') =>
    wayOnward(onwardSchema.parse(onward), { ...application, status }, device);

  test('leads to the app of the device first, to the browser else', () => {
    expect(way({ h5, android, ios }, 'android')).toMatchObject({
      to: android,
      fallback: 'https://l.example/?a=app_1&c=clk_2',
    });
    expect(way({ h5, android, ios }, 'ios')?.to).toBe(ios);
    expect(way({ h5, android }, 'ios')).toMatchObject({ to: 'https://l.example/?a=app_1&c=clk_2', fallback: null });
    expect(way({ android }, 'other')).toBeUndefined();
  });

  test('is offered when its product says, never before and never after an end', () => {
    const early: ApplicationStatus[] = ['submitted', 'verifying', 'needs_input', 'in_review'];
    for (const status of early) {
      expect(way({ h5 }, 'other', status)).toBeUndefined();
      expect(way({ h5, after: 'submitted' }, 'other', status)).toBeDefined();
    }
    for (const status of ['received', 'refused', 'credit_declined', 'cancelled', 'expired'] as const) {
      expect(way({ h5, after: 'submitted' }, 'other', status)).toBeUndefined();
    }
    expect(way({ h5 }, 'other')?.isAutomatic).toBe(false);
  });

  test('hands over where the lender’s core makes a page, with the addresses behind it', () => {
    expect(way({ handoff: true, h5 }, 'other')).toMatchObject({
      to: 'handoff',
      fallback: expect.stringContaining('app_1'),
    });
    expect(onwardSchema.safeParse({}).success).toBe(false);
  });

  test('knows phones by what their browsers say', () => {
    expect(deviceOf('Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)')).toBe('ios');
    expect(deviceOf('Mozilla/5.0 (Linux; Android 14; Pixel 8)')).toBe('android');
    expect(deviceOf('')).toBe('other');
  });

  test.each([
    ['http://lender.example/', 'must be https'],
    ['https://10.0.0.1/', 'must be a public host'],
    ['https://{click_id}.example/', 'macro in its host'],
    ['https://lender.example/?p={phone}', 'there is no {phone}'],
    ['lender://open', 'must be https'],
  ])('does not load as %s', async (url, message) => {
    const loading = registryVariant({
      'lending/quickcredit/lender.yaml': (content) => {
        productIn(content, 'quick-cash').onward = { h5: url };
      },
    });
    await expect(loading).rejects.toThrow(message);
  });
});

describe('a post from another page', () => {
  const ours = toPublicNames(['https://apply.example', 'https://links.example:8443']);
  const from = (fetchSite: string | undefined, origin: string | undefined) =>
    isForeignPost({ fetchSite, origin, host: 'apply.example' }, ours);

  test.each([
    ['same-origin', undefined, false],
    ['none', undefined, false],
    ['cross-site', 'https://apply.example', true],
    ['same-site', 'https://apply.example', true],
    [undefined, undefined, false],
    [undefined, 'null', false],
    [undefined, 'https://apply.example', false],
    [undefined, 'https://links.example:8443', false],
    [undefined, 'https://apply.example.evil.example', true],
    [undefined, 'not an origin', true],
  ])('Sec-Fetch-Site %s, Origin %s: refused %s', (fetchSite, origin, isForeign) => {
    expect(from(fetchSite, origin)).toBe(isForeign);
  });
});
