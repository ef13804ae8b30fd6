import { HOUR_MS } from '../base/clock.ts';
import { shardOfId } from '../base/ids.ts';
import type { EventType, LogEvent } from '../events/event.ts';
import { readLog } from '../events/log.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';

const BATCH = 1_000;
/** Clocks of Redis and of gateways differ by less. */
const CLOCK_MARGIN_MS = HOUR_MS;

/**
 * The events of some applications, in order. Logs are not indexed by application, so this reads the shard's log from where
 * the first of them begins: good enough for a question that people ask.
 * @param wanted application ids with the real time before which each has no event; null = unknown
 */
export async function readHistory(
  client: RedisClient,
  keys: Keyspace,
  wanted: readonly { readonly id: string; readonly notBeforeMs: number | null }[],
): Promise<Map<string, LogEvent[]>> {
  const found = new Map<string, LogEvent[]>(wanted.map(({ id }) => [id, []]));
  for (const shard of new Set(wanted.map(({ id }) => shardOfId(id)))) {
    const starts = wanted.filter(({ id }) => shardOfId(id) === shard).map(({ notBeforeMs }) => notBeforeMs ?? 0);
    let place = `${Math.max(0, Math.min(...starts) - CLOCK_MARGIN_MS)}-0`;
    for (;;) {
      const events = await readLog(client, keys, shard, place, BATCH);
      for (const event of events) found.get(event.subject)?.push(event);
      const last = events.at(-1);
      if (last === undefined || events.length < BATCH) break;
      place = last.position;
    }
  }
  return found;
}

/** To whom an application's data, or what became of it, was passed. */
export interface Passed {
  readonly party: 'lender' | 'partner';
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly what: 'personal_data' | 'status';
}

/** Events that a lender can only cause once it has the application. */
const LENDERS: ReadonlySet<EventType> = new Set<EventType>([
  'application.submitted',
  'application.verifying',
  'application.needs_input',
  'application.in_review',
  'credit.granted',
  'credit.declined',
]);

/**
 * Who was given what, and when, as the log shows it: the lender the sealed record with the push, the owning partner what
 * became of the application. An application that began at the lender was not passed to it by us.
 */
export function passedOn(
  application: { readonly origin: string; readonly lender_id: string; readonly owner_id: string | null },
  history: readonly LogEvent[],
): Passed[] {
  const passed: Passed[] = [];
  const reached = application.origin === 'lender' ? undefined : history.find(({ type }) => LENDERS.has(type));
  if (reached) {
    passed.push({ party: 'lender', id: application.lender_id, at: reached.recorded_at, what: 'personal_data' });
  }
  const told = history.find(({ type }) => type === 'application.received' || type === 'application.refused');
  if (told && application.owner_id !== null) {
    passed.push({ party: 'partner', id: application.owner_id, at: told.recorded_at, what: 'status' });
  }
  return passed;
}
