import { quoteToWire } from '../../applications/quote/quote-to-wire.ts';
import { ProblemError } from '../../http/problem.ts';
import type { QuoteResult } from '../../intake/quote-loan.ts';
import type { QuoteView } from '../schemas/quote-schema.ts';
import { inputProblem } from './input-problem.ts';

/** Seconds after which a lender that was away may be asked again. */
const RETRY_AFTER_SECONDS = '5';

/** Problems that both operations may answer with, beside those of every signed request. */
export const quoteProblems = ['apr_above_cap', 'quote_refused', 'lender_quote_invalid', 'lender_unavailable'] as const;

/**
 * A quote as partners read it.
 * @throws ProblemError where there is none, with what would be possible
 */
export function quoteView(result: QuoteResult): QuoteView {
  if (!result.ok) throw quoteProblem(result);
  return { id: result.id, ...quoteToWire(result.quote), valid_until: result.validUntil };
}

function quoteProblem(result: Extract<QuoteResult, { ok: false }>): ProblemError {
  switch (result.kind) {
    case 'credit_not_active':
      return new ProblemError('credit_not_active', result.message);
    case 'above_cap':
      return new ProblemError('apr_above_cap', result.detail);
    case 'lender_refused': {
      const { code, detail } = result;
      return new ProblemError('quote_refused', detail, { errors: [{ pointer: '', code, message: detail }] });
    }
    case 'lender_quote_invalid':
      return new ProblemError('lender_quote_invalid', result.detail);
    case 'lender_unavailable':
      return new ProblemError('lender_unavailable', result.detail, { headers: { 'Retry-After': RETRY_AFTER_SECONDS } });
    case 'unfit':
      return unfitProblem(result);
  }
}

function unfitProblem({ problem, allowed }: Extract<QuoteResult, { kind: 'unfit' }>): ProblemError {
  const { code, message } = problem;
  const options = { errors: [problem], members: { allowed } };
  if (code === 'apr_above_cap' || code === 'over_available') return new ProblemError(code, message, options);
  const { detail } = inputProblem([problem]);
  return new ProblemError('validation_failed', detail, options);
}
