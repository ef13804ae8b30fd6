import { describe, expect, test } from 'vitest';
import { CLAWBACK_EVENTS, EARNING_EVENTS } from '../../../src/registry/schema/event-names.ts';
import { clawbackRuleSchema } from '../../../src/registry/schema/rules.ts';
import { termsSchema } from '../../../src/registry/schema/terms.ts';
import { payFindings } from '../../../src/registry/validate-pay.ts';
import type { MoneyEvent } from '../../../src/revenue/money-event.ts';
import { onceKey } from '../../../src/revenue/once-key.ts';
import { priceEvent } from '../../../src/revenue/price-event.ts';
import type { ClawbackRule, CommissionRule } from '../../../src/revenue/terms.ts';
import { application, event, history, lineOf, loan, payment, shanghai, terms } from './fixtures.ts';

const CLICK = { id: 'clk_1', visitor: 'v-1', linkCode: 'home', productId: null, lenderId: null };

/** An event of any type, about all that events of its type are about. */
function eventOfType(type: string, over: Partial<MoneyEvent> = {}): MoneyEvent {
  if (type === 'click') return event({ type, application: null, click: CLICK, loan: null, ...over });
  const isOfLoan = /^(loan|installment)\./.test(type);
  const isPayment = type.startsWith('installment.');
  return event({ type, loan: isOfLoan ? loan() : null, payment: isPayment ? payment() : null, ...over });
}

describe('once_per', () => {
  test.each([
    ['click', 'visitor/v-1'],
    ['applicant.registered', 'application/app_1'],
    ['application.received', 'application/app_1'],
    ['application.submitted', 'application/app_1'],
    ['application.verifying', 'application/app_1'],
    ['application.in_review', 'application/app_1'],
    ['credit.granted', 'application/app_1'],
    ['credit.updated', 'application/app_1'],
    ['loan.requested', 'loan/loan_1'],
    ['loan.in_review', 'loan/loan_1'],
    ['loan.paying_out', 'loan/loan_1'],
    ['loan.disbursed', 'loan/loan_1'],
    ['loan.settled', 'loan/loan_1'],
    ['installment.paid', 'payment/loan_1/P-1'],
  ])('%s pays once a %s, where the rule says nothing', (on, scope) => {
    const rule = { id: 'r', on, pay: { fixed: 1 } } as CommissionRule;
    expect(onceKey(terms(), rule, eventOfType(on))).toBe(`main/r/${scope}`);
  });

  test('there is no event that earns and is not in the table above', () => {
    expect(EARNING_EVENTS).toHaveLength(14);
  });
});

describe('a clawback', () => {
  const rules: CommissionRule[] = [
    { id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } },
    { id: 'first', on: 'loan.disbursed', pay: { fixed: 2_000 } },
    { id: 'rs', on: 'installment.paid', pay: { fixed: 1_000 } },
  ];
  const earned = (at: MoneyEvent, by: string) =>
    priceEvent(at, [terms({ rules })], history()).map((draft) => lineOf({ ...draft, transferId: by }, at));
  const lines = ['credit.granted', 'loan.disbursed', 'installment.paid'].flatMap((type) =>
    earned(eventOfType(type, { id: `evt_${type}` }), type),
  );
  const takenBy = (clawback: ClawbackRule, over: Partial<MoneyEvent> = {}) => {
    const happened = eventOfType(clawback.on, { id: 'evt_9', occurredAtMs: shanghai('2026-02-01'), ...over });
    const drafts = priceEvent(happened, [terms({ rules, clawback: [clawback] })], history({ lines }));
    return drafts.map(({ reverses, amount }) => [reverses, amount]);
  };

  test.each(CLAWBACK_EVENTS)('on %s takes back every line of its object', (on) => {
    const all = [
      ['credit.granted', -3_000n],
      ['loan.disbursed', -2_000n],
      ['installment.paid', -1_000n],
    ];
    const wanted = on.startsWith('loan.') ? all.slice(1) : on.startsWith('installment.') ? all.slice(2) : all;
    expect(takenBy({ on, take: { percent: '100' } })).toEqual(wanted);
  });

  test('of a complaint about a loan takes back the lines of the loan', () => {
    expect(takenBy({ on: 'complaint.upheld', take: { percent: '100' } }, { loan: loan() })).toHaveLength(2);
  });

  test('of a fixed amount takes that much of each line, and never more than is left of one', () => {
    const taken = takenBy({ on: 'loan.cancelled', take: { fixed: 1_500 } });
    expect(taken).toEqual([
      ['loan.disbursed', -1_500n],
      ['installment.paid', -1_000n],
    ]);
    const [draft] = priceEvent(
      eventOfType('loan.cancelled', { id: 'evt_9' }),
      [terms({ rules, clawback: [{ on: 'loan.cancelled', take: { fixed: 1_500 } }] })],
      history({ lines }),
    );
    expect(draft).toMatchObject({ kind: 'clawback', rate: null, base: 2_000n });
    expect(draft?.why).toContain('A fixed 15.00 CNY of the 20.00 CNY that rule first paid');
  });

  test('takes a percent or a fixed amount, and says which it needs', () => {
    const on = 'loan.cancelled';
    const isGood = (take: object) => clawbackRuleSchema.safeParse({ on, take }).success;
    expect([{ percent: '50' }, { percent: '50', pro_rata: 'unexpired_term' }, { fixed: 1 }].map(isGood)).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      [{}, { fixed: 0 }, { percent: '1', fixed: 1 }, { fixed: 1, pro_rata: 'unexpired_term' }, { percent: 5 }].map(
        isGood,
      ),
    ).toEqual([false, false, false, false, false]);
  });

  test('by an unexpired term does not load beside an event that names no loan: it could never be priced', () => {
    const parsed = termsSchema.parse({
      id: 'v1',
      from: '2026-01-01',
      currency: 'CNY',
      clawback: CLAWBACK_EVENTS.map((on) => ({ on, take: { percent: '100', pro_rata: 'unexpired_term' } })),
    });
    const faults = payFindings('partner.yaml', ['terms', 0], parsed);
    expect(faults.map(({ path }) => CLAWBACK_EVENTS[Number(path[3])])).toEqual(
      CLAWBACK_EVENTS.filter((on) => /^(application|credit)\./.test(on)),
    );
  });
});

describe('hold_days', () => {
  test('are 0 to 730', () => {
    const holds = (hold_days: number) =>
      termsSchema.safeParse({
        ...{ id: 'v1', from: '2026-01-01', currency: 'CNY' },
        rules: [{ id: 'r', on: 'credit.granted', pay: { fixed: 1 }, hold_days }],
      }).success;
    expect([-1, 0, 730, 731].map(holds)).toEqual([false, true, true, false]);
  });
});

describe('walk-through D: who is paid when the borrower comes back', () => {
  const rules: CommissionRule[] = [
    {
      id: 'first',
      on: 'loan.disbursed',
      when: { loan: 'first', customer: 'new' },
      pay: { percent: '1.5', of: 'principal' },
    },
    {
      id: 'again',
      on: 'loan.disbursed',
      when: { loan: 'repeat' },
      pay: { percent: '0.6', of: 'principal' },
      earn_days: 365,
    },
    { id: 'rs', on: 'installment.paid', pay: { percent: '8', of: 'interest' } },
    { id: 'back', on: 'loan.disbursed', when: { customer: 'returning' }, pay: { fixed: 500 } },
  ];
  const paid = (over: Partial<MoneyEvent>) =>
    priceEvent(event({ ...over }), [terms({ rules })], history()).map(({ rule }) => rule);
  const onDay = (days: number) => shanghai('2026-01-10') + days * 86_400_000;

  test.each([
    ['granted and undrawn: the drawdown of day 80 pays A', { occurredAtMs: onDay(80) }, ['first']],
    [
      'loan running: instalments pay A',
      { type: 'installment.paid', payment: payment(), occurredAtMs: onDay(40) },
      ['rs'],
    ],
    [
      'settled, credit open: a repeat loan of day 365 pays A',
      { loan: loan({ ordinal: 2 }), occurredAtMs: onDay(365) },
      ['again'],
    ],
    ['and one of day 366 pays nothing more', { loan: loan({ ordinal: 2 }), occurredAtMs: onDay(366) }, []],
    [
      'settled, credit closed: B brings a returning customer',
      { application: application({ customer: 'returning' }) },
      ['back'],
    ],
  ] as const)('%s', (_what, over, wanted) => {
    expect(paid(over)).toEqual(wanted);
  });
});
