import { describe, expect, test } from 'vitest';
import { eventFacts } from '../../../src/delivery/feed/event-facts.ts';
import { isAmong, isEventPattern, isPartnerEvent, isTold } from '../../../src/delivery/feed/is-told.ts';
import { PARTNER_EVENTS } from '../../../src/registry/schema/event-names.ts';

describe('who is told what', () => {
  test('visibility none hides how loans are repaid and that they are not, and nothing else', () => {
    expect(PARTNER_EVENTS.filter((type) => !isTold(type, 'none'))).toEqual([
      'loan.schedule_updated',
      'loan.overdue',
      'loan.cured',
      'loan.settled',
      'loan.written_off',
      'installment.paid',
      'installment.reversed',
      'repayment.succeeded',
      'repayment.failed',
    ]);
    for (const visibility of ['status', 'full'] as const) {
      expect(PARTNER_EVENTS.every((type) => isTold(type, visibility))).toBe(true);
    }
  });

  test('internal events are nobody’s', () => {
    for (const type of [
      'application.screening',
      'application.noted',
      'application.fraud_confirmed',
      'complaint.opened',
    ]) {
      expect(isPartnerEvent(type)).toBe(false);
    }
  });

  test('types are asked for by name, by family, or all', () => {
    expect(isAmong('loan.disbursed', ['loan.*'])).toBe(true);
    expect(isAmong('loan.disbursed', ['*'])).toBe(true);
    expect(isAmong('loan.disbursed', ['loan.overdue', 'credit.*'])).toBe(false);
    expect(isAmong('application.received', ['app.*'])).toBe(false);
    expect(['*', 'loan.*', 'loan.disbursed'].every(isEventPattern)).toBe(true);
    expect(['loan', 'loan.', 'complaint.*', 'loan.nothing', '**', ''].some(isEventPattern)).toBe(false);
  });
});

describe('what an event tells by itself', () => {
  test('money with its currency, references and dates; nothing that is not on the list', () => {
    const data = {
      loan_id: 'loan_1',
      no: 1,
      payment_ref: 'P-1',
      principal: 100,
      interest: 7,
      fees: [{ kind: 'service', payee: 'lender', amount: 3 }],
      penalty: 50,
      waived: 9,
      payer: 'borrower',
      paid_at: '2026-03-02T04:05:06.000Z',
      currency: 'CNY',
      note: 'Zhang San, 13800138000',
    };
    expect(eventFacts('installment.paid', data)).toEqual({
      no: 1,
      payment_ref: 'P-1',
      payer: 'borrower',
      paid_at: '2026-03-02T04:05:06.000Z',
      principal: { amount: 100, currency: 'CNY' },
      interest: { amount: 7, currency: 'CNY' },
      fees: [{ kind: 'service', payee: 'lender', amount: { amount: 3, currency: 'CNY' } }],
    });
  });

  test('nothing of why somebody was refused: how much of that is told is decided when it is asked', () => {
    expect(eventFacts('application.refused', { reason: 'blocked', detail: 'list', list: 'network' })).toBeUndefined();
  });
});
