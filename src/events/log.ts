import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { eventId, type LogEvent, type NewEvent } from './event.ts';

/** Events of a shard after a position (`0-0` = from the beginning), oldest first, at most `count`. */
export async function readLog(
  client: RedisClient,
  keys: Keyspace,
  shard: number,
  after: string,
  count: number,
): Promise<LogEvent[]> {
  const entries = await client.xrange(keys.shard(shard, 'log'), `(${after}`, '+', 'COUNT', count);
  return entries.map(([position, fields]) => decodeEntry(shard, position, fields));
}

/** The events at the given positions; a position that is not in the log is left out. */
export async function readPositions(
  client: RedisClient,
  keys: Keyspace,
  shard: number,
  positions: readonly string[],
): Promise<LogEvent[]> {
  const log = keys.shard(shard, 'log');
  const found = await Promise.all(positions.map((position) => client.xrange(log, position, position)));
  return found.flat().map(([position, fields]) => decodeEntry(shard, position, fields));
}

/** Position of the newest event of a shard, `0-0` when there is none. */
export async function logTail(client: RedisClient, keys: Keyspace, shard: number): Promise<string> {
  const entries = await client.xrevrange(keys.shard(shard, 'log'), '+', '-', 'COUNT', 1);
  return entries[0]?.[0] ?? '0-0';
}

/** Whether stream position `a` comes before `b`. Both parts are written without leading zeros: the longer one is larger. */
export function isBefore(a: string, b: string): boolean {
  const [dashOfA, dashOfB] = [a.indexOf('-'), b.indexOf('-')];
  if (dashOfA !== dashOfB) return dashOfA < dashOfB;
  if (a.length === b.length) return a < b;
  const [timeOfA, timeOfB] = [a.slice(0, dashOfA), b.slice(0, dashOfB)];
  return timeOfA === timeOfB ? a.length < b.length : timeOfA < timeOfB;
}

function decodeEntry(shard: number, position: string, fields: readonly string[]): LogEvent {
  const event = JSON.parse(fields[1] ?? '{}') as NewEvent;
  return { ...event, id: eventId(shard, position), shard, position };
}
