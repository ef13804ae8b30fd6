import type { Settlement, StateField } from './channel-store.ts';
import type { DeliveryRecord } from './delivery-record.ts';
import type { Attempt } from './judge-answer.ts';
import { retryDelayMs } from './retry-schedule.ts';

/** `dead` = failed for the last time; `gone` = the endpoint wants nothing more. */
export type AttemptOutcome = 'delivered' | 'failed' | 'dead' | 'gone';

interface Settled {
  readonly outcome: AttemptOutcome;
  /** The record from now on. */
  readonly after: DeliveryRecord;
  readonly changes: readonly Settlement[];
}

/**
 * What one attempt means for its delivery and its channel.
 * @param at.told what the lane has been told of its money, if the attempt was one that tells it
 */
export function settlementsOf(
  before: DeliveryRecord,
  attempt: Attempt,
  at: { readonly nowMs: number; readonly random: number; readonly told: string | undefined },
): Settled {
  const { nowMs, random, told } = at;
  const tried: DeliveryRecord = {
    ...before,
    attempts: before.attempts + 1,
    tried_ms: nowMs,
    status: attempt.status,
    error: attempt.kind === 'delivered' ? null : attempt.error,
    next_ms: null,
  };
  const lastly = stateOf(attempt, nowMs);
  switch (attempt.kind) {
    case 'delivered': {
      const after: DeliveryRecord = { ...tried, state: 'delivered' };
      const money: Settlement[] = told === undefined ? [] : [{ do: 'told', lane: before.lane, text: told }];
      return { outcome: 'delivered', after, changes: [{ do: 'leave', record: after }, ...money, ...lastly] };
    }
    case 'gone': {
      // Due as soon as the channel is switched on again.
      const after: DeliveryRecord = { ...tried, state: 'retrying', next_ms: nowMs };
      return { outcome: 'gone', after, changes: [{ do: 'keep', record: after, dueMs: nowMs }, ...lastly] };
    }
    case 'failed': {
      const delay = retryDelayMs(tried.attempts, random, attempt.retryAfterMs);
      if (delay === null) {
        const after: DeliveryRecord = { ...tried, state: 'dead' };
        return { outcome: 'dead', after, changes: [{ do: 'leave', record: after }, ...lastly] };
      }
      const dueMs = nowMs + delay;
      const after: DeliveryRecord = { ...tried, state: 'retrying', next_ms: dueMs };
      return { outcome: 'failed', after, changes: [{ do: 'keep', record: after, dueMs }, ...lastly] };
    }
  }
}

function stateOf(attempt: Attempt, nowMs: number): Settlement[] {
  const set = (field: StateField, value: string): Settlement => ({ do: 'state', field, value });
  const common = [set('tried_ms', String(nowMs)), set('last_status', String(attempt.status ?? ''))];
  if (attempt.kind === 'delivered') return [...common, set('last_error', ''), set('success_ms', String(nowMs))];
  const failed = [...common, set('last_error', attempt.error)];
  if (attempt.kind === 'failed') return failed;
  return [...failed, set('disabled_ms', String(nowMs)), set('disabled_status', String(attempt.status))];
}
