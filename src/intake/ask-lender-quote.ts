import { z } from 'zod';
import type { Application, Money, TermUnit } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/product-as-accepted.ts';
import { judgeLenderQuote } from '../applications/quote/lender-quote.ts';
import type { Quote, QuoteRequest } from '../applications/quote/quote.ts';
import { SECOND_MS } from '../base/clock.ts';
import type { IntakeDeps } from './intake-deps.ts';

/** A loan to be quoted. */
export interface QuoteInput {
  readonly amount: Money;
  readonly term: number;
  readonly term_unit: TermUnit;
}

/** Why a lender's product has no quote now. */
export type LenderQuoteFailure =
  /** Its core is away, slow or unwell. */
  | { readonly ok: false; readonly kind: 'lender_unavailable'; readonly detail: string }
  /** It answered what no quote can be made of. */
  | { readonly ok: false; readonly kind: 'lender_quote_invalid'; readonly detail: string }
  /** It would cost more than the product's cap. */
  | { readonly ok: false; readonly kind: 'above_cap'; readonly detail: string }
  /** It makes no such loan; `code` and `detail` are its own words. */
  | { readonly ok: false; readonly kind: 'lender_refused'; readonly code: string; readonly detail: string };

export type LenderQuoteResult =
  | {
      readonly ok: true;
      readonly quote: Quote;
      readonly quoteRef: string | null;
      readonly statedApr: string | null;
      readonly validUntilMs: number | null;
    }
  | LenderQuoteFailure;

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

/** Asks a lender's core what a loan would cost, and checks its answer. Changes nothing anywhere. */
export async function askLenderQuote(
  deps: Pick<IntakeDeps, 'calls' | 'clock'>,
  asked: {
    readonly product: AcceptedProduct;
    readonly application: Application | null;
    readonly input: QuoteInput;
    readonly request: QuoteRequest;
  },
): Promise<LenderQuoteResult> {
  const { product, application, input, request } = asked;
  const { amount, term, term_unit } = input;
  const about = application === null ? {} : { application_id: application.id, lender_ref: application.lender_ref };
  const reply = await deps.calls.ask({
    lenderId: product.lender_id,
    productId: product.id,
    path: '/quotes',
    body: { product_id: product.id, ...about, amount, term, term_unit },
    timeoutMs: DEADLINE_MS,
  });
  if (reply.kind === 'unavailable') return unavailable(`the lender cannot be asked now (${reply.cause})`);
  const { status, json } = reply;
  if (status >= 500 || PASSING.has(status)) return unavailable(`the lender answered ${status}`);
  if (status === UNPROCESSABLE) return refusal(json);
  if (status !== OK) return invalid(`the lender answered ${status}`);
  const { currency, apr_cap } = product;
  const judged = judgeLenderQuote(json, { request, currency, apr_cap, nowMs: deps.clock.nowMs() });
  if (judged.ok) return judged;
  return judged.kind === 'above_cap' ? { ok: false, kind: 'above_cap', detail: judged.detail } : invalid(judged.detail);
}

function refusal(json: unknown): LenderQuoteResult {
  const parsed = refusalSchema.safeParse(json);
  if (!parsed.success) return invalid('the lender answered 422 without a code');
  const { code, detail } = parsed.data;
  return { ok: false, kind: 'lender_refused', code, detail: detail ?? 'the lender makes no such loan' };
}

function unavailable(detail: string): LenderQuoteFailure {
  return { ok: false, kind: 'lender_unavailable', detail };
}

function invalid(detail: string): LenderQuoteFailure {
  return { ok: false, kind: 'lender_quote_invalid', detail };
}
