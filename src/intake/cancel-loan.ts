import { type CoolingOff, cancelLoanDecision } from '../applications/lifecycle/cancel.ts';
import type { Application, Loan } from '../applications/model.ts';
import { derivedIdBeside } from '../base/ids.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { type AddressedMessage, sendMessage, writeMessage } from './send-message.ts';

export type CancelLoanResult =
  /** `accepted`: the lender agrees, its event ends the loan; `pending`: it has not answered yet. */
  | {
      readonly kind: 'asked';
      readonly status: 'accepted' | 'pending' | 'cancelled';
      readonly application: Application;
      readonly loan: Loan;
      readonly replayed: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'illegal'; readonly message: string };

/** Asks the lender to cancel a loan; it is written down first, and what the lender decides comes as its event. */
export async function cancelLoan(
  deps: IntakeDeps,
  application: Application,
  loanId: string,
  reason: string,
  cooling: CoolingOff,
): Promise<CancelLoanResult> {
  const nowMs = deps.clock.nowMs();
  const changed = await deps.store.change<Written>(application.id, (current) => {
    const loan = current.loans.find(({ id }) => id === loanId);
    if (loan === undefined) return { events: [], result: { kind: 'illegal', message: 'there is no such loan' } };
    const decision = cancelLoanDecision(current, loan, reason, cooling, nowMs);
    if (decision.kind === 'illegal') return { events: [], result: decision };
    if (decision.kind === 'replayed') return { events: [], result: { kind: 'replayed', loan } };
    const message = messageOf(current, loan, decision.cancellation);
    const effects = writeMessage(deps, current, message);
    return {
      application: decision.application,
      events: decision.events,
      effects,
      result: { kind: 'requested', message },
    };
  });
  if (changed === undefined) throw new Error(`application ${application.id} is not there`);
  const { result } = changed;
  if (result.kind === 'illegal') return result;
  if (result.kind === 'requested') await sendMessage(deps, application, result.message);
  const after = (await deps.store.load(application.id))?.application ?? changed.application;
  return outcome(after, loanId, result.kind === 'replayed');
}

type Written =
  | { readonly kind: 'requested'; readonly message: AddressedMessage }
  | { readonly kind: 'replayed'; readonly loan: Loan }
  | { readonly kind: 'illegal'; readonly message: string };

function outcome(application: Application, loanId: string, replayed: boolean): CancelLoanResult {
  const loan = application.loans.find(({ id }) => id === loanId);
  if (loan === undefined) return { kind: 'illegal', message: 'there is no such loan' };
  const asked = { kind: 'asked', application, loan, replayed } as const;
  if (loan.status === 'cancelled') return { ...asked, status: 'cancelled' };
  const { cancellation } = loan;
  if (cancellation?.status === 'refused')
    return { kind: 'refused', reason: cancellation.refused_for ?? 'lender_rejected' };
  return { ...asked, status: cancellation?.status ?? 'pending' };
}

function messageOf(
  { id }: Application,
  loan: Loan,
  { reason, attempts, requested_at }: NonNullable<Loan['cancellation']>,
): AddressedMessage {
  return {
    kind: 'cancellation',
    deliveryId: derivedIdBeside('dlv', id, 'cancellation', loan.id, String(attempts)),
    about: { loan_id: loan.id, attempt: attempts },
    body: {
      loan_id: loan.id,
      loan_ref: loan.lender_ref,
      reason,
      withdrawn_consents: [],
      cancelled_at: requested_at,
    },
  };
}
