import { SECOND_MS } from '../../base/clock.ts';
import type { OutboundResult } from '../../outbound/create-outbound.ts';

/** What became of one attempt. */
export type Attempt =
  | { readonly kind: 'delivered'; readonly status: number }
  /** `error` is a stable word; `status` null = there was no answer. */
  | {
      readonly kind: 'failed';
      readonly status: number | null;
      readonly error: string;
      readonly retryAfterMs: number;
    }
  /** The endpoint is gone for good: nothing more is to be sent there. */
  | { readonly kind: 'gone'; readonly status: number; readonly error: string };

const GONE = 410;

/** 2xx = delivered; anything else, a redirect too, is sent again; 410 = never again. What an answer's body says is not read. */
export function judgeAnswer(result: OutboundResult): Attempt {
  if (!result.ok) return { kind: 'failed', status: null, error: result.code, retryAfterMs: 0 };
  const { status, headers } = result;
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  const error = `http_${status}`;
  if (status === GONE) return { kind: 'gone', status, error };
  return { kind: 'failed', status, error, retryAfterMs: retryAfterMs(headers['retry-after']) };
}

/** Only the seconds form (RFC 9110 §10.2.3): a date would have to trust their clock. */
function retryAfterMs(value: string | string[] | undefined): number {
  return typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) * SECOND_MS : 0;
}
