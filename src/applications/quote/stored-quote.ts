import { MINUTE_MS } from '../../base/clock.ts';
import type { Money, TermUnit } from '../model.ts';

/** A quote of a drawdown, as far as the drawdown needs it. It names nobody. */
export interface StoredQuote {
  readonly id: string;
  readonly application_id: string;
  readonly product_id: string;
  readonly amount: Money;
  readonly term: number;
  readonly term_unit: TermUnit;
  readonly source: 'local' | 'lender';
  /** The lender's own name of its quote; null = it gave none. */
  readonly quote_ref: string | null;
  /** Minor units of `amount.currency`. */
  readonly received: number;
  readonly total: number;
  readonly apr: string;
  readonly apr_effective: string;
  /** RFC 3339, business time. */
  readonly issued_at: string;
  readonly valid_until: string;
}

/** What is drawn by a quote. */
export interface QuotedRequest {
  readonly amount: Money;
  readonly term: number;
  readonly termUnit: TermUnit;
}

export type QuoteFit =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly status: 409 | 422;
      readonly code: 'quote_expired' | 'quote_mismatch';
      readonly pointer: string;
      readonly message: string;
    };

/** However late in the day it is, a quote can be read, shown and accepted. */
const VALID_AT_LEAST_MS = 30 * MINUTE_MS;

/**
 * Until when a quote of ours holds, epoch ms: to the end of the business day, since due dates are counted from it, and for
 * half an hour at least.
 * @param dayEndsAtMs the end of the business day in the product's zone
 */
export function quoteEndsAt(nowMs: number, dayEndsAtMs: number): number {
  return Math.max(dayEndsAtMs, nowMs + VALID_AT_LEAST_MS);
}

/**
 * Whether a drawdown may cite a quote: it holds still, and it is for the same money and term. A retry of a drawdown that was
 * answered before is recognised before this is asked: an old quote does not undo a loan.
 * @param quote what was found under the id; undefined when there is none of this application, or no longer
 * @param nowMs business time
 */
export function quoteFits(quote: StoredQuote | undefined, request: QuotedRequest, nowMs: number): QuoteFit {
  if (quote === undefined) return expired('this application has no such quote, or it is long past');
  const { amount, term, term_unit: termUnit, valid_until: until } = quote;
  const differs = differing(quote, request);
  if (differs !== undefined) {
    const message = `the quote is for ${amount.amount} ${amount.currency} (minor units) over ${term} ${termUnit}s`;
    return { ok: false, status: 422, code: 'quote_mismatch', pointer: differs, message };
  }
  return Date.parse(until) <= nowMs ? expired(`the quote was valid until ${until}`) : { ok: true };
}

function differing(quote: StoredQuote, { amount, term, termUnit }: QuotedRequest): string | undefined {
  if (quote.amount.currency !== amount.currency) return '/amount/currency';
  if (quote.amount.amount !== amount.amount) return '/amount/amount';
  if (quote.term_unit !== termUnit) return '/term_unit';
  return quote.term === term ? undefined : '/term';
}

function expired(message: string): QuoteFit {
  return { ok: false, status: 409, code: 'quote_expired', pointer: '/quote_id', message };
}
