import { describe, expect, test } from 'vitest';
import type { Terms } from '../../../src/registry/schema/terms.ts';
import { priceEvent } from '../../../src/revenue/price-event.ts';
import { readsFor } from '../../../src/revenue/reads-for.ts';
import type { CommissionRule, ContractTerms } from '../../../src/revenue/terms.ts';
import { UnsupportedTerms } from '../../../src/revenue/unsupported-terms.ts';
import { application, event, history, loan, payment, shanghai, terms } from './fixtures.ts';

const MAIN_RULES: CommissionRule[] = [
  { id: 'reg', on: 'applicant.registered', pay: { fixed: 1500 }, once_per: 'applicant' },
  { id: 'cpa', on: 'credit.granted', pay: { fixed: 3000 }, once_per: 'applicant' },
  {
    id: 'first',
    on: 'loan.disbursed',
    when: { loan: 'first', customer: 'new' },
    pay: { percent: '1.5', of: 'principal' },
    hold_days: 15,
  },
  {
    id: 'again',
    on: 'loan.disbursed',
    when: { loan: 'repeat' },
    pay: { percent: '0.6', of: 'principal' },
    earn_days: 365,
  },
  {
    id: 'rs',
    on: 'installment.paid',
    pay: { percent: '8', of: ['interest', 'fees.service'] },
    payers: ['borrower'],
  },
];

const amounts = (drafts: readonly { rule: string; amount: bigint }[]) =>
  drafts.map(({ rule, amount }) => [rule, amount]);

describe('what a rule pays', () => {
  const main = terms({ rules: MAIN_RULES });

  test('a validated file is terms that can be priced', () => {
    const file: ContractTerms = main as ContractTerms & Terms;
    const assignable = (validated: Terms): ContractTerms => validated;
    expect(assignable).toBeTypeOf('function');
    expect(file.id).toBe('acme-2026');
  });

  test('a percent of principal, held, with the calculation in words', () => {
    const [draft, ...more] = priceEvent(event(), [main], history());
    expect(more).toEqual([]);
    expect(draft).toMatchObject({
      rule: 'first',
      kind: 'accrual',
      base: 500_000n,
      rate: '1.5',
      amount: 7_500n,
      onceKey: 'main/first/loan/loan_1',
      holdUntilMs: shanghai('2026-02-04'),
      payableAtMs: shanghai('2026-02-04'),
    });
    expect(draft?.why).toBe(
      '1.5 % of principal 5000.00 CNY is 75.00 CNY by rule first of acme-2026; held 15 days, until 2026-02-04T04:00:00.000Z.',
    );
  });

  test('a fixed amount once an applicant, whatever the application', () => {
    const granted = event({ type: 'credit.granted', loan: null });
    const [draft] = priceEvent(granted, [main], history());
    expect(draft).toMatchObject({
      rule: 'cpa',
      amount: 3_000n,
      base: null,
      rate: null,
      onceKey: 'main/cpa/applicant/token-1',
    });
    expect(priceEvent(granted, [main], history({ seen: ['main/cpa/applicant/token-1'] }))).toEqual([]);
  });

  test('a list of bases is their sum, other fees and the guarantor do not pay', () => {
    const paid = payment({
      fees: [
        { kind: 'service', amount: 1_000n },
        { kind: 'insurance', amount: 9_999n },
      ],
    });
    const drafts = priceEvent(event({ type: 'installment.paid', payment: paid }), [main], history());
    expect(drafts).toMatchObject([{ rule: 'rs', base: 8_500n, amount: 680n, onceKey: 'main/rs/payment/loan_1/P-1' }]);
    const byGuarantor = event({ type: 'installment.paid', payment: { ...paid, payer: 'guarantor' } });
    expect(priceEvent(byGuarantor, [main], history())).toEqual([]);
  });

  test('annualised multiplies by months of the term / 12 and rounds once', () => {
    const rules: CommissionRule[] = [
      { id: 'y', on: 'loan.disbursed', pay: { percent: '1.25', of: 'principal', annualised: true } },
    ];
    const draft = priceEvent(
      event({ loan: loan({ principal: 333_333n, termMonths: 7 }) }),
      [terms({ rules })],
      history(),
    );
    expect(draft).toMatchObject([{ amount: 2_431n, rate: '1.25' }]); // 333333 × 0.0125 × 7/12 = 2430.553…
  });

  test('the last day of earn_days earns, the day after does not', () => {
    const repeat = (at: string) => event({ occurredAtMs: shanghai(at), loan: loan({ ordinal: 2 }) });
    expect(amounts(priceEvent(repeat('2027-01-10T23:59'), [main], history()))).toEqual([['again', 3_000n]]);
    expect(priceEvent(repeat('2027-01-11T00:00'), [main], history())).toEqual([]);
  });

  test('a hold that is over when the event arrives is no hold', () => {
    const late = event({ recordedAtMs: shanghai('2026-03-01') });
    expect(priceEvent(late, [main], history())).toMatchObject([
      { holdUntilMs: null, payableAtMs: shanghai('2026-02-04') },
    ]);
  });

  test('of a group the first match in file order pays, others add up', () => {
    const pay = { fixed: 100 };
    const rules: CommissionRule[] = [
      { id: 'other', on: 'loan.disbursed', when: { products: ['slow-cash'] }, pay, group: 'g' },
      { id: 'one', on: 'loan.disbursed', pay, group: 'g' },
      { id: 'two', on: 'loan.disbursed', pay, group: 'g' },
      { id: 'alone', on: 'loan.disbursed', pay },
    ];
    expect(priceEvent(event(), [terms({ rules })], history()).map(({ rule }) => rule)).toEqual(['one', 'alone']);
    const seen = history({ seen: ['main/one/loan/loan_1'] });
    expect(priceEvent(event(), [terms({ rules })], seen).map(({ rule }) => rule)).toEqual(['alone']);
  });

  test.each([
    [{ products: ['quick-cash'] }, true],
    [{ products: ['slow-cash'] }, false],
    [{ lenders: ['quickcredit'], funders: ['harbour'] }, true],
    [{ funders: ['north'] }, false],
    [{ links: ['acme-home'] }, false],
    [{ via: ['api', 'click'] }, true],
    [{ via: 'click' }, false],
    [{ customer: 'returning' }, false],
    [{ loan: 'repeat' }, false],
    [{ term: { min: 12, max: 12 } }, true],
    [{ term: { min: 13 } }, false],
    [{ regions: ['440000'] }, true],
    [{ regions: ['44'] }, true],
    [{ regions: ['4403'] }, true],
    [{ regions: ['4401', '11'] }, false],
    [{ grades: ['A'] }, false],
  ])('when %j admits the loan: %s', (when, admitted) => {
    const rules: CommissionRule[] = [{ id: 'r', on: 'loan.disbursed', when, pay: { fixed: 1 } }];
    const fromShenzhen = event({ application: application({ region: '440305' }) });
    expect(priceEvent(fromShenzhen, [terms({ rules })], history())).toHaveLength(admitted ? 1 : 0);
  });

  test('a click pays once a visitor; an event that nobody introduced pays nothing', () => {
    const rules: CommissionRule[] = [{ id: 'c', on: 'click', pay: { fixed: 20 }, when: { links: ['home'] } }];
    const click = { id: 'clk_1', visitor: 'v1', linkCode: 'home', productId: null, lenderId: null };
    const clicked = event({ type: 'click', application: null, loan: null, click });
    expect(priceEvent(clicked, [terms({ rules })], history())).toMatchObject([
      { onceKey: 'main/c/visitor/v1', amount: 20n },
    ]);
    expect(priceEvent({ ...clicked, click: null }, [terms({ rules })], history())).toEqual([]);
  });

  test('contracts run side by side, and ids differ by event, counterparty, contract and rule', () => {
    const side = terms({ id: 'side-1', contract: 'side' });
    const first = priceEvent(event(), [terms(), side], history());
    expect(first.map(({ contract }) => contract)).toEqual(['main', 'side']);
    const all = [
      ...first,
      ...priceEvent(event({ id: 'evt_2' }), [terms(), side], history()),
      ...priceEvent(event({ counterparty: 'funder:harbour' }), [terms(), side], history()),
    ];
    expect(new Set(all.map(({ transferId }) => transferId)).size).toBe(6);
    expect(priceEvent(event(), [terms(), side], history())).toEqual(first);
  });

  test('what cannot be priced exactly is refused, never guessed', () => {
    const codeOf = (rule: CommissionRule, on = event()) => {
      try {
        priceEvent(on, [terms({ rules: [rule] })], history());
        return 'priced';
      } catch (error) {
        return error instanceof UnsupportedTerms ? error.code : error;
      }
    };
    const on = 'loan.disbursed';
    expect(codeOf({ id: 'r', on, pay: { percent: '1', of: 'interest' } })).toBe('base_unavailable');
    expect(codeOf({ id: 'r', on, pay: {} })).toBe('terms_unsupported');
    expect(codeOf({ id: 'r', on, pay: { fixed: 1 }, once_per: 'payment' })).toBe('once_per_unavailable');
    expect(codeOf({ id: 'r', on, pay: { percent: '1' } }, event({ loan: loan({ currency: 'USD' }) }))).toBe(
      'currency_mismatch',
    );
    const annual: CommissionRule = { id: 'r', on, pay: { percent: '1', annualised: true } };
    expect(codeOf(annual, event({ loan: loan({ termMonths: null }) }))).toBe('term_unavailable');
    const pinned = event({ application: application({ pins: { main: 'gone' } }) });
    expect(codeOf({ id: 'r', on, pay: { fixed: 1 } }, pinned)).toBe('terms_unknown');
  });

  test('reads name all that pricing asks for, and the counters that its lines move', () => {
    const capped: CommissionRule = {
      ...MAIN_RULES[2],
      id: 'first',
      on: 'loan.disbursed',
      pay: { fixed: 1 },
      caps: { count: 3, per: 'day' },
    };
    const versions = [terms({ rules: [capped], clawback: [{ on: 'loan.disbursed', take: { percent: '100' } }] })];
    const asked = { onceKeys: [] as string[], objects: [] as string[], counters: [] as string[] };
    priceEvent(event(), versions, {
      onceKeysSeen: (key) => asked.onceKeys.push(key) === 0,
      linesOf: (id) => [asked.objects.push(id)].flatMap(() => []),
      counter: (key) => ({ count: 0n, base: 0n, paid: 0n * BigInt(asked.counters.push(key)) }),
    });
    const counters = ['main/first/period/2026-02-01', 'main/first/month/2026-01', ...asked.counters];
    expect(readsFor(event(), versions)).toEqual({ ...asked, counters });
    expect(asked.counters).toEqual(['main/first/day/2026-01-20']);
  });
});
