import type { Application, Loan } from '../model.ts';
import type { Delivery } from './delivery.ts';
import { isMessageKind, type MessageKind } from './message-kind.ts';

/** What to do with a delivery, given the application as it is now. */
export type DeliveryPlan =
  | { readonly do: 'send_application' }
  | { readonly do: 'send_loan'; readonly loan: Loan }
  /** Its body lies sealed beside the application. */
  | { readonly do: 'send_message'; readonly kind: MessageKind }
  /** Nobody needs it any more. */
  | { readonly do: 'drop' }
  /** The lender has never heard of the application and need not: neither of this nor of anything behind it. */
  | { readonly do: 'drop_all' };

/** What else is known of a delivery that is first in the queue of its application. */
export interface DeliveryPlace {
  /** Attempts so far: each may have reached the core, whatever came back. */
  readonly attempts: number;
  /** Whether a cancellation waits behind it. */
  readonly cancels: boolean;
}

const OVER: ReadonlySet<string> = new Set(['screening', 'refused', 'credit_declined', 'cancelled', 'expired']);

/**
 * A delivery leaves the outbox in the same step that applies its answer. One that is still there although the lender's
 * events have overtaken the answer is sent again, for the lender's reference, which only the answer carries: also where they
 * have ended the loan. A message outlives its application, as a cancellation must.
 */
export function planDelivery(delivery: Delivery, application: Application, place: DeliveryPlace): DeliveryPlan {
  if (isMessageKind(delivery.kind)) return { do: 'send_message', kind: delivery.kind };
  if (delivery.kind === 'application') return planApplication(application, place);
  if (OVER.has(application.status)) return { do: 'drop' };
  const loan = application.loans.find((candidate) => delivery.kind === 'loan' && candidate.id === delivery.loanId);
  if (!loan || loan.lender_ref !== null) return { do: 'drop' };
  return { do: 'send_loan', loan };
}

/**
 * What is over before it was tried is not sent, and where its partner has cancelled it, that is not told either. What was
 * tried may have arrived, so its answer is fetched first, with the reference: a cancellation of what the core has not stored
 * yet would be lost there.
 */
function planApplication({ lender_ref, status }: Application, { attempts, cancels }: DeliveryPlace): DeliveryPlan {
  if (lender_ref !== null || status === 'screening' || status === 'refused') return { do: 'drop' };
  if (!OVER.has(status) || attempts > 0) return { do: 'send_application' };
  return { do: status === 'cancelled' && cancels ? 'drop_all' : 'drop' };
}
