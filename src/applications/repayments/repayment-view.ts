import { actionView } from '../lifecycle/action-view.ts';
import { openActionOf } from '../lifecycle/actions.ts';
import type { Application, Loan, Money } from '../model.ts';
import type { Payoff } from './payoff.ts';
import type { Repayment } from './repayment.ts';

export type RepaymentView = Readonly<Record<string, unknown>> & { readonly id: string; readonly status: string };

/** A repayment as the contract shows it. */
export function repaymentView(application: Application, loan: Loan, repayment: Repayment): RepaymentView {
  const { id, partner_ref, status, reason, installments, amount, card_id, payment_refs } = repayment;
  return {
    id,
    loan_id: loan.id,
    partner_ref,
    status,
    reason,
    installments,
    amount: { amount, currency: loan.amount.currency },
    card_id,
    payment_refs,
    next_action: actionView(openActionOf(application, { repayment_id: id })),
    created_at: repayment.created_at,
    updated_at: repayment.updated_at,
  };
}

export type PayoffView = Readonly<Record<string, unknown>> & { readonly source: 'local' | 'lender' };

/** What paying takes, as the contract shows it. */
export function payoffView(payoff: Payoff): PayoffView {
  const money = (amount: number): Money => ({ amount, currency: payoff.currency });
  return {
    installments: payoff.installments,
    source: payoff.source,
    amount: money(payoff.amount),
    principal: money(payoff.principal),
    interest: money(payoff.interest),
    fees: payoff.fees.map((fee) => ({ ...fee, amount: money(fee.amount) })),
    penalty: money(payoff.penalty),
    waived: money(payoff.waived),
    valid_until: payoff.valid_until,
  };
}
