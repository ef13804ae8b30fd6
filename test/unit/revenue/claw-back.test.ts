import { describe, expect, test } from 'vitest';
import type { MoneyEvent, PricedLine } from '../../../src/revenue/money-event.ts';
import { priceEvent } from '../../../src/revenue/price-event.ts';
import type { ClawbackRule, CommissionRule } from '../../../src/revenue/terms.ts';
import { application, event, history, loan, payment, shanghai, terms } from './fixtures.ts';

const RULES: CommissionRule[] = [
  { id: 'cpa', on: 'credit.granted', pay: { fixed: 3000 } },
  { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' } },
  { id: 'rs', on: 'installment.paid', pay: { percent: '8', of: 'interest' } },
];

function line(over: Partial<PricedLine>): PricedLine {
  return {
    id: 'com_first',
    contract: 'main',
    termsId: 'acme-2026',
    rule: 'first',
    on: 'loan.disbursed',
    kind: 'accrual',
    status: 'payable',
    amount: 7_500n,
    currency: 'CNY',
    occurredAtMs: shanghai('2026-01-10'),
    payableAtMs: shanghai('2026-01-10'),
    holdUntilMs: null,
    applicationId: 'app_1',
    loanId: 'loan_1',
    paymentRef: null,
    reverses: null,
    ...over,
  };
}

const CPA = line({ id: 'com_cpa', rule: 'cpa', amount: 3_000n, loanId: null });
const FIRST = line({});
const RS_1 = line({ id: 'com_rs1', rule: 'rs', amount: 600n, paymentRef: 'P-1' });
const RS_2 = line({ id: 'com_rs2', rule: 'rs', amount: 599n, paymentRef: 'P-2' });
const OTHER_LOAN = line({ id: 'com_other', amount: 1_000n, loanId: 'loan_2' });
const ALL = [CPA, FIRST, RS_1, RS_2, OTHER_LOAN];

function takenBack(clawback: ClawbackRule[], over: Partial<MoneyEvent>, lines: PricedLine[] = ALL) {
  const happened = event({ id: 'evt_9', occurredAtMs: shanghai('2026-02-20'), ...over });
  return priceEvent(happened, [terms({ rules: RULES, clawback })], history({ lines }));
}

const brief = (drafts: ReturnType<typeof takenBack>) =>
  drafts.map(({ reverses, kind, amount }) => [reverses, kind, amount]);

describe('what an event takes back', () => {
  test('a loan event takes the lines of the loan, an application event those of the application and its loans', () => {
    const fraud: ClawbackRule = { on: 'application.fraud_confirmed', take: { percent: '100' } };
    const cancelled: ClawbackRule = { on: 'loan.cancelled', take: { percent: '100' } };
    expect(brief(takenBack([cancelled], { type: 'loan.cancelled' }))).toEqual([
      ['com_first', 'clawback', -7_500n],
      ['com_rs1', 'clawback', -600n],
      ['com_rs2', 'clawback', -599n],
    ]);
    const all = takenBack([fraud], { type: 'application.fraud_confirmed', loan: null });
    expect(all.map(({ reverses }) => reverses)).toEqual(ALL.map(({ id }) => id));
  });

  test('a reversed payment takes back what that payment earned', () => {
    const reversed: ClawbackRule = { on: 'installment.reversed', take: { percent: '100' } };
    const drafts = takenBack([reversed], { type: 'installment.reversed', payment: payment({ ref: 'P-2' }) });
    expect(brief(drafts)).toEqual([['com_rs2', 'clawback', -599n]]);
  });

  test('only the named rules, only part of them, rounded by magnitude', () => {
    const half: ClawbackRule = { on: 'loan.cancelled', take: { percent: '50' }, rules: ['rs'] };
    expect(brief(takenBack([half], { type: 'loan.cancelled' }))).toEqual([
      ['com_rs1', 'clawback', -300n],
      ['com_rs2', 'clawback', -300n], // 299.5, half to even
    ]);
  });

  test('walk-through B: a default on day 61 is taken back within 90 days, not within 60', () => {
    const within = (within_days: number): ClawbackRule => ({
      on: 'loan.first_payment_default',
      take: { percent: '100' },
      within_days,
      rules: ['first'],
    });
    const defaulted = { type: 'loan.first_payment_default', occurredAtMs: shanghai('2026-03-12') };
    expect(takenBack([within(60)], defaulted)).toEqual([]);
    const [draft] = takenBack([within(90)], defaulted);
    expect(draft).toMatchObject({
      amount: -7_500n,
      reverses: 'com_first',
      rule: 'first',
      payableAtMs: shanghai('2026-03-12'),
    });
    expect(draft?.why).toBe(
      '100 % of the 75.00 CNY that rule first paid on 2026-01-10 is taken back: loan.first_payment_default on 2026-03-12, day 61 of 90, 75.00 CNY.',
    );
    expect(takenBack([within(61)], { ...defaulted, occurredAtMs: shanghai('2026-03-12T23:59') })).toHaveLength(1);
  });

  test('never more than is left after corrections and earlier clawbacks', () => {
    const all: ClawbackRule = { on: 'loan.cancelled', take: { percent: '100' }, rules: ['first'] };
    const dispute = line({ id: 'com_d', kind: 'dispute', amount: -500n, reverses: 'com_first' });
    const earlier = line({ id: 'com_c', kind: 'clawback', amount: -5_000n, reverses: 'com_first' });
    expect(brief(takenBack([all], { type: 'loan.cancelled' }, [FIRST, dispute, earlier]))).toEqual([
      ['com_first', 'clawback', -2_000n],
    ]);
    const rest = line({ id: 'com_r', kind: 'clawback', amount: -2_000n, reverses: 'com_first' });
    expect(takenBack([all], { type: 'loan.cancelled' }, [FIRST, dispute, earlier, rest])).toEqual([]);
  });

  test('the same reason told again takes no more than the larger of its shares; another reason, or complaint, does', () => {
    const share: ClawbackRule = { on: 'loan.settled_early', take: { percent: '100', pro_rata: 'unexpired_term' } };
    const back = line({
      id: 'com_c',
      kind: 'clawback',
      on: 'loan.settled_early',
      amount: -3_000n,
      reverses: 'com_first',
    });
    const settledOn = (day: string) => ({
      type: 'loan.settled_early',
      occurredAtMs: shanghai(day),
      loan: loan({ termMonths: 3 }),
    });
    // 40 of 90 days are left: 33.33, of which 30.00 went back when it was settled for the first time.
    expect(brief(takenBack([share], settledOn('2026-03-01'), [FIRST, back]))).toEqual([
      ['com_first', 'clawback', -333n],
    ]);
    expect(takenBack([share], settledOn('2026-03-15'), [FIRST, back])).toEqual([]);
    const half = (on: string): ClawbackRule => ({ on, take: { percent: '40' } });
    expect(brief(takenBack([half('loan.cancelled')], { type: 'loan.cancelled' }, [FIRST, back]))).toEqual([
      ['com_first', 'clawback', -3_000n],
    ]);
    const late = line({ id: 'com_o', kind: 'clawback', on: 'loan.overdue', amount: -3_000n, reverses: 'com_first' });
    expect(takenBack([half('loan.overdue')], { type: 'loan.overdue' }, [FIRST, late])).toEqual([]);
    const upheld = line({
      id: 'com_u',
      kind: 'clawback',
      on: 'complaint.upheld',
      amount: -3_000n,
      reverses: 'com_first',
    });
    expect(brief(takenBack([half('complaint.upheld')], { type: 'complaint.upheld' }, [FIRST, upheld]))).toEqual([
      ['com_first', 'clawback', -3_000n],
    ]);
  });

  test('a held line that loses all is voided, one that loses part gets a held reversal', () => {
    const held = line({ status: 'pending', holdUntilMs: shanghai('2026-03-01'), payableAtMs: shanghai('2026-03-01') });
    const take = (percent: string): ClawbackRule => ({ on: 'loan.cancelled', take: { percent } });
    expect(takenBack([take('100')], { type: 'loan.cancelled' }, [held])).toMatchObject([
      { kind: 'void', amount: -7_500n, reverses: 'com_first', holdUntilMs: null },
    ]);
    expect(takenBack([take('40')], { type: 'loan.cancelled' }, [held])).toMatchObject([
      { kind: 'clawback', amount: -3_000n, holdUntilMs: shanghai('2026-03-01'), payableAtMs: shanghai('2026-03-01') },
    ]);
    const recordedLate = { type: 'loan.cancelled', recordedAtMs: shanghai('2026-03-02') };
    expect(takenBack([take('100')], recordedLate, [held])).toMatchObject([{ kind: 'clawback', holdUntilMs: null }]);
  });

  test('pro rata takes the part of the term that was still to run', () => {
    const clawback: ClawbackRule = {
      on: 'loan.settled_early',
      take: { percent: '100', pro_rata: 'unexpired_term' },
      within_days: 30,
    };
    const settled = { type: 'loan.settled_early', occurredAtMs: shanghai('2026-01-20'), loan: loan({ termMonths: 3 }) };
    // 10 January + 3 months = 90 days, 10 of them used: 80/90 of 75.00.
    expect(brief(takenBack([clawback], settled, [FIRST]))).toEqual([['com_first', 'clawback', -6_667n]]);
    const afterEnd = { ...settled, occurredAtMs: shanghai('2026-08-01') };
    expect(takenBack([{ ...clawback, within_days: undefined }], afterEnd, [FIRST])).toEqual([]);
    // What an instalment earned: the term still runs from the disbursal, and without it nothing is guessed.
    expect(() => takenBack([clawback], settled, [RS_1])).toThrow(/start and a term/);
    const dated = { ...settled, loan: loan({ termMonths: 3, disbursedAtMs: shanghai('2025-12-21') }) };
    expect(brief(takenBack([clawback], dated, [RS_1]))).toEqual([['com_rs1', 'clawback', -400n]]); // 60/90
  });

  test('a line answers to the version that priced it; void lines and other contracts are left alone', () => {
    const versions = [
      terms({ rules: RULES, clawback: [{ on: 'loan.cancelled', take: { percent: '100' } }] }),
      terms({ id: 'acme-new', from: '2026-02-01', rules: RULES }),
    ];
    const lines = [
      FIRST,
      line({ id: 'com_new', termsId: 'acme-new' }),
      line({ id: 'com_void', status: 'void' }),
      line({ id: 'com_side', contract: 'side' }),
    ];
    const cancelled = event({ type: 'loan.cancelled', application: application({ pins: { main: 'acme-new' } }) });
    expect(priceEvent(cancelled, versions, history({ lines })).map(({ reverses }) => reverses)).toEqual(['com_first']);
  });
});
