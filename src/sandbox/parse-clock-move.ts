import { DAY_MS, HOUR_MS, MINUTE_MS } from '../base/clock.ts';

/** Where the sandbox clock is to go, or what is wrong with the request: a JSON pointer and a sentence. */
export type ClockMove =
  | { readonly ok: true; readonly targetMs: number }
  | { readonly ok: false; readonly pointer: string; readonly message: string };

const UNITS_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };
const ADVANCE = /^([1-9]\d{0,5})([mhd])$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
/** The longest loans run ten years. */
const MOVE_MAX_DAYS = 3_660;

/**
 * Reads the body of `POST /sandbox/clock`: `{"advance": "30d"}` (`m`, `h`, `d`) or `{"to": "<RFC 3339 instant>"}`. The
 * clock moves forward only, by ten years at the most.
 */
export function parseClockMove(body: unknown, nowMs: number): ClockMove {
  if (typeof body !== 'object' || body === null) return refuse('', 'must be an object with advance or to');
  const { advance, to } = body as { advance?: unknown; to?: unknown };
  if ((advance === undefined) === (to === undefined)) return refuse('', 'give exactly one of advance and to');
  return advance === undefined ? readInstant(to, nowMs) : readAdvance(advance, nowMs);
}

function readAdvance(advance: unknown, nowMs: number): ClockMove {
  const [, count, unit = ''] = (typeof advance === 'string' ? ADVANCE.exec(advance) : null) ?? [];
  const unitMs = UNITS_MS[unit];
  if (count === undefined || unitMs === undefined) {
    return refuse('/advance', 'must be a whole number and m, h or d, such as "30d"');
  }
  return within('/advance', nowMs + Number(count) * unitMs, nowMs);
}

function readInstant(to: unknown, nowMs: number): ClockMove {
  const targetMs = typeof to === 'string' && INSTANT.test(to) ? Date.parse(to) : Number.NaN;
  if (Number.isNaN(targetMs)) return refuse('/to', 'must be an RFC 3339 instant such as "2026-02-01T00:00:00Z"');
  if (targetMs < nowMs) return refuse('/to', 'is in the past: the sandbox clock moves forward only');
  return within('/to', targetMs, nowMs);
}

function within(pointer: string, targetMs: number, nowMs: number): ClockMove {
  if (targetMs - nowMs > MOVE_MAX_DAYS * DAY_MS) return refuse(pointer, `moves by more than ${MOVE_MAX_DAYS} days`);
  return { ok: true, targetMs };
}

function refuse(pointer: string, message: string): ClockMove {
  return { ok: false, pointer, message };
}
