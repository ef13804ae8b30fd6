import type { CommissionDraft } from '../../../src/revenue/commission-draft.ts';
import type { CounterValue } from '../../../src/revenue/counters.ts';
import { ZERO_COUNTER } from '../../../src/revenue/counters.ts';
import type {
  EventApplication,
  EventLoan,
  EventPayment,
  MoneyEvent,
  PricedLine,
} from '../../../src/revenue/money-event.ts';
import type { PricingHistory } from '../../../src/revenue/price-event.ts';
import type { StatementLine } from '../../../src/revenue/statement-line.ts';
import type { ContractTerms } from '../../../src/revenue/terms.ts';

/** An instant in Shanghai: `2026-01-20`, or `2026-01-20T10:00`. */
export function shanghai(at: string): number {
  return Date.parse(`${at.includes('T') ? at : `${at}T12:00`}:00+08:00`);
}

export function terms(over: Partial<ContractTerms> = {}): ContractTerms {
  return {
    id: 'acme-2026',
    contract: 'main',
    payer: 'operator',
    from: '2026-01-01',
    price_at: 'application',
    currency: 'CNY',
    timezone: 'Asia/Shanghai',
    cycle: 'month_end',
    accept_days: 5,
    payout: { days: 15, min: 10_000, invoice: 'none' },
    tax: { rate: '0.06', mode: 'exclusive' },
    withhold: { rate: '0' },
    rounding: 'half_even',
    rules: [{ id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' } }],
    clawback: [],
    ...over,
  };
}

export function application(over: Partial<EventApplication> = {}): EventApplication {
  return {
    id: 'app_1',
    partnerRef: 'ORDER-1',
    lenderRef: 'Q-1',
    productId: 'quick-cash',
    lenderId: 'quickcredit',
    funderId: 'harbour',
    linkCode: null,
    via: 'api',
    customer: 'new',
    acceptedAtMs: shanghai('2026-01-10'),
    applicantToken: 'token-1',
    pins: {},
    ...over,
  };
}

export function loan(over: Partial<EventLoan> = {}): EventLoan {
  return { id: 'loan_1', ordinal: 1, principal: 500_000n, currency: 'CNY', termMonths: 12, ...over };
}

export function payment(over: Partial<EventPayment> = {}): EventPayment {
  return { ref: 'P-1', no: 1, principal: 40_000n, interest: 7_500n, fees: [], penalty: 0n, payer: 'borrower', ...over };
}

export function event(over: Partial<MoneyEvent> = {}): MoneyEvent {
  const occurredAtMs = over.occurredAtMs ?? shanghai('2026-01-20');
  return {
    id: 'evt_1',
    type: 'loan.disbursed',
    occurredAtMs,
    recordedAtMs: occurredAtMs,
    counterparty: 'acme',
    application: application(),
    loan: loan(),
    payment: null,
    ...over,
  };
}

export function history(
  over: { seen?: string[]; lines?: PricedLine[]; counters?: Record<string, CounterValue> } = {},
): PricingHistory {
  return {
    onceKeysSeen: (key) => over.seen?.includes(key) ?? false,
    linesOf: (id) => (over.lines ?? []).filter((line) => line.applicationId === id || line.loanId === id),
    counter: (key) => over.counters?.[key] ?? ZERO_COUNTER,
  };
}

/** The line that booking a draft makes. */
export function lineOf(draft: CommissionDraft, from: MoneyEvent, over: Partial<PricedLine> = {}): PricedLine {
  return {
    id: draft.transferId,
    contract: draft.contract,
    termsId: draft.termsId,
    rule: draft.rule,
    on: draft.on,
    kind: draft.kind === 'void' ? 'clawback' : draft.kind,
    status: draft.holdUntilMs === null ? 'payable' : 'pending',
    amount: draft.amount,
    currency: draft.currency,
    occurredAtMs: from.occurredAtMs,
    payableAtMs: draft.payableAtMs,
    holdUntilMs: draft.holdUntilMs,
    applicationId: from.application?.id ?? null,
    loanId: from.loan?.id ?? null,
    paymentRef: from.payment?.ref ?? null,
    reverses: draft.reverses,
    ...over,
  };
}

export function statementLine(over: Partial<StatementLine> = {}): StatementLine {
  return {
    commission_id: 'com_1',
    period: '2026-01-01',
    kind: 'accrual',
    rule: 'first',
    on: 'loan.disbursed',
    partner_ref: 'ORDER-1',
    application_id: 'app_1',
    loan_id: 'loan_1',
    lender_ref: 'Q-1',
    payment_ref: null,
    occurred_at: '2026-01-05T04:00:00.000Z',
    payable_at: '2026-01-05T04:00:00.000Z',
    base: 500_000,
    rate: '1.5',
    amount: 7_500,
    currency: 'CNY',
    reverses: null,
    reason: null,
    ...over,
  };
}
