import type { Application, Loan } from '../applications/model.ts';
import { type LenderMessage, messageEffects } from '../applications/push/lender-message.ts';
import { localPayoff, type Payoff, type PayoffResult } from '../applications/repayments/payoff.ts';
import type { AskedInstalments, Repayment } from '../applications/repayments/repayment.ts';
import {
  knownRepayment,
  type RepaymentRequest,
  type RepaymentResult,
  requestRepayment,
} from '../applications/repayments/request-repayment.ts';
import { SECOND_MS } from '../base/clock.ts';
import { derivedIdBeside } from '../base/ids.ts';
import type { IntakeDeps } from './intake-deps.ts';
import {
  type LenderPayoffFailure,
  payoffTerms,
  quoteRepayment,
  type RepayableLoan,
  stillHolds,
} from './quote-repayment.ts';

/** A repayment as it arrives. */
export interface RepayInput {
  /** The partner's reference: the same again is a retry. */
  readonly partner_ref: string;
  readonly installments: AskedInstalments;
  readonly card_id?: string | undefined;
  readonly return_url?: string | undefined;
}

export type RepayResult = RepaymentResult | LenderPayoffFailure;

/** How long the caller waits for the lender to take it; the outbox goes on from there. */
const TELL_DEADLINE_MS = 3 * SECOND_MS;
/** Payments came in between this often in a row while a lender was asked: somebody is paying this loan right now. */
const ASK_LIMIT = 3;

/**
 * Asks the lender to collect some instalments of a loan. It is written down with its message to the lender, which is told at
 * once; what the lender answers in time is in the repayment that comes back. The same request again finds the repayment.
 */
export async function repay(deps: IntakeDeps, repayable: RepayableLoan, input: RepayInput): Promise<RepayResult> {
  const { application, loan, product } = repayable;
  const request: RepaymentRequest = {
    id: derivedIdBeside('rep', application.id, loan.id, input.partner_ref),
    partnerRef: input.partner_ref,
    installments: input.installments,
    cardId: input.card_id ?? null,
  };
  const known = knownRepayment(application, loan, request);
  if (known) return known;
  await deps.store.bindObject(request.id, application.id);
  let current = repayable;
  for (let attempt = 0; attempt < ASK_LIMIT; attempt += 1) {
    const asked = product?.quotes === 'lender' ? await quoteRepayment(deps, current, input.installments) : undefined;
    if (asked?.ok === false) return asked;
    const written = await write(deps, { repayable: current, request, returnUrl: input.return_url }, asked?.payoff);
    if (written.kind === 'decided') {
      const { result } = written;
      return result.ok && !result.replayed ? tell(deps, result) : result;
    }
    current = { ...repayable, application: written.application, loan: written.loan };
  }
  return { ok: false, kind: 'lender_unavailable', detail: 'payments of this loan are coming in: ask again' };
}

interface Wanted {
  readonly repayable: RepayableLoan;
  readonly request: RepaymentRequest;
  readonly returnUrl: string | undefined;
}

type Written =
  | { readonly kind: 'decided'; readonly result: RepaymentResult }
  /** What the lender was asked for is no longer what is unpaid. */
  | { readonly kind: 'stale'; readonly application: Application; readonly loan: Loan };

/** @param asked the lender's payoff; undefined = it is reckoned by us, on the loan as it is when it is written */
async function write(
  deps: IntakeDeps,
  { repayable, request, returnUrl }: Wanted,
  asked: Payoff | undefined,
): Promise<Written> {
  const nowMs = deps.clock.nowMs();
  const { id } = repayable.application;
  const changed = await deps.store.change<Written>(id, (application) => {
    const loan = application.loans.find((each) => each.id === repayable.loan.id);
    if (loan === undefined) throw new Error(`loan ${repayable.loan.id} is not there`);
    if (asked && !knownRepayment(application, loan, request) && !stillHolds(asked, loan)) {
      return { events: [], result: { kind: 'stale', application, loan } };
    }
    const payoffOf = (): PayoffResult => {
      if (asked) return { ok: true, payoff: asked };
      return localPayoff(loan, request.installments, payoffTerms({ ...repayable, application, loan }), nowMs);
    };
    const result = requestRepayment(application, loan, request, nowMs, payoffOf);
    if (!result.ok || result.replayed) return { events: [], result: { kind: 'decided', result } };
    const message = messageOf(application, loan, result.repayment, returnUrl);
    const effects = messageEffects(deps.sealer, application, message, deps.realClock.nowMs());
    const { application: after, events } = result;
    return { application: after, events, effects, adds: true, result: { kind: 'decided', result } };
  });
  if (changed === undefined) throw new Error(`application ${id} is not there`);
  return changed.result;
}

/** Tells the lender while the caller waits, and reads what has come of it. */
async function tell(
  deps: IntakeDeps,
  result: Extract<RepaymentResult, { readonly ok: true }>,
): Promise<RepaymentResult> {
  const { application, loan, repayment } = result;
  const id = deliveryIdOf(application, repayment);
  await deps.calls.sendNow({ id, kind: 'repayment', applicationId: application.id }, TELL_DEADLINE_MS);
  const after = (await deps.store.load(application.id))?.application;
  const told = after?.loans.find((each) => each.id === loan.id);
  const latest = told?.repayments?.find((each) => each.id === repayment.id);
  return after && told && latest ? { ...result, application: after, loan: told, repayment: latest } : result;
}

/** One for ever: however often it is sent, it is the same message. */
function deliveryIdOf(application: Application, repayment: Repayment): string {
  return derivedIdBeside('dlv', application.id, 'repayment', repayment.id);
}

function messageOf(
  application: Application,
  loan: Loan,
  repayment: Repayment,
  returnUrl: string | undefined,
): LenderMessage & { readonly deliveryId: string } {
  const { id, partner_ref, installments, amount, card_id, created_at } = repayment;
  return {
    kind: 'repayment',
    about: { loan_id: loan.id, repayment_id: id },
    body: {
      loan_id: loan.id,
      loan_ref: loan.lender_ref,
      repayment_id: id,
      partner_ref,
      installments,
      amount: { amount, currency: loan.amount.currency },
      card_id,
      return_url: returnUrl ?? null,
      requested_at: created_at,
    },
    deliveryId: deliveryIdOf(application, repayment),
  };
}
