import type { QuoteStore } from './quote-store.ts';
import type { StoredQuote } from './stored-quote.ts';

/**
 * The quote that a drawdown cites; undefined when this application has none of that id, or no longer. Whether it may be
 * drawn on says `quoteFits`.
 */
export function findQuote(
  deps: { readonly quotes: Pick<QuoteStore, 'find'> },
  applicationId: string,
  quoteId: string,
): Promise<StoredQuote | undefined> {
  return deps.quotes.find(applicationId, quoteId);
}
