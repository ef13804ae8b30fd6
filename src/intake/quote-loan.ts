import { availableCredit } from '../applications/lifecycle/available.ts';
import type { Application, TermUnit } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/product-as-accepted.ts';
import { creditOffer } from '../applications/quote/credit-offer.ts';
import {
  type QuotableProduct,
  type Quote,
  type QuoteProblem,
  quoteLocally,
  requestProblem,
} from '../applications/quote/quote.ts';
import { quoteEndsAt, type StoredQuote } from '../applications/quote/stored-quote.ts';
import { businessDayAt } from '../base/business-day.ts';
import { isoOf } from '../base/clock.ts';
import { derivedIdBeside, randomId } from '../base/ids.ts';
import { askLenderQuote, type LenderQuoteFailure, type QuoteInput } from './ask-lender-quote.ts';
import type { IntakeDeps } from './intake-deps.ts';

/** What may be asked for: minor units of `currency`, terms in `term_unit`. */
export interface AllowedLoans {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly terms: readonly number[];
  readonly term_unit: TermUnit;
  readonly currency: string;
}

export type QuoteResult =
  | {
      readonly ok: true;
      readonly id: string;
      readonly quote: Quote;
      /** RFC 3339, business time. */
      readonly validUntil: string;
      /** The lender's yearly rate where ours is another. */
      readonly statedApr: string | null;
    }
  | { readonly ok: false; readonly kind: 'unfit'; readonly problem: QuoteProblem; readonly allowed: AllowedLoans }
  | { readonly ok: false; readonly kind: 'credit_not_active'; readonly message: string }
  | LenderQuoteFailure;

type Deps = Pick<IntakeDeps, 'calls' | 'clock' | 'quotes'>;

/** What a loan of a product would cost, paid out today. Nothing can be drawn on it: there is no credit yet. */
export async function quoteProduct(deps: Deps, product: AcceptedProduct, input: QuoteInput): Promise<QuoteResult> {
  return quoteOffer(deps, { product, offer: product, application: null }, input);
}

/**
 * What a drawdown under an application's credit would cost, paid out today, by the credit's own limits and prices. The quote
 * is remembered: a drawdown may cite it while it holds.
 */
export async function quoteCredit(
  deps: Deps,
  application: Application,
  product: AcceptedProduct,
  input: QuoteInput,
): Promise<QuoteResult> {
  const drawable = creditOffer(application, product, input.term, deps.clock.nowMs());
  if (!drawable.ok) return { ok: false, kind: 'credit_not_active', message: drawable.message };
  return quoteOffer(deps, { product, offer: drawable.offer, application }, input);
}

interface Quotable {
  readonly product: AcceptedProduct;
  readonly offer: QuotableProduct;
  readonly application: Application | null;
}

async function quoteOffer(deps: Deps, quotable: Quotable, input: QuoteInput): Promise<QuoteResult> {
  const { product, offer, application } = quotable;
  const nowMs = deps.clock.nowMs();
  const today = businessDayAt(nowMs, product.timezone);
  const request = {
    amount: BigInt(input.amount.amount),
    term: input.term,
    termUnit: input.term_unit,
    startOn: today.day,
  };
  const unfit = unfitFor(quotable, input) ?? requestProblem(offer, request);
  if (unfit) return { ok: false, kind: 'unfit', problem: unfit, allowed: allowedOf(offer) };
  let validUntilMs = quoteEndsAt(nowMs, today.endsAtMs);
  let quoted: { quote: Quote; quoteRef: string | null; statedApr: string | null };
  if (product.quotes === 'lender') {
    const asked = await askLenderQuote(deps, { product, application, input, request });
    if (!asked.ok) return asked;
    validUntilMs = asked.validUntilMs ?? validUntilMs;
    quoted = asked;
  } else {
    const local = quoteLocally(offer, request);
    if (!local.ok) return { ok: false, kind: 'unfit', problem: local.problem, allowed: allowedOf(offer) };
    quoted = { quote: local.quote, quoteRef: null, statedApr: null };
  }
  const { quote, quoteRef, statedApr } = quoted;
  const validUntil = isoOf(validUntilMs);
  if (application === null) return { ok: true, id: randomId('quo'), quote, validUntil, statedApr };
  const stored = toStored({ application, input, quote, quoteRef, issuedAt: isoOf(nowMs), validUntil });
  await deps.quotes.save(stored);
  return { ok: true, id: stored.id, quote, validUntil, statedApr };
}

/** What only the setting can tell: another currency, or more than the credit has left. */
function unfitFor({ offer, application }: Quotable, { amount }: QuoteInput): QuoteProblem | undefined {
  if (amount.currency !== offer.currency) {
    return { code: 'currency_mismatch', pointer: '/amount/currency', message: `must be ${offer.currency}` };
  }
  if (application === null) return undefined;
  const available = availableCredit(application);
  if (amount.amount <= available) return undefined;
  const message = `only ${available} minor units are available`;
  return { code: 'over_available', pointer: '/amount/amount', message };
}

function allowedOf({ amount, term, currency }: QuotableProduct): AllowedLoans {
  return {
    min: Number(amount.min),
    max: Number(amount.max),
    step: Number(amount.step),
    terms: term.options,
    term_unit: term.unit,
    currency,
  };
}

interface Issued {
  readonly application: Application;
  readonly input: QuoteInput;
  readonly quote: Quote;
  readonly quoteRef: string | null;
  readonly issuedAt: string;
  readonly validUntil: string;
}

/** The same quote again has the same id. */
function toStored({ application, input, quote, quoteRef, issuedAt, validUntil }: Issued): StoredQuote {
  const { amount, term, term_unit } = input;
  const figures = [amount.amount, term, term_unit, quote.received, quote.total, quote.apr].map(String);
  const due = quote.schedule.map(({ dueOn, total }) => `${dueOn}:${total}`).join();
  return {
    id: derivedIdBeside('quo', application.id, ...figures, due, quoteRef ?? '', validUntil),
    application_id: application.id,
    product_id: application.product_id,
    amount,
    term,
    term_unit,
    source: quote.source,
    quote_ref: quoteRef,
    received: Number(quote.received),
    total: Number(quote.total),
    apr: quote.apr,
    apr_effective: quote.aprEffective,
    issued_at: issuedAt,
    valid_until: validUntil,
  };
}
