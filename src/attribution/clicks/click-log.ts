import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { LoggedClick } from './click.ts';
import { decodeFacts } from './click-facts-text.ts';
import { clickIdAt } from './click-id.ts';

/**
 * The click log of a shard: a stream with one entry an arrival. Fields: `c` facts (see click-facts-text.ts), `r` the random part of the id, or
 * the whole id of a click that was made while Redis was away, `o` what the window held (see record-click.lua) or nothing.
 */
export function clickLogKey(keys: Keyspace, shard: number): string {
  return keys.shard(shard, 'clicks');
}

/** Arrivals of a shard after a place (`0-0` = from the beginning), oldest first, at most `count`. */
export async function readClicks(
  client: RedisClient,
  keys: Keyspace,
  shard: number,
  after: string,
  count: number,
): Promise<LoggedClick[]> {
  const entries = await client.xrange(clickLogKey(keys, shard), `(${after}`, '+', 'COUNT', count);
  return entries.map(([position, fields]) => decodeClick(shard, position, fields));
}

/** Place of the newest arrival of a shard; `0-0` when there is none. */
export async function clicksTail(client: RedisClient, keys: Keyspace, shard: number): Promise<string> {
  const entries = await client.xrevrange(clickLogKey(keys, shard), '+', '-', 'COUNT', 1);
  return entries[0]?.[0] ?? '0-0';
}

export function decodeClick(shard: number, position: string, fields: readonly string[]): LoggedClick {
  const [, facts = '', , random = '', , of = ''] = fields;
  return {
    id: random.startsWith('clk_') ? random : clickIdAt(shard, position, random),
    shard,
    position,
    repeats: of === '' ? null : idInWindow(shard, of),
    facts: decodeFacts(facts),
  };
}

/** The id that a window holds: `<place>:<random part>`, or `:<id>` of one that carries no place. */
export function idInWindow(shard: number, held: string): string {
  const colon = held.indexOf(':');
  return colon === 0 ? held.slice(1) : clickIdAt(shard, held.slice(0, colon), held.slice(colon + 1));
}
