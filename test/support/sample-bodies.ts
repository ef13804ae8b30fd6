import type { Registry } from '../../src/registry/registry.ts';
import { applicationFor, nextPerson } from './intake.ts';

const at = '2026-03-02T04:05:06.000Z';
const amount = { amount: 500_000, currency: 'CNY' };
const registered = { lender_ref: 'R-1', subject: { phone: '13800138000' }, registered_at: at };
const disbursed = {
  principal: amount,
  received: amount,
  disbursed_at: at,
  schedule: [{ no: 1, due_on: '2026-04-02' }],
};
/** What the bodies name: all of it is there. */
export interface Named {
  readonly registry: Registry;
  /** An application of another partner. */
  readonly foreign: string;
  /** An application and a loan of the caller. */
  readonly app: string;
  readonly loan: string;
}

/** A body that each operation would take, by method and path. */
export const sampleBodies: Readonly<Record<string, (named: Named) => unknown>> = {
  'POST /v1/applications': ({ registry }) => applicationFor(registry, nextPerson(), 'MUTANT-1'),
  'POST /v1/prechecks': () => ({ subject: { phone_id: { md5: 'a'.repeat(32) }, name: '张三' }, profile: {} }),
  'POST /v1/prechecks/batch': () => ({ items: [{ product_id: 'quick-cash', subject: { phone: '13800138000' } }] }),
  'POST /v1/links': () => ({ code: 'a-link', product_id: 'quick-cash', landing: 'https://quickcredit.example/' }),
  'POST /v1/links/batch': () => ({
    template: { product_id: 'quick-cash', landing: 'https://quickcredit.example/' },
    items: [{ label: 'a shop', params: { a: '{click_id}' }, pass: ['utm_source'] }],
  }),
  'POST /v1/links/{code}/pause': () => ({ reason: 'a test of it' }),
  'POST /v1/products/{id}/quotes': () => ({ amount, term: 3, term_unit: 'month' }),
  'POST /lender/v1/registrations': () => registered,
  'POST /lender/v1/applications': () => ({
    ...{ lender_ref: 'A-1', product_id: 'quick-cash', subject: { phone: '13800138000' } },
    ...{ requested: { amount, term: 3, term_unit: 'month', purpose: 'travel' }, channel: 'app', applied_at: at },
  }),
  'POST /lender/v1/events': ({ foreign }) => ({
    events: [{ id: 'L-1', type: 'loan.disbursed', occurred_at: at, application_id: foreign, data: disbursed }],
  }),
  'POST /v1/handoffs': ({ app, loan }) => ({
    ...{ product_id: 'quick-cash', destination: 'repay', application_id: app, loan_id: loan },
    ...{
      partner_user_ref: 'U',
      subject: { phone: '13800138000' },
      ttl_seconds: 60,
      return_url: 'https://acme.example/b',
    },
  }),
  'POST /v1/applications/{id}/supplements': () => ({
    applicant: { contacts: [{ relation: 'friend', name: '李四', phone: '13800138001' }] },
    documents: [{ kind: 'face', document_id: `doc_${'f'.repeat(32)}` }],
    verifications: [{ kind: 'ocr', provider: 'x', result: 'pass', score: 1, ref: 'r', at }],
  }),
  'POST /v1/applications/{id}/cards': () => ({
    number: '6222020000000000015',
    bank_code: 'ICBC',
    phone: '13800138000',
  }),
  'POST /v1/applications/{id}/quotes': () => ({ amount, term: 3, term_unit: 'month' }),
  'POST /v1/applications/{id}/loans': () => ({
    ...{
      partner_ref: 'M-1',
      amount,
      term: 3,
      term_unit: 'month',
      purpose: 'travel',
      quote_id: `quo_${'f'.repeat(32)}`,
    },
    ...{ bank_card: { number: '6222020000000000015', phone: '13800138000' }, return_url: 'https://acme.example/b' },
  }),
  'POST /v1/applications/{id}/consents/withdrawals': () => ({ kinds: ['marketing'], reason: 'not_needed' }),
  'POST /v1/actions/{id}': () => ({
    applicant: { email: 'a@example.com' },
    otp: '123456',
    card_id: 'x',
    returned: true,
  }),
  'POST /v1/loans/{id}/repayments': () => {
    return { partner_ref: 'M-2', installments: [1], return_url: 'https://acme.example/b' };
  },
  'POST /v1/loans/{id}/repayments/quote': () => ({ installments: [1] }),
  'PUT /lender/v1/daily-totals/{date}': () => ({
    timezone: 'Asia/Shanghai',
    products: [
      {
        ...{ product_id: 'quick-cash', applications: 1, granted: { count: 1, amount } },
        paid: { count: 1, principal: amount, interest: amount, fees: amount, penalty: amount },
      },
    ],
  }),
  'POST /lender/v1/deliveries/{id}/answer': () => {
    return { result: 'accepted', lender_ref: 'x', next_action: { type: 'otp' } };
  },
  'POST /admin/v1/products/{id}/pause': () => ({ until: at, reason: 'a test of it', stop: 'new' }),
  'POST /admin/v1/deliveries/dead/drop': () => ({ ids: [`dlv_${'f'.repeat(32)}`], reason: 'a test of it' }),
  'POST /admin/v1/deliveries/dead/redrive': () => ({ lender_id: 'quickcredit', kind: 'card' }),
  'POST /admin/v1/parked/redrive': ({ foreign }) => ({ projection: 'commission', subject: foreign }),
  'POST /sandbox/clock': () => ({ advance: '1m' }),
};
