import { HOUR_MS, isoOf, msOf } from '../../base/clock.ts';
import type { DraftEvent } from '../context.ts';
import { cardFor } from '../lifecycle/cards.ts';
import { withLoan } from '../lifecycle/decision.ts';
import type { Application, Loan } from '../model.ts';
import type { Payoff, PayoffResult } from './payoff.ts';
import { type AskedInstalments, CLOCK_SKEW_MS, type Repayment } from './repayment.ts';
import { type RepaymentProblem, repaymentProblem } from './select-instalments.ts';
import { isPending } from './with-repayments.ts';

/** A repayment as a partner asks for it. */
export interface RepaymentRequest {
  /** derivedIdBeside('rep', loan id, partner_ref) */
  readonly id: string;
  readonly partnerRef: string;
  readonly installments: AskedInstalments;
  /** The card that was named; null = none was. */
  readonly cardId: string | null;
}

export type RepaymentResult =
  | {
      readonly ok: true;
      /** The repayment was there: nothing is to be written or sent. */
      readonly replayed: boolean;
      readonly repayment: Repayment;
      readonly loan: Loan;
      readonly application: Application;
      readonly events: readonly DraftEvent[];
    }
  | RepaymentProblem;

/**
 * A repayment that nobody has heard of for a day keeps the next one off no longer. It stays pending: should its payment come
 * after all, it has succeeded.
 */
const PENDING_BLOCKS_MS = 24 * HOUR_MS;

/** Repayments of one loan, failed ones too. */
export const REPAYMENTS_MAX = 1_000;

/**
 * Takes down a repayment of a loan; the same request again finds it. Two that would pay the same instalment are never under
 * way at once.
 * @param payoffOf what it takes now; asked for a new repayment only
 */
export function requestRepayment(
  application: Application,
  loan: Loan,
  request: RepaymentRequest,
  nowMs: number,
  payoffOf: () => PayoffResult,
): RepaymentResult {
  const known = knownRepayment(application, loan, request);
  if (known) return known;
  if (request.cardId !== null && cardFor(application, request.cardId) === undefined) {
    return repaymentProblem(422, 'card_unknown', '/card_id', 'is no active card of this application');
  }
  if ((loan.repayments?.length ?? 0) >= REPAYMENTS_MAX) {
    return repaymentProblem(409, 'limit_reached', '', `the loan has had ${REPAYMENTS_MAX} repayments`);
  }
  const found = payoffOf();
  if (!found.ok) return found;
  const { payoff } = found;
  const blocking = loan.repayments?.find((each) => isBlocking(each, payoff, nowMs));
  if (blocking) {
    const message = `repayment ${blocking.id} of the same instalments is pending: wait for its outcome`;
    return repaymentProblem(409, 'repayment_pending', '', message);
  }
  // Where no card is named, the lender debits the one that the loan was paid out to.
  const loanCard = loan.card_id === undefined ? undefined : cardFor(application, loan.card_id);
  const cardId = request.cardId ?? loanCard?.id ?? null;
  const repayment = newRepayment(loan, { ...request, cardId }, payoff, nowMs);
  const changed: Loan = { ...loan, repayments: [...(loan.repayments ?? []), repayment] };
  return {
    ok: true,
    replayed: false,
    repayment,
    loan: changed,
    application: withLoan(application, changed),
    events: [requested(loan, repayment)],
  };
}

/** The repayment of this reference, or why the reference cannot be used; undefined when it is new. */
export function knownRepayment(
  application: Application,
  loan: Loan,
  { id, installments, cardId }: RepaymentRequest,
): RepaymentResult | undefined {
  const repayment = loan.repayments?.find((each) => each.id === id);
  if (repayment === undefined) return undefined;
  const isSame = String(repayment.installments) === String(installments);
  if (!isSame || (cardId !== null && repayment.card_id !== cardId)) {
    const message = 'this partner_ref stands for another repayment of this loan';
    return repaymentProblem(422, 'idempotency_conflict', '/partner_ref', message);
  }
  return { ok: true, replayed: true, repayment, loan, application, events: [] };
}

function newRepayment(loan: Loan, request: RepaymentRequest, { nos, amount }: Payoff, nowMs: number): Repayment {
  const at = isoOf(nowMs);
  const since = isoOf(nowMs - CLOCK_SKEW_MS);
  return {
    id: request.id,
    partner_ref: request.partnerRef,
    status: 'pending',
    reason: null,
    installments: request.installments,
    nos,
    amount,
    card_id: request.cardId,
    known_refs: loan.payments.filter(({ paid_at }) => paid_at >= since).map(({ payment_ref }) => payment_ref),
    payment_refs: [],
    created_at: at,
    updated_at: at,
  };
}

function requested(loan: Loan, repayment: Repayment): DraftEvent {
  const { id, partner_ref, installments, nos, amount, card_id, known_refs, created_at } = repayment;
  const data = {
    loan_id: loan.id,
    repayment_id: id,
    partner_ref,
    installments,
    nos,
    amount,
    currency: loan.amount.currency,
    card_id,
    known_refs,
  };
  return { type: 'repayment.requested', occurred_at: created_at, data };
}

function isBlocking(repayment: Repayment, { nos }: Payoff, nowMs: number): boolean {
  const isFresh = nowMs - msOf(repayment.created_at) < PENDING_BLOCKS_MS;
  return isPending(repayment) && isFresh && repayment.nos.some((no) => nos.includes(no));
}
