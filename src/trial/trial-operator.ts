import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { SECOND_MS } from '../base/clock.ts';
import type { PostedEvent } from './judge-events.ts';
import type { TrialClock } from './play-stories.ts';
import type { ProbePort } from './probe-core.ts';
import { TrialCannotRunError } from './trial-check.ts';

/** The operator API of the gateway. */
export interface TrialOperator extends ProbePort {
  get(path: string): Promise<unknown>;
  list(path: string): AsyncIterable<unknown>;
}

/** How a lender's core is reached: we play it, it is called, or it fetches by itself. */
export type CoreKind = 'sandbox' | 'called' | 'pulls';

const lenderSchema = z.object({ id: z.string(), status: z.string().nullable(), core: z.string().nullable() });
const nowSchema = z.object({ now: z.string() });
const eventSchema: z.ZodType<PostedEvent> = z.object({
  at: z.string(),
  id: z.string().nullable(),
  type: z.string().nullable(),
  occurred_at: z.string().nullable(),
  application_id: z.string().nullable(),
  result: z.enum(['applied', 'duplicate', 'held', 'rejected']),
  code: z.string().nullable(),
  detail: z.string().nullable(),
  now: z.enum(['applied', 'held', 'rejected']).nullable(),
});

/** A core's events may pause for so long before it counts as quiet. */
const QUIET_MS = SECOND_MS;
/** The sandbox's own lenders have told everything of a move when it is answered; others have to see every day. */
const OWN_STRIDE_DAYS = 15;
const OTHERS_STRIDE_DAYS = 1;

/** @throws TrialCannotRunError when there is no such lender, or it is not active */
export async function findLender(operator: TrialOperator, lenderId: string): Promise<CoreKind> {
  for await (const one of operator.list('/admin/v1/lenders')) {
    const { id, core, status } = lenderSchema.parse(one);
    if (id !== lenderId) continue;
    if (status !== 'active') throw new TrialCannotRunError(`lender ${id} is ${status ?? 'in no file any more'}`);
    if (core === 'sandbox' || core === 'called' || core === 'pulls') return core;
  }
  throw new TrialCannotRunError(`the gateway knows no lender ${lenderId}; its file is lending/${lenderId}/lender.yaml`);
}

const refusalSchema = z.object({ reason: z.string().nullable(), detail: z.string().nullable() });

/** Why the gateway refused an application, which its partner may not be told. */
export async function readRefusal(operator: TrialOperator, applicationId: string): Promise<string> {
  const { reason, detail } = refusalSchema.parse(await operator.get(`/admin/v1/applications/${applicationId}`));
  return [reason, detail].filter((word) => word !== null).join('/');
}

/**
 * Business time, RFC 3339.
 * @throws TrialCannotRunError at a live gateway, whose clock nobody reads
 */
export async function readClock(operator: TrialOperator): Promise<string> {
  try {
    return nowSchema.parse(await operator.get('/sandbox/clock')).now;
  } catch (error) {
    const isLive = error instanceof Error && 'code' in error && error.code === 'not_found';
    throw isLive ? new TrialCannotRunError('the gateway is live: lenders are tried on a sandbox gateway') : error;
  }
}

/** What a lender posted since an instant of business time, oldest first. */
export async function readEvents(operator: TrialOperator, lenderId: string, since: string): Promise<PostedEvent[]> {
  const path = `/admin/v1/lenders/${encodeURIComponent(lenderId)}/events?since=${encodeURIComponent(since)}`;
  const events: PostedEvent[] = [];
  for await (const one of operator.list(path)) events.push(eventSchema.parse(one));
  return events;
}

/** The sandbox clock for a lender whose core goes by it. */
export function trialClock(operator: TrialOperator, lenderId: string, core: CoreKind): TrialClock {
  const isPlayed = core === 'sandbox';
  let movedFrom = '';
  return {
    strideDays: isPlayed ? OWN_STRIDE_DAYS : OTHERS_STRIDE_DAYS,
    async advance(move) {
      movedFrom = await readClock(operator);
      await operator.post('/sandbox/clock', { advance: move }, 'sluice lender try');
    },
    async quiet() {
      if (isPlayed) return;
      for (let before = -1; ; ) {
        await delay(QUIET_MS);
        const { length } = await readEvents(operator, lenderId, movedFrom);
        if (length === before || (before < 0 && length === 0)) return;
        before = length;
      }
    },
  };
}
