import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DatedPayment } from '../../../../src/applications/lifecycle/dated.ts';
import type { Instalment, Loan } from '../../../../src/applications/model.ts';
import { ReceivableCount } from '../../../../src/applications/receivables/count-receivables.ts';
import { countableFrom, monthEnd } from '../../../../src/applications/receivables/month-end.ts';
import { isOverFor, receivableAt } from '../../../../src/applications/receivables/receivable-at.ts';
import { sampleApplication, sampleLoan } from '../../../support/sample-application.ts';

const NOTHING = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
const due = (no: number, due_on: string): Instalment => ({
  no,
  due_on,
  principal: 1_000,
  interest: 10,
  fees: [],
  paid: NOTHING,
  paid_at: null,
});
const running: Partial<Loan> = {
  status: 'active',
  amount: { amount: 3_000, currency: 'CNY' },
  funder_id: 'harbour',
  disbursed_at: '2026-01-10T04:00:00.000Z',
  schedule: [due(1, '2026-02-10'), due(2, '2026-03-10'), due(3, '2026-04-10')],
};
const loan = (change: Partial<Loan> = {}): Loan => sampleLoan('app_x', 'L', { ...running, ...change });
const payment = (no: number, paid_at: string, reversed_at?: string): DatedPayment => ({
  payment_ref: `P${no}`,
  no,
  principal: 1_000,
  interest: 10,
  fees: [],
  penalty: 0,
  waived: 0,
  payer: 'borrower',
  paid_at,
  reversed: reversed_at !== undefined,
  ...(reversed_at === undefined ? {} : { reversed_at }),
});
const march = monthEnd('2026-03', 'Asia/Shanghai');
const at = (one: Loan) => receivableAt(one, march.endsAt, march.day);

describe('a loan as it stood when the month ended', () => {
  test('what is due on the last day is not past due; the oldest unpaid instalment counts the days', () => {
    expect(march).toEqual({ day: '2026-03-31', endsAt: '2026-03-31T16:00:00.000Z' });
    expect(at(loan({ payments: [payment(1, '2026-02-10T02:00:00.000Z')] }))).toEqual({
      bucket: 'M1',
      outstanding: 2_000,
      overdue: 1_010,
      daysPastDue: 21,
    });
    expect(at(loan())).toMatchObject({ bucket: 'M2', daysPastDue: 49, outstanding: 3_000, overdue: 2_020 });
    expect(at(loan({ schedule: [due(1, '2026-03-31')] }))).toMatchObject({ bucket: 'M0', overdue: 0 });
  });

  test('whatever has happened since: later payments, settlement, write-off and reversals do not count', () => {
    const later = { payments: [payment(1, '2026-04-01T02:00:00.000Z')], settled_at: '2026-04-02T02:00:00.000Z' };
    expect(at(loan({ ...later, status: 'settled' }))).toEqual(at(loan()));
    expect(at(loan({ status: 'written_off', written_off_at: '2026-04-02T02:00:00.000Z' }))).toEqual(at(loan()));
    const stood = loan({ payments: [payment(1, '2026-02-10T02:00:00.000Z', '2026-04-02T02:00:00.000Z')] });
    expect(at(stood)?.outstanding).toBe(2_000);
    const came = loan({ payments: [payment(1, '2026-02-10T02:00:00.000Z', '2026-03-02T02:00:00.000Z')] });
    expect(at(came)?.outstanding).toBe(3_000);
  });

  test('a loan that was paid back and is open again by a payment that came back later owed nothing then', () => {
    const payments = [1, 2].map((no) => payment(no, '2026-03-05T02:00:00.000Z'));
    const bounced = payment(3, '2026-03-06T02:00:00.000Z', '2026-04-01T02:00:00.000Z');
    expect(at(loan({ payments: [...payments, bounced] }))).toBeUndefined();
    expect(
      receivableAt(loan({ payments: [...payments, bounced] }), '2026-04-30T16:00:00.000Z', '2026-04-30'),
    ).toMatchObject({
      outstanding: 1_000,
    });
  });

  test('a drawdown that came to nothing is looked at no more, however it ended', () => {
    for (const status of ['declined', 'payout_failed', 'cancelled'] as const) {
      expect(isOverFor(loan({ disbursed_at: null, status }), march.endsAt)).toBe(true);
    }
    expect(isOverFor(loan({ disbursed_at: null, status: 'requested' }), march.endsAt)).toBe(false);
  });

  test('nothing is owed before payout, after settlement, or on what was given back; what is written off stands apart', () => {
    expect(at(loan({ disbursed_at: null }))).toBeUndefined();
    expect(at(loan({ disbursed_at: march.endsAt }))).toBeUndefined();
    expect(at(loan({ status: 'settled', settled_at: '2026-03-30T02:00:00.000Z' }))).toBeUndefined();
    expect(at(loan({ status: 'cancelled', updated_at: '2026-03-30T02:00:00.000Z' }))).toBeUndefined();
    const off = loan({ status: 'written_off', written_off_at: '2026-03-30T02:00:00.000Z' });
    expect(at(off)).toMatchObject({ bucket: 'written_off', outstanding: 3_000 });
  });
});

test('rows sum to the loans that went in, whatever their order', () => {
  const one = fc.record({
    product: fc.constantFrom('a', 'b'),
    funder: fc.constantFrom('x', null),
    paid: fc.nat({ max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 20 }), (given) => {
      const applications = given.map(({ product, funder, paid }, index) => {
        const payments = Array.from({ length: paid }, (_, no) => payment(no + 1, '2026-03-01T02:00:00.000Z'));
        const loans = [loan({ funder_id: funder, payments })];
        return sampleApplication(`A${index}`, { product_id: product, loans });
      });
      const count = (list: typeof applications) => {
        const rows = new ReceivableCount();
        for (const application of list) rows.add(application, march.endsAt, march.day);
        return rows.rows();
      };
      const rows = count(applications);
      expect(count(applications.toReversed())).toEqual(rows);
      expect(rows.reduce((sum, row) => sum + row.loans, 0)).toBe(given.filter(({ paid }) => paid < 3).length);
      expect(rows.reduce((sum, row) => sum + row.outstanding, 0)).toBe(
        given.reduce((sum, { paid }) => sum + 3_000 - 1_000 * paid, 0),
      );
    }),
  );
});

test('a month is counted when it is over in every zone and a day has passed', () => {
  expect(new Date(countableFrom('2026-03')).toISOString()).toBe('2026-04-02T12:00:00.000Z');
});
