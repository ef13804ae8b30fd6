import { DateTime } from 'luxon';
import { type QuotableProduct, quoteLocally } from '../../applications/quote/quote.ts';
import { quoteToWire } from '../../applications/quote/quote-to-wire.ts';
import { isoOf, MINUTE_MS } from '../../base/clock.ts';
import { randomId } from '../../base/ids.ts';
import type { QuoteRequest, QuoteView } from '../schemas/quote-schema.ts';
import { inputProblem } from './input-problem.ts';

/** Due dates are counted from today: a quote is not good beyond what its reader can still call today. */
const VALID_MS = 30 * MINUTE_MS;

/**
 * Quotes a loan as if it were paid out today.
 * @param timezone IANA zone in which today is
 * @throws ProblemError 422 with the field to change
 */
export function quoteView(product: QuotableProduct, timezone: string, request: QuoteRequest, nowMs: number): QuoteView {
  const { amount, term, term_unit } = request;
  if (amount.currency !== product.currency) {
    const message = `must be ${product.currency}`;
    throw inputProblem([{ pointer: '/amount/currency', code: 'currency_mismatch', message }]);
  }
  const startOn = DateTime.fromMillis(nowMs, { zone: timezone }).toFormat('yyyy-MM-dd');
  const quoted = quoteLocally(product, { amount: BigInt(amount.amount), term, termUnit: term_unit, startOn });
  if (!quoted.ok) throw inputProblem([quoted.problem]);
  return { id: randomId('quo'), ...quoteToWire(quoted.quote), valid_until: isoOf(nowMs + VALID_MS) };
}
