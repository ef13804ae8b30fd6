import type { InboundRow } from '../applications/inbound/inbound-row.ts';
import { isLenderEventType } from '../applications/lifecycle/lender-event.ts';
import { isoOf } from '../base/clock.ts';
import type { LenderEventResult } from './answer-lender-events.ts';

const ID_MAX = 128;
const DETAIL_MAX = 300;
/** `action.required` of type supplement by its other name. */
const ALIAS = 'application.needs_input';
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * What is noted of a batch. Of what the lender wrote only its id of the event, a type that exists and a readable instant
 * are taken over: anything else could be anything.
 * @param applicationIds by the place of the event in the batch
 * @param nowMs business time
 */
export function inboundRows(
  rawEvents: readonly unknown[],
  results: readonly LenderEventResult[],
  applicationIds: ReadonlyMap<number, string>,
  nowMs: number,
): InboundRow[] {
  const at = isoOf(nowMs);
  return results.map(({ id, result, code = null, detail = null }, index) => {
    const { type, occurred_at } = (rawEvents[index] ?? {}) as { type?: unknown; occurred_at?: unknown };
    return {
      at,
      id: id !== null && id.length <= ID_MAX ? id : null,
      type: knownType(type),
      occurred_at: instantOf(occurred_at),
      // Whose application it is that somebody named is none of their business.
      application_id: code === 'wrong_lender' ? null : (applicationIds.get(index) ?? null),
      result,
      code,
      detail: detail?.slice(0, DETAIL_MAX) ?? null,
    };
  });
}

function knownType(type: unknown): string | null {
  return typeof type === 'string' && (type === ALIAS || isLenderEventType(type)) ? type : null;
}

function instantOf(text: unknown): string | null {
  const ms = typeof text === 'string' && INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : isoOf(ms);
}
