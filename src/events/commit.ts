import { shardOfId } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { eventId, type LogEvent, type NewEvent } from './event.ts';

/** Side structures of a shard that change in the same step as the state. */
export type EffectKey = 'intents' | 'outbox' | 'timers' | 'inbox' | 'sealed' | 'messages';

export type Effect =
  | { readonly do: 'ZADD'; readonly key: EffectKey; readonly score: number; readonly member: string }
  | { readonly do: 'ZREM'; readonly key: EffectKey; readonly member: string }
  | { readonly do: 'HSET'; readonly key: EffectKey; readonly field: string; readonly value: string }
  | { readonly do: 'HDEL'; readonly key: EffectKey; readonly field: string }
  | { readonly do: 'SET'; readonly key: EffectKey; readonly value: string }
  | { readonly do: 'DEL'; readonly key: EffectKey };

export interface Commit {
  /** Id of the application or registration; it carries the shard. */
  readonly id: string;
  /** Version that the caller has read; 0 = must not exist yet. */
  readonly expectedVersion: number;
  /** The new state document; null leaves it as it is. */
  readonly document: unknown;
  readonly events: readonly NewEvent[];
  readonly effects?: readonly Effect[];
}

export type CommitResult =
  | { readonly ok: true; readonly version: number; readonly events: readonly LogEvent[] }
  /** Somebody else was first: the state as it is now. Nothing was written. */
  | { readonly ok: false; readonly version: number; readonly document: string };

type CommitKeys = 'state' | 'log' | EffectKey;
type RawReply = readonly [1, string, ...string[]] | readonly [0, string, string];

const script = defineScript<CommitKeys, RawReply>({
  file: new URL('./commit.lua', import.meta.url),
  keys: ['state', 'log', 'intents', 'outbox', 'timers', 'inbox', 'sealed', 'messages'],
  reply: (raw) => raw as RawReply,
});

const KEY_INDEX: Readonly<Record<EffectKey, number>> = {
  intents: 3,
  outbox: 4,
  timers: 5,
  inbox: 6,
  sealed: 7,
  messages: 8,
};

/**
 * Writes a state document and its events in one step of one shard. A repeated call after a lost reply finds another
 * version and answers `ok: false`; the caller then sees its own change in the document.
 */
export async function commit(client: RedisClient, keys: Keyspace, change: Commit): Promise<CommitResult> {
  const shard = shardOfId(change.id);
  const args = [
    String(change.expectedVersion),
    change.document === null ? '' : JSON.stringify(change.document),
    keys.wakeChannel,
    String(shard),
    String(change.events.length),
    ...change.events.map((event) => JSON.stringify(event)),
    ...(change.effects ?? []).flatMap(flattenEffect),
  ];
  const reply = await script.run(
    client,
    {
      state: keys.shard(shard, 'app', change.id),
      log: keys.shard(shard, 'log'),
      intents: keys.shard(shard, 'intents'),
      outbox: keys.shard(shard, 'outbox'),
      timers: keys.shard(shard, 'timers'),
      inbox: keys.shard(shard, 'inbox', change.id),
      sealed: keys.shard(shard, 'sealed', change.id),
      messages: keys.shard(shard, 'messages', change.id),
    },
    args,
  );
  if (reply[0] === 0) return { ok: false, version: Number(reply[1]), document: reply[2] };
  const [, version, ...positions] = reply;
  const events = change.events.map((event, index) => {
    const position = positions[index] ?? '0-0';
    return { ...event, id: eventId(shard, position), shard, position };
  });
  return { ok: true, version: Number(version), events };
}

function flattenEffect(effect: Effect): string[] {
  const key = String(KEY_INDEX[effect.key]);
  switch (effect.do) {
    case 'ZADD':
      return ['ZADD', key, String(effect.score), effect.member];
    case 'ZREM':
      return ['ZREM', key, effect.member, ''];
    case 'HSET':
      return ['HSET', key, effect.field, effect.value];
    case 'HDEL':
      return ['HDEL', key, effect.field, ''];
    case 'SET':
      return ['SET', key, effect.value, ''];
    case 'DEL':
      return ['DEL', key, '', ''];
  }
}
