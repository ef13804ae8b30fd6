import { ProblemError } from '../../../http/problem.ts';
import type { RepaymentQuoteResult } from '../../../intake/quote-repayment.ts';
import type { RepayResult } from '../../../intake/repay.ts';
import { inputProblem } from '../input-problem.ts';

/** Seconds after which a lender that was away may be asked again. */
const RETRY_AFTER_SECONDS = '5';

/** Problems of both operations, beside those of every signed request. */
export const repaymentProblems = [
  'not_found',
  'nothing_due',
  'loan_not_running',
  'quote_refused',
  'lender_quote_invalid',
  'lender_unavailable',
] as const;

/** Why nothing is repaid, as a problem. */
export function repaymentProblem(
  result: Extract<RepaymentQuoteResult | RepayResult, { readonly ok: false }>,
): ProblemError {
  if ('kind' in result) {
    const { kind, detail } = result;
    if (kind === 'lender_refused') {
      return new ProblemError('quote_refused', detail, {
        errors: [{ pointer: '', code: result.code, message: detail }],
      });
    }
    const later = { headers: { 'Retry-After': RETRY_AFTER_SECONDS } };
    return new ProblemError(kind, detail, kind === 'lender_unavailable' ? later : {});
  }
  const { code, pointer, message } = result;
  switch (code) {
    case 'nothing_due':
    case 'loan_not_running':
    case 'repayment_pending':
    case 'limit_reached':
      return new ProblemError(code, message);
    case 'idempotency_conflict':
      return new ProblemError(code, message, { errors: [{ pointer, code, message }] });
    default:
      return inputProblem([{ pointer, code, message }]);
  }
}
