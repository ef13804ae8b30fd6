import { z } from 'zod';
import { outstandingPrincipal } from '../applications/lifecycle/available.ts';
import type { DatedCredit } from '../applications/lifecycle/dated.ts';
import type { Application, Loan } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/offer.ts';
import { judgePayoffAnswer } from '../applications/repayments/judge-payoff-answer.ts';
import { localPayoff, type Payoff, type PayoffResult, type PayoffTerms } from '../applications/repayments/payoff.ts';
import type { AskedInstalments } from '../applications/repayments/repayment.ts';
import { repaymentProblem, selectInstalments } from '../applications/repayments/select-instalments.ts';
import { SECOND_MS } from '../base/clock.ts';
import { DEFAULT_TIMEZONE } from '../registry/schema/scalars.ts';
import type { IntakeDeps } from './intake-deps.ts';

/** Why a lender's payoff is not known now. */
export type LenderPayoffFailure =
  /** Its core is away, slow or unwell. */
  | { readonly ok: false; readonly kind: 'lender_unavailable'; readonly detail: string }
  /** It answered what contradicts itself or the question. */
  | { readonly ok: false; readonly kind: 'lender_quote_invalid'; readonly detail: string }
  /** It takes no such repayment; `code` and `detail` are its own words. */
  | { readonly ok: false; readonly kind: 'lender_refused'; readonly code: string; readonly detail: string };

export type RepaymentQuoteResult = PayoffResult | LenderPayoffFailure;

/** A loan as its repayments are reckoned. */
export interface RepayableLoan {
  readonly application: Application;
  readonly loan: Loan;
  /** Undefined when nothing is known of it any more: then we reckon ourselves, without its rate. */
  readonly product: AcceptedProduct | undefined;
}

/** A person waits for the answer. */
const DEADLINE_MS = 3 * SECOND_MS;
const OK = 200;
const UNPROCESSABLE = 422;
/** Answers that say "not now" rather than "not so". */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

const refusalSchema = z.object({
  code: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/),
  detail: z.string().max(500).nullish(),
});

/**
 * What it takes to repay some instalments of a loan now: by the lender's word where it quotes for the product itself, else by
 * our own reckoning. Changes nothing anywhere.
 */
export async function quoteRepayment(
  deps: Pick<IntakeDeps, 'calls' | 'clock'>,
  repayable: RepayableLoan,
  asked: AskedInstalments,
): Promise<RepaymentQuoteResult> {
  if (repayable.product?.quotes === 'lender') return askLenderPayoff(deps, repayable, repayable.product.id, asked);
  return localPayoff(repayable.loan, asked, payoffTerms(repayable), deps.clock.nowMs());
}

/**
 * By what we reckon: the price of the loan's term under its credit, else the product's. A credit that was priced anew since
 * the payout says nothing of the loan: then its schedule alone does.
 */
export function payoffTerms({ application, loan, product }: RepayableLoan): PayoffTerms {
  const credit: DatedCredit | null = application.credit;
  const price = credit?.pricing?.find(({ term }) => term === loan.term);
  const isPricedSince = (credit?.set_at?.pricing ?? '') > (loan.disbursed_at ?? '');
  const rate = price === undefined ? product?.rate : { annual: price.annual };
  return { rate: isPricedSince ? undefined : rate, timezone: product?.timezone ?? DEFAULT_TIMEZONE };
}

/** The lender's payoff for the instalments of now; what they are is ours to say, before it is asked. */
async function askLenderPayoff(
  deps: Pick<IntakeDeps, 'calls' | 'clock'>,
  { application, loan }: RepayableLoan,
  productId: string,
  asked: AskedInstalments,
): Promise<RepaymentQuoteResult> {
  const selected = selectInstalments(loan, asked);
  if (!selected.ok) return selected;
  const reply = await deps.calls.ask({
    lenderId: application.lender_id,
    productId,
    path: '/quotes',
    body: {
      product_id: productId,
      application_id: application.id,
      lender_ref: application.lender_ref,
      loan_id: loan.id,
      loan_ref: loan.lender_ref,
      installments: asked,
    },
    timeoutMs: DEADLINE_MS,
  });
  if (reply.kind === 'unavailable') return unavailable(`the lender cannot be asked now (${reply.cause})`);
  const { status, json } = reply;
  if (status >= 500 || PASSING.has(status)) return unavailable(`the lender answered ${status}`);
  if (status === UNPROCESSABLE) return refusal(json);
  if (status !== OK) return invalid(`the lender answered ${status}`);
  const judged = judgePayoffAnswer(json, {
    installments: asked,
    nos: selected.items.map(({ no }) => no),
    currency: loan.amount.currency,
    outstanding: outstandingPrincipal(loan),
    nowMs: deps.clock.nowMs(),
  });
  return judged.ok ? judged : invalid(judged.detail);
}

/** Whether a payoff is still for what is unpaid now. */
export function stillHolds(payoff: Payoff, loan: Loan): boolean {
  const selected = selectInstalments(loan, payoff.installments);
  return selected.ok && String(selected.items.map(({ no }) => no)) === String(payoff.nos);
}

function refusal(json: unknown): RepaymentQuoteResult {
  const parsed = refusalSchema.safeParse(json);
  if (!parsed.success) return invalid('the lender answered 422 without a code');
  const { code, detail } = parsed.data;
  if (code === 'nothing_due') return repaymentProblem(409, code, '', detail ?? 'the lender says that nothing is due');
  return { ok: false, kind: 'lender_refused', code, detail: detail ?? 'the lender takes no such repayment' };
}

function unavailable(detail: string): LenderPayoffFailure {
  return { ok: false, kind: 'lender_unavailable', detail };
}

function invalid(detail: string): LenderPayoffFailure {
  return { ok: false, kind: 'lender_quote_invalid', detail };
}
