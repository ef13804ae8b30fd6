import { z } from 'zod';
import { SECOND_MS } from '../../base/clock.ts';
import { instantSchema } from '../lifecycle/lender-event-data.ts';
import { withoutIdentities } from '../without-identities.ts';

const REFERENCE_MAX = 128;
const TEXT_MAX = 500;

/** Answers are kept in the open. */
function kept(text: string): string {
  return withoutIdentities(text);
}

/** What a core answers to a delivery. Fields that we do not know are ignored. */
export const pushAnswerSchema = z.object({
  result: z.enum(['accepted', 'duplicate', 'rejected']),
  lender_ref: z.string().min(1).max(REFERENCE_MAX).nullish(),
  reason: z.string().min(1).max(TEXT_MAX).transform(kept).nullish(),
  detail: z.string().max(TEXT_MAX).transform(kept).nullish(),
  retry_at: instantSchema.nullish(),
  /** With a wrong code: how many more may be tried. */
  tries_left: z.int().min(0).nullish(),
  next_action: z.record(z.string(), z.unknown()).nullish(),
});
export type PushAnswer = z.output<typeof pushAnswerSchema>;

/** What became of one attempt. */
export type PushOutcome =
  | { readonly kind: 'answered'; readonly answer: PushAnswer }
  /** To be sent again under the same id. `unwell` = the core itself is in trouble, which the circuit breaker counts. */
  | {
      readonly kind: 'retry';
      readonly error: string;
      readonly status: number | null;
      readonly unwell: boolean;
      readonly retryAfterMs: number;
    }
  /** Sending it again cannot help: an operator must look. */
  | { readonly kind: 'dead'; readonly error: string; readonly status: number | null };

/** An HTTP answer as far as it matters here. */
export interface CoreResponse {
  readonly status: number;
  /** Value of Retry-After, if given. */
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** 408 timeout, 409 still busy with the same id, 425 too early, 429 too many: the same message may pass later. */
const RETRIED_CLIENT_ERRORS: ReadonlySet<number> = new Set([408, 409, 425, 429]);

/** Decides what an answer of a core means for its delivery. */
export function judgeResponse(response: CoreResponse): PushOutcome {
  const { status } = response;
  if (status === 200 || status === 202) return judgeAnswer(response);
  if (status >= 500 || RETRIED_CLIENT_ERRORS.has(status)) {
    const retryAfterMs = readRetryAfter(response.retryAfter);
    return { kind: 'retry', error: `http_${status}`, status, unwell: status >= 500, retryAfterMs };
  }
  // A core that once said 2xx may hold the application, so an unusual 2xx is asked again rather than given up.
  if (status >= 200 && status < 300) return invalid(status, 'unexpected_status');
  return { kind: 'dead', error: `http_${status}`, status };
}

function judgeAnswer({ status, body }: CoreResponse): PushOutcome {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return invalid(status, 'answer_not_json');
  }
  const parsed = pushAnswerSchema.safeParse(json);
  if (parsed.success) return { kind: 'answered', answer: parsed.data };
  // Only where, never what: the answer may repeat personal data.
  const places = new Set(parsed.error.issues.map((issue) => `/${issue.path.join('/')}`));
  return invalid(status, `answer_invalid ${[...places].join(' ')}`);
}

function invalid(status: number, error: string): PushOutcome {
  return { kind: 'retry', error, status, unwell: false, retryAfterMs: 0 };
}

/** Only the seconds form (RFC 9110 §10.2.3): a date would have to trust the core's clock. */
function readRetryAfter(value: string | undefined): number {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * SECOND_MS : 0;
}
