import { describe, expect, test } from 'vitest';
import { openActionOf } from '../../../src/applications/lifecycle/actions.ts';
import { loanBody } from '../../../src/applications/push/delivery-body.ts';
import { applyLoanAnswer } from '../../../src/applications/push/loan-answer.ts';
import { SAMPLE_TIME, sampleApplication, sampleLoan } from '../../support/sample-application.ts';

const now = Date.parse(SAMPLE_TIME) + 1_000;
const plain = sampleApplication('A', { status: 'credit_granted', lender_ref: 'L-1', funder_id: 'harbour' });
const loan = sampleLoan(plain.id, 'D-1', { quote_id: 'quo_1', quote_ref: 'LQ-1' });
const granted = { ...plain, loans: [loan] };
const record = {
  applicant: { phone: '13800138000', bank_card: { number: '1' } },
  device: null,
  documents: [],
  verifications: [],
  consents: [{ kind: 'credit_inquiry' }],
};

describe('what a lender is told of a drawdown', () => {
  test('is the quote, the card and the consents of just this drawdown, and whose money it is', () => {
    const drawdowns = {
      [loan.id]: {
        bank_card: { number: '2' },
        consents: [{ kind: 'loan_contract' }],
        return_url: 'https://acme.example/b',
      },
      other: { bank_card: { number: '3' }, consents: [], return_url: null },
    };
    expect(loanBody('dlv_1', granted, loan, { ...record, drawdowns })).toMatchObject({
      delivery_id: 'dlv_1',
      loan_id: loan.id,
      quote_id: 'quo_1',
      quote_ref: 'LQ-1',
      card_id: null,
      bank_card: { number: '2' },
      consents: [{ kind: 'loan_contract' }],
      funder_id: 'harbour',
      return_url: 'https://acme.example/b',
    });
  });

  test('is what is left once the personal data was erased', () => {
    const bound = { ...loan, card_id: 'card_1' };
    expect(loanBody('dlv_1', granted, bound, undefined)).toMatchObject({
      card_id: 'card_1',
      bank_card: null,
      consents: [],
      return_url: null,
    });
  });
});

describe('its answer', () => {
  test('accepted keeps the reference, which the log is told, and shows the step that it asks for', () => {
    const next_action = { type: 'otp', expires_at: '2026-03-02T05:00:00.000Z' };
    const answer = { result: 'accepted', lender_ref: 'LL-1', next_action } as const;
    const once = applyLoanAnswer(granted, loan.id, answer, now);
    expect(once.events.map(({ type }) => type)).toEqual(['loan.submitted', 'action.required']);
    expect(once.events[0]?.data).toEqual({ loan_id: loan.id, lender_ref: 'LL-1' });
    const { application } = once;
    expect(application.loans[0]).toMatchObject({
      status: 'requested',
      lender_ref: 'LL-1',
      updated_at: loan.updated_at,
    });
    expect(openActionOf(application, { loan_id: loan.id })).toMatchObject({ type: 'otp', scene: 'drawdown' });
    expect(applyLoanAnswer(application, loan.id, answer, now + 1)).toEqual({ application, events: [] });
  });

  test('accepted with papers to bring holds the loan up', () => {
    const next_action = { type: 'supplement', documents: ['face'], expires_at: '2026-03-02T05:00:00.000Z' };
    const { application, events } = applyLoanAnswer(granted, loan.id, { result: 'accepted', next_action }, now);
    expect(application.loans[0]?.status).toBe('needs_input');
    expect(events.map(({ type }) => type)).toEqual(['loan.needs_input', 'action.required']);
  });

  test('rejected declines with reason and date, unless the lender’s events have gone further', () => {
    const retry_at = '2026-03-09T00:00:00.000Z';
    const answer = { result: 'rejected', reason: 'scoring', retry_at } as const;
    const once = applyLoanAnswer(granted, loan.id, answer, now);
    expect(once.application.loans[0]).toMatchObject({ status: 'declined', reason: 'scoring', retry_at });
    expect(once.events).toMatchObject([
      { type: 'loan.declined', data: { loan_id: loan.id, reason: 'scoring', retry_at } },
    ]);
    expect(applyLoanAnswer(once.application, loan.id, answer, now).events).toEqual([]);
    const active = { ...granted, loans: [{ ...loan, status: 'active' as const }] };
    expect(applyLoanAnswer(active, loan.id, answer, now)).toEqual({ application: active, events: [] });
  });
});
