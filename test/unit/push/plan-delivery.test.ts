import { describe, expect, test } from 'vitest';
import {
  applicationDelivery,
  formatDelivery,
  loanDelivery,
  parseDelivery,
  queueDelivery,
} from '../../../src/applications/push/delivery.ts';
import { applicationBody, loanBody } from '../../../src/applications/push/delivery-body.ts';
import { applyLoanAnswer } from '../../../src/applications/push/loan-answer.ts';
import { planDelivery } from '../../../src/applications/push/plan-delivery.ts';
import { SAMPLE_TIME, sampleApplication, sampleLoan } from '../../support/sample-application.ts';

const application = sampleApplication('A-1');
const loan = sampleLoan(application.id, 'LOAN-1');
const push = applicationDelivery(application);
const drawdown = loanDelivery(application, loan);
const { id } = push;
const first = { attempts: 0, cancels: false };
const granted = { ...application, status: 'credit_granted' as const, lender_ref: 'L-1', loans: [loan] };

describe('a delivery', () => {
  test('has an id that is the same whenever it is made again, and another one for every loan', () => {
    expect(applicationDelivery(application)).toEqual(push);
    const other = loanDelivery(application, sampleLoan(application.id, 'LOAN-2'));
    expect(new Set([push.id, drawdown.id, other.id]).size).toBe(3);
  });

  test('reads back from its text with its lender, anything else as none', () => {
    for (const delivery of [push, drawdown]) {
      const { text } = queueDelivery(delivery, 'quickcredit', 1) as { text: string };
      expect(parseDelivery(delivery.id, text)).toEqual({ delivery, lenderId: 'quickcredit' });
      expect(parseDelivery('dlv_1', text)).toBeUndefined();
    }
    const text = formatDelivery({ delivery: drawdown, lenderId: 'quickcredit' });
    for (const bad of ['', 'a|b|c', `${text}|x`, text.replace('loan_', 'app_'), text.replace('quickcredit', '')]) {
      expect(parseDelivery(id, bad)).toBeUndefined();
    }
  });
});

describe('what is done with a delivery that is due', () => {
  test('an application is sent until its answer is known, also when events overtook the answer', () => {
    expect(planDelivery(push, application, first).do).toBe('send_application');
    expect(planDelivery(push, { ...application, status: 'verifying' }, first).do).toBe('send_application');
    expect(planDelivery(push, { ...application, status: 'submitted', lender_ref: 'L-1' }, first).do).toBe('drop');
    expect(planDelivery(push, { ...application, status: 'cancelled' }, first).do).toBe('drop');
  });

  test('an application that its lender ended before its answer arrived is sent for its reference, if it was tried', () => {
    const declined = { ...application, status: 'credit_declined' as const };
    expect(planDelivery(push, declined, { attempts: 1, cancels: false }).do).toBe('send_application');
    expect(planDelivery(push, declined, first).do).toBe('drop');
    expect(planDelivery(push, { ...declined, lender_ref: 'L-1' }, { attempts: 1, cancels: false }).do).toBe('drop');
    expect(planDelivery(push, { ...application, status: 'refused' }, { attempts: 1, cancels: false }).do).toBe('drop');
  });

  test('an application that is cancelled before it was tried takes everything behind it along; once tried it is sent', () => {
    const cancelled = { ...application, status: 'cancelled' as const };
    expect(planDelivery(push, cancelled, { attempts: 0, cancels: true }).do).toBe('drop_all');
    expect(planDelivery(push, cancelled, { attempts: 1, cancels: true }).do).toBe('send_application');
    expect(planDelivery(push, { ...cancelled, lender_ref: 'L-1' }, { attempts: 1, cancels: true }).do).toBe('drop');
  });

  test('a loan is sent until its reference is known, also when events have ended it; nothing of an application that is over', () => {
    expect(planDelivery(drawdown, granted, first)).toEqual({ do: 'send_loan', loan });
    const ended = { ...loan, status: 'cancelled' as const };
    expect(planDelivery(drawdown, { ...granted, loans: [ended] }, first)).toEqual({ do: 'send_loan', loan: ended });
    expect(planDelivery(drawdown, { ...granted, status: 'cancelled', loans: [ended] }, first).do).toBe('drop');
    expect(planDelivery(drawdown, { ...granted, loans: [{ ...loan, lender_ref: 'LL' }] }, first).do).toBe('drop');
  });

  test('a message outlives its application, as a cancellation must', () => {
    const cancellation = { id, kind: 'cancellation', applicationId: application.id } as const;
    const plan = planDelivery(cancellation, { ...granted, status: 'cancelled' }, first);
    expect(plan).toEqual({ do: 'send_message', kind: 'cancellation' });
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
    expect(loanBody(id, granted, loan, undefined)).toMatchObject({
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
