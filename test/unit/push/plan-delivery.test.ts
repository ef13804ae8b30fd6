import { describe, expect, test } from 'vitest';
import { type Delivery, deliveryId, formatDelivery, parseDelivery } from '../../../src/applications/push/delivery.ts';
import { applicationBody, loanBody } from '../../../src/applications/push/delivery-body.ts';
import { deliveryFor } from '../../../src/applications/push/lender-push-projection.ts';
import { applyLoanAnswer } from '../../../src/applications/push/loan-answer.ts';
import { planDelivery } from '../../../src/applications/push/plan-delivery.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import { SAMPLE_TIME, sampleApplication, sampleLoan } from '../../support/sample-application.ts';

const application = sampleApplication('A-1');
const loan = sampleLoan(application.id, 'LOAN-1');
const id = deliveryId('evt_1');
const push: Delivery = { id, kind: 'application', applicationId: application.id };
const drawdown: Delivery = { id, kind: 'loan', applicationId: application.id, loanId: loan.id };
const granted = { ...application, status: 'credit_granted' as const, lender_ref: 'L-1', loans: [loan] };

function event(type: LogEvent['type'], data: LogEvent['data'] = {}): LogEvent {
  const at = { occurred_at: SAMPLE_TIME, recorded_at: SAMPLE_TIME };
  return { id: 'evt_1', shard: 0, position: '1-0', subject: application.id, type, data, context: null, ...at };
}

describe('what is pushed', () => {
  test('an accepted application, under an id that every replay finds again', () => {
    expect(deliveryFor(event('application.received'), application)).toEqual(push);
    expect(deliveryFor(event('application.received'), application)?.id).toBe(deliveryId('evt_1'));
  });

  test('nothing that began at the lender, and nothing that has moved on', () => {
    expect(deliveryFor(event('application.received'), { ...application, origin: 'lender' })).toBeUndefined();
    expect(deliveryFor(event('application.received'), { ...application, status: 'submitted' })).toBeUndefined();
  });

  test('a drawdown that the partner asked for, not one made at the lender', () => {
    const requested = (by: string) => event('loan.requested', { loan_id: loan.id, by });
    expect(deliveryFor(requested('partner'), granted)).toEqual(drawdown);
    expect(deliveryFor(requested('lender'), granted)).toBeUndefined();
    const known = { ...granted, loans: [{ ...loan, lender_ref: 'LL-1' }] };
    expect(deliveryFor(requested('partner'), known)).toBeUndefined();
  });

  test('an outbox member reads back as the delivery, anything else as none', () => {
    for (const delivery of [push, drawdown]) expect(parseDelivery(formatDelivery(delivery))).toEqual(delivery);
    for (const text of ['', 'a|b|c', `${formatDelivery(push)}|x`, formatDelivery(drawdown).replace('loan_', 'app_')]) {
      expect(parseDelivery(text)).toBeUndefined();
    }
  });
});

describe('what is done with a delivery that is due', () => {
  test('an application is sent until its answer is known, also when events overtook the answer', () => {
    expect(planDelivery(push, application).do).toBe('send_application');
    expect(planDelivery(push, { ...application, status: 'verifying' }).do).toBe('send_application');
    expect(planDelivery(push, { ...application, status: 'submitted', lender_ref: 'L-1' }).do).toBe('drop');
    expect(planDelivery(push, { ...application, status: 'cancelled' }).do).toBe('drop');
  });

  test('a loan waits until its application has reached the lender', () => {
    expect(planDelivery(drawdown, { ...application, loans: [loan] }).do).toBe('wait');
    expect(planDelivery(drawdown, granted)).toEqual({ do: 'send_loan', loan });
    expect(planDelivery(drawdown, { ...granted, loans: [{ ...loan, status: 'cancelled' }] }).do).toBe('drop');
  });
});

describe('the bodies', () => {
  test('an application carries its applicant and who brought it', () => {
    const record = {
      applicant: { phone: '13800138000' },
      device: null,
      documents: [],
      verifications: [],
      consents: [],
    };
    expect(applicationBody(id, application, record)).toMatchObject({
      delivery_id: id,
      application_id: application.id,
      product_id: 'quick-cash',
      funder_ids: ['harbour'],
      partner: { id: 'acme', kind: 'platform', via: 'api' },
      applicant: { phone: '13800138000' },
      submitted_at: SAMPLE_TIME,
    });
  });

  test('a loan carries both references', () => {
    expect(loanBody(id, granted, loan)).toMatchObject({
      delivery_id: id,
      application_id: application.id,
      lender_ref: 'L-1',
      loan_id: loan.id,
      partner_ref: 'LOAN-1',
      amount: { amount: 500_000, currency: 'CNY' },
    });
  });
});

describe('the answer to a drawdown', () => {
  const now = Date.parse(SAMPLE_TIME);

  test('accepted keeps the reference; the same answer again changes nothing', () => {
    const once = applyLoanAnswer(granted, loan.id, { result: 'accepted', lender_ref: 'LL-1' }, now);
    expect(once.application.loans[0]).toMatchObject({ status: 'requested', lender_ref: 'LL-1' });
    const twice = applyLoanAnswer(once.application, loan.id, { result: 'duplicate', lender_ref: 'LL-1' }, now);
    expect(twice).toEqual({ application: once.application, events: [] });
    expect(twice.application).toBe(once.application);
  });

  test('rejected declines the loan with its reason, once', () => {
    const once = applyLoanAnswer(granted, loan.id, { result: 'rejected', reason: 'over_limit' }, now);
    expect(once.application.loans[0]).toMatchObject({ status: 'declined', reason: 'over_limit' });
    expect(once.events).toEqual([
      {
        type: 'loan.declined',
        occurred_at: SAMPLE_TIME,
        data: { loan_id: loan.id, reason: 'over_limit', retry_at: null },
      },
    ]);
    expect(
      applyLoanAnswer(once.application, loan.id, { result: 'rejected', reason: 'over_limit' }, now).events,
    ).toEqual([]);
  });

  test('rejected does not take back a loan that was paid out meanwhile', () => {
    const active = { ...granted, loans: [{ ...loan, status: 'active' as const }] };
    expect(applyLoanAnswer(active, loan.id, { result: 'rejected' }, now).events).toEqual([]);
  });
});
