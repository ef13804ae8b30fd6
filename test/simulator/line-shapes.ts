import type { CommissionLine } from '../../src/revenue/commission-line.ts';
import type { ModelLine } from './books.ts';

/** A line of the model, to be held against what is stored. */
export function shapeOf(line: ModelLine) {
  return {
    ...{ contract: line.contract, kind: line.kind, terms: line.version, rule: line.rule, on: line.on },
    ...{ base: line.base, amount: line.amount, application: line.application, loan: line.loan },
    ...{ payment: line.payment, link: line.link, status: line.status, reason: line.reason },
    ...{ occurred: line.occurredAtMs, payable: line.payableAtMs, hold: line.holdUntilMs, reverses: line.reverses },
    ...{ period: line.period, original: line.originalPeriod, pending: line.pendingPeriod },
  };
}

/** The same of a stored line. */
export function storedShape(line: CommissionLine | undefined) {
  if (line === undefined) return undefined;
  return {
    ...{ contract: line.contract, kind: line.kind, terms: line.terms_id, rule: line.rule, on: line.on },
    ...{ base: line.base, amount: line.amount, application: line.application_id, loan: line.loan_id },
    ...{ payment: line.payment_ref, link: line.link_code, status: line.status, reason: line.reason },
    ...{ occurred: Date.parse(line.occurred_at), payable: Date.parse(line.payable_at) },
    ...{ hold: line.hold_until === null ? null : Date.parse(line.hold_until), reverses: line.reverses },
    ...{ period: line.period, original: line.original_period, pending: line.pending_period },
    clawed_back: line.clawed_back,
  };
}
