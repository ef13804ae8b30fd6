import { z } from 'zod';
import { MINUTE_MS } from '../../base/clock.ts';
import type { Lender } from '../../registry/schema/lender.ts';
import { type Refusal, type RefuseReason, refusal } from '../decision.ts';

/** Why there is no answer. The words are labels of metrics and of the log. */
export type MissingCause =
  /** Not within the lender's time. */
  | 'timeout'
  /** No connection, or it broke off. */
  | 'unreachable'
  /** A status other than 200. */
  | 'http_error'
  /** Not JSON, too long, or no decision in it. */
  | 'invalid'
  /** The breaker is open: it was not asked. */
  | 'open'
  /** Too many questions are under way to it: it was not asked. */
  | 'busy'
  /** The batch has taken its time: it was not asked. */
  | 'late'
  /** Nothing that we have of the subject is in a form that it understands: it was not asked. */
  | 'no_form'
  /** It has no core that can be reached from here: it was not asked. */
  | 'no_core';

export type LiveOutcome = 'accept' | 'refuse' | MissingCause;

/** What came of asking a lender. */
export type LiveVerdict =
  /** `provisional`: the lender has not said so; its `on_timeout` has. */
  { readonly decision: 'accept'; readonly provisional: boolean } | Refusal;

/** Read as far as it can be: who refuses without being able to say until when refuses all the same. */
const answerSchema = z.object({
  decision: z.enum(['accept', 'refuse']),
  reason: z.string().nullish().catch(null),
  detail: z.string().nullish().catch(null),
  retry_at: z.iso.datetime({ offset: true }).nullish().catch(null),
});

/** Reasons that mean the same here and there, with the details that each may carry. */
const SHARED_REASONS: ReadonlyMap<string, readonly [RefuseReason, readonly string[]]> = new Map([
  ['existing_customer', ['existing_customer', ['registered', 'has_credit', 'has_loan']]],
  ['recently_refused', ['recently_refused', []]],
  ['in_progress', ['in_progress', []]],
]);

/**
 * `other`, and every word that we do not know: the reason that says least about the person. It is also what a partner with
 * full disclosure reads instead of `blocked`, so nothing can be told from it.
 */
const UNKNOWN_REASON: RefuseReason = 'ineligible';

/** When asking again makes sense after no answer: a breaker has closed by then, a restart is over. */
export const ASK_AGAIN_MS = MINUTE_MS;

/**
 * Reads what a lender's core answered.
 * @param nowMs business time; a `retry_at` that has passed says nothing
 */
export function readLiveAnswer(
  { status, body }: { readonly status: number; readonly body: string },
  nowMs: number,
): LiveVerdict | MissingCause {
  if (status !== 200) return 'http_error';
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return 'invalid';
  }
  const read = answerSchema.safeParse(json);
  if (!read.success) return 'invalid';
  if (read.data.decision === 'accept') return { decision: 'accept', provisional: false };
  const { reason, detail, retry_at: retryAt } = read.data;
  const [ours, details] = SHARED_REASONS.get(reason ?? '') ?? [UNKNOWN_REASON, []];
  const retryMs = retryAt ? Date.parse(retryAt) : Number.NaN;
  return refusal(ours, {
    detail: detail && details.includes(detail) ? detail : null,
    retryAtMs: retryMs > nowMs ? retryMs : null,
  });
}

/**
 * What stands in for an answer that is missing. Refusing is `closed`/`paused` for a minute: it speaks of the lender, not of
 * the applicant, and whoever keeps refusals until `retry_at` loses nobody.
 */
export function withoutAnswer(onTimeout: Lender['precheck']['on_timeout'], nowMs: number): LiveVerdict {
  if (onTimeout === 'accept') return { decision: 'accept', provisional: true };
  return refusal('closed', { detail: 'paused', retryAtMs: nowMs + ASK_AGAIN_MS });
}
