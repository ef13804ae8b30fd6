import { z } from 'zod';
import { isoOf } from '../base/clock.ts';
import type { SigningKey } from '../trust/import-key.ts';
import type { LenderHttp } from './lender-http.ts';
import type { Transmission } from './story/transmissions.ts';

/** What the gateway answered to one transmission; `waits` = it is to be sent again. */
export type EventAnswer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'waits' };

/** Where events go. */
export interface EventsTarget {
  readonly http: LenderHttp;
  /** The gateway's `/lender/v1/events`, absolute. */
  readonly url: string;
  readonly signingKey: SigningKey;
}

const answerSchema = z.object({
  results: z.array(
    z.object({
      id: z.string().nullish(),
      result: z.enum(['applied', 'duplicate', 'held', 'rejected']),
      code: z.string().nullish(),
    }),
  ),
});

const BATCH_MAX_EVENTS = 500;
/** The door takes 256 KiB; room is left for the frame around the events. */
const BATCH_MAX_BYTES = 240 * 1024;
/** The gateway's clock may lag behind ours for a moment: such an event is sent again. */
const SENT_AGAIN: ReadonlySet<string> = new Set(['occurred_in_future']);
/** The request itself is at fault: in smaller ones the fault is found. Anything else passes with time. */
const REQUEST_AT_FAULT: ReadonlySet<number> = new Set([400, 413, 422]);

/** The first transmissions whose events fit into one request, at least one. */
export function fitBatch(due: readonly Transmission[]): { readonly count: number; readonly body: string } {
  const texts: string[] = [];
  let bytes = 0;
  for (const { step } of due.slice(0, BATCH_MAX_EVENTS)) {
    const text = JSON.stringify({ ...step.event, occurred_at: isoOf(step.dueMs) });
    bytes += Buffer.byteLength(text) + 1;
    if (texts.length > 0 && bytes > BATCH_MAX_BYTES) break;
    texts.push(text);
  }
  return { count: texts.length, body: `{"events":[${texts.join(',')}]}` };
}

/**
 * Posts the first transmissions that fit into one request.
 * @returns their answers, in order: so many have been dealt with
 * @throws when the gateway did not answer them: they are to be posted again
 */
export async function postEvents(target: EventsTarget, due: readonly Transmission[]): Promise<EventAnswer[]> {
  const { count, body } = fitBatch(due);
  const reply = await target.http.send('POST', target.url, body, target.signingKey);
  if (reply.status === 200) return readAnswers(reply.body, count);
  if (!REQUEST_AT_FAULT.has(reply.status)) throw new Error(`the gateway answered ${reply.status} to events`);
  if (count === 1) return [{ kind: 'refused', code: `http_${reply.status}` }];
  return postEvents(target, due.slice(0, Math.floor(count / 2)));
}

function readAnswers(body: string, count: number): EventAnswer[] {
  const { results } = answerSchema.parse(JSON.parse(body));
  if (results.length !== count) throw new Error('the gateway answered another number of events');
  return results.map(({ result, code }): EventAnswer => {
    if (result !== 'rejected') return { kind: 'taken' };
    if (SENT_AGAIN.has(code ?? '')) return { kind: 'waits' };
    return { kind: 'refused', code: code ?? 'unknown' };
  });
}
