import type { Application, Loan } from '../../src/applications/model.ts';
import { derivedId, derivedIdBeside } from '../../src/base/ids.ts';

export const SAMPLE_TIME = '2026-03-02T04:05:06.000Z';

/** A received application of partner acme at lender quickcredit. */
export function sampleApplication(reference: string, change: Partial<Application> = {}): Application {
  return {
    id: derivedId('app', 'acme', reference),
    origin: 'partner',
    owner_id: 'acme',
    partner_kind: 'platform',
    partner_ref: reference,
    partner_user_ref: null,
    lender_id: 'quickcredit',
    lender_ref: null,
    product_id: 'quick-cash',
    funder_ids: ['harbour'],
    funder_id: null,
    status: 'received',
    reason: null,
    detail: null,
    retry_at: null,
    existing_application_id: null,
    customer: 'new',
    requested: { amount: { amount: 500_000, currency: 'CNY' }, term: 12, term_unit: 'month', purpose: 'consumption' },
    fingerprint: 'f',
    subject: { claims: [], pointers: [], person: null },
    attribution: {
      partner_id: 'acme',
      via: 'api',
      reason: 'submitted_by',
      model: 'last_valid',
      link_code: null,
      click_id: null,
      candidates: [],
      decided_at: SAMPLE_TIME,
    },
    pins: {},
    precheck_id: null,
    click_id: null,
    handoff_id: null,
    link_code: null,
    sub_ids: {},
    return_url: null,
    region: '11',
    lock_until: null,
    credit: null,
    loans: [],
    held: [],
    last_occurred_at: null,
    created_at: SAMPLE_TIME,
    accepted_at: SAMPLE_TIME,
    updated_at: SAMPLE_TIME,
    ...change,
  };
}

/** A loan that the partner has asked for. */
export function sampleLoan(applicationId: string, reference: string, change: Partial<Loan> = {}): Loan {
  return {
    id: derivedIdBeside('loan', applicationId, reference),
    partner_ref: reference,
    lender_ref: null,
    status: 'requested',
    reason: null,
    retry_at: null,
    amount: { amount: 500_000, currency: 'CNY' },
    term: 12,
    term_unit: 'month',
    purpose: 'consumption',
    ordinal: null,
    received: null,
    funder_id: null,
    contract_no: null,
    disbursed_at: null,
    settled_at: null,
    days_past_due: 0,
    first_payment_default: false,
    schedule: [],
    payments: [],
    created_at: SAMPLE_TIME,
    updated_at: SAMPLE_TIME,
    ...change,
  };
}
