import { describe, expect, test } from 'vitest';
import type { EventContext, EventType, LogEvent } from '../../../src/events/event.ts';
import { loanFactsOf } from '../../../src/revenue/loan-facts.ts';
import { counterpartyOf, loanIdNeeded, moneyEventOf } from '../../../src/revenue/money-event-of.ts';

const CONTEXT: EventContext = {
  partner_id: 'acme',
  owner_id: 'acme',
  partner_ref: 'ORDER-1',
  lender_ref: 'Q-1',
  product_id: 'quick-cash',
  lender_id: 'quickcredit',
  funder_id: 'harbour',
  via: 'click',
  link_code: 'acme-home',
  click_id: null,
  customer: 'new',
  accepted_at: '2026-01-02T04:00:00.000Z',
  applicant_token: 'token',
  pins: { main: 'acme-2026' },
  region: '11',
  grade: 'A',
};

function logged(type: EventType, data: Record<string, unknown>, context: EventContext | null = CONTEXT): LogEvent {
  return {
    id: 'evt_1',
    shard: 0,
    position: '1-0',
    type,
    subject: 'app_1',
    occurred_at: '2026-01-20T04:00:00.000Z',
    recorded_at: '2026-01-20T04:00:01.000Z',
    data,
    context,
  };
}

const DISBURSED = logged('loan.disbursed', {
  loan_id: 'loan_1',
  ordinal: 2,
  principal: 500_000,
  received: 495_000,
  currency: 'CNY',
  term: 30,
  term_unit: 'day',
  disbursed_at: '2026-01-20T03:00:00.000Z',
  funder_id: 'north',
});

describe('money events', () => {
  test('a disbursal carries its loan and the application that it goes back to', () => {
    expect(moneyEventOf(DISBURSED, null)).toMatchObject({
      id: 'evt_1',
      counterparty: 'acme',
      occurredAtMs: Date.parse('2026-01-20T04:00:00.000Z'),
      application: { id: 'app_1', funderId: 'north', linkCode: 'acme-home', pins: { main: 'acme-2026' }, grade: 'A' },
      loan: { id: 'loan_1', ordinal: 2, principal: 500_000n, received: 495_000n, termMonths: null, termDays: 30 },
      payment: null,
    });
    expect(loanIdNeeded(DISBURSED)).toBeNull();
  });

  test('a payment gets its loan from what the disbursal told', () => {
    const paid = logged('installment.paid', {
      loan_id: 'loan_1',
      no: 1,
      payment_ref: 'P-1',
      principal: 40_000,
      interest: 7_500,
      fees: [{ kind: 'service', payee: 'lender', amount: 1_000 }],
      penalty: 5,
      waived: 0,
      payer: 'guarantor',
      paid_at: '2026-02-20T04:00:00.000Z',
      currency: 'CNY',
    });
    expect(loanIdNeeded(paid)).toBe('loan_1');
    expect(moneyEventOf(paid, loanFactsOf(DISBURSED))).toMatchObject({
      application: { funderId: 'north' },
      loan: { ordinal: 2, currency: 'CNY', disbursedAtMs: Date.parse('2026-01-20T03:00:00.000Z') },
      payment: { ref: 'P-1', interest: 7_500n, fees: [{ kind: 'service', amount: 1_000n }], payer: 'guarantor' },
    });
    expect(() => moneyEventOf(paid, null)).toThrow(/disbursal is not known/);
  });

  test('before payout a loan is known by its id alone; a reversal names its payment', () => {
    const cancelled = moneyEventOf(logged('loan.cancelled', { loan_id: 'loan_9', reason: 'customer' }), null);
    expect(cancelled?.loan).toMatchObject({ id: 'loan_9', principal: null, currency: null });
    const reversed = logged('installment.reversed', { loan_id: 'loan_1', payment_ref: 'P-1', reason: 'bounced' });
    expect(moneyEventOf(reversed, loanFactsOf(DISBURSED))).toMatchObject({ payment: { ref: 'P-1', interest: 0n } });
  });

  test('a registration earns under its own id, a grant knows its amount', () => {
    const registered = moneyEventOf(logged('applicant.registered', { registration_id: 'reg_1' }), null);
    expect(registered?.application?.id).toBe('reg_1');
    const granted = logged('credit.granted', { amount: 800_000, currency: 'CNY', grade: 'B', funder_id: null });
    expect(moneyEventOf(granted, null)?.application).toMatchObject({ creditAmount: 800_000n, grade: 'B' });
  });

  test('only a billable click earns, for the partner of its link', () => {
    const facts = {
      link_code: 'acme-home',
      partner_id: 'acme',
      product_id: 'quick-cash',
      lender_id: 'quickcredit',
      visitor: 'v1',
      billable: true,
    };
    expect(moneyEventOf(logged('click.recorded', facts, null), null)).toMatchObject({
      type: 'click',
      counterparty: 'acme',
      application: null,
      click: { visitor: 'v1', linkCode: 'acme-home' },
    });
    expect(counterpartyOf(logged('click.recorded', { ...facts, billable: false }, null))).toBeNull();
  });

  test('what nobody introduced and what is internal pays nobody', () => {
    expect(moneyEventOf(logged('credit.granted', {}, { ...CONTEXT, partner_id: null }), null)).toBeUndefined();
    expect(moneyEventOf(logged('application.screening', {}), null)).toBeUndefined();
    expect(moneyEventOf(logged('click.bound', { tokens: [] }, null), null)).toBeUndefined();
  });
});
