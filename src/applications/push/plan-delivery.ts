import type { Application, Loan } from '../model.ts';
import type { Delivery } from './delivery.ts';
import { isMessageKind, type MessageKind } from './message-kind.ts';

/** What to do with a delivery, given the application as it is now. */
export type DeliveryPlan =
  | { readonly do: 'send_application' }
  | { readonly do: 'send_loan'; readonly loan: Loan }
  /** Its body lies sealed beside the application. */
  | { readonly do: 'send_message'; readonly kind: MessageKind }
  /** Its application has to reach the lender first. */
  | { readonly do: 'wait' }
  /** Nobody needs it any more. */
  | { readonly do: 'drop' };

const OVER: ReadonlySet<string> = new Set(['screening', 'refused', 'credit_declined', 'cancelled', 'expired']);
const LOAN_OVER: ReadonlySet<string> = new Set(['declined', 'payout_failed', 'settled', 'written_off', 'cancelled']);

/**
 * A delivery leaves the outbox in the same step that applies its answer. One that is still there although the lender's
 * events have overtaken the answer is sent again, for the lender's reference, which only the answer carries.
 */
export function planDelivery(delivery: Delivery, application: Application): DeliveryPlan {
  if (isMessageKind(delivery.kind)) {
    // What has not reached the lender cannot be spoken of; a message outlives the application, as a cancellation must.
    return application.status === 'received' ? { do: 'wait' } : { do: 'send_message', kind: delivery.kind };
  }
  if (OVER.has(application.status)) return { do: 'drop' };
  if (delivery.kind === 'application') {
    return { do: application.lender_ref === null ? 'send_application' : 'drop' };
  }
  if (application.status === 'received') return { do: 'wait' };
  const loan = application.loans.find((candidate) => delivery.kind === 'loan' && candidate.id === delivery.loanId);
  if (!loan || loan.lender_ref !== null || LOAN_OVER.has(loan.status)) return { do: 'drop' };
  return { do: 'send_loan', loan };
}
