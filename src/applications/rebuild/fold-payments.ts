import type { LogEvent } from '../../events/event.ts';
import type { DatedPayment } from '../lifecycle/dated.ts';
import { instalmentPaid } from '../lifecycle/loan-payments.ts';
import type { Application, Loan, Payment } from '../model.ts';
import type { Repayment } from '../repayments/repayment.ts';
import { changeLoan, dataOf, type FoldStep } from './fold-step.ts';

/** Events of what is paid on loans, and of what partners ask to have paid. */
export const PAYMENT_STEPS = {
  'installment.paid': (application, event) => {
    const { loan_id, currency: _, lender_ref: __, ...amounts } = dataOf<Paid>(event);
    const payment: Payment = { ...amounts, reversed: false };
    return changeLoan(application, loan_id, (loan) => paidBy(loan, [...loan.payments, payment].sort(byTime)));
  },
  'installment.reversed': (application, event) => {
    const { loan_id, payment_ref } = dataOf<{ readonly loan_id: string; readonly payment_ref: string }>(event);
    return changeLoan(application, loan_id, (loan) => {
      const reversed = { reversed: true, reversed_at: event.occurred_at };
      const payments = loan.payments.map((one): DatedPayment => {
        return one.payment_ref === payment_ref ? { ...one, ...reversed } : one;
      });
      return paidBy(loan, payments);
    });
  },
  'repayment.requested': (application, event) => {
    const { loan_id, repayment_id: id, currency: _, ...asked } = dataOf<Requested>(event);
    const at = event.occurred_at;
    const began = { status: 'pending', reason: null, payment_refs: [], created_at: at, updated_at: at } as const;
    const repayment: Repayment = { ...asked, ...began, id };
    return changeLoan(application, loan_id, (loan) => ({
      ...loan,
      repayments: [...(loan.repayments ?? []), repayment],
    }));
  },
  'repayment.succeeded': (application, event) => {
    const { payment_refs } = dataOf<Pick<Repayment, 'payment_refs'>>(event);
    return changeRepayment(application, event, { status: 'succeeded', payment_refs });
  },
  'repayment.failed': (application, event) => {
    const { reason } = dataOf<Pick<Repayment, 'reason'>>(event);
    return changeRepayment(application, event, { status: 'failed', reason });
  },
} as const satisfies Readonly<Record<string, FoldStep>>;

interface Paid extends Omit<Payment, 'reversed'> {
  readonly loan_id: string;
  readonly currency: string;
  readonly lender_ref?: string;
}

interface Requested
  extends Pick<Repayment, 'partner_ref' | 'installments' | 'nos' | 'amount' | 'card_id' | 'known_refs'> {
  readonly loan_id: string;
  readonly repayment_id: string;
  readonly currency: string;
}

function paidBy(loan: Loan, payments: readonly Payment[]): Loan {
  return { ...loan, payments, schedule: loan.schedule.map((item) => instalmentPaid(item, payments)) };
}

function byTime(one: Payment, other: Payment): number {
  const [before, after] = [`${one.paid_at} ${one.payment_ref}`, `${other.paid_at} ${other.payment_ref}`];
  return before < after ? -1 : 1;
}

/** A debit of the lender's own that fails is nobody's repayment. */
function changeRepayment(application: Application, event: LogEvent, change: Partial<Repayment>): Application {
  const { loan_id, repayment_id } = dataOf<{ readonly loan_id: string; readonly repayment_id: string | null }>(event);
  return changeLoan(application, loan_id, (loan) => {
    if (loan.repayments === undefined || repayment_id === null) return loan;
    const repayments = loan.repayments.map((one) => {
      return one.id === repayment_id ? { ...one, ...change, updated_at: event.occurred_at } : one;
    });
    return { ...loan, repayments };
  });
}
