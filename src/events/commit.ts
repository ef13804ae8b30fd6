import { shardOfId } from '../base/ids.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import { eventId, type LogEvent, type NewEvent } from './event.ts';

/** Side structures of a shard that change in the same step as the state. */
export type EffectKey = 'intents' | 'timers' | 'inbox' | 'sealed' | 'messages';

export type Effect =
  | { readonly do: 'ZADD'; readonly key: EffectKey; readonly score: number; readonly member: string }
  | { readonly do: 'ZREM'; readonly key: EffectKey; readonly member: string }
  | { readonly do: 'HSET'; readonly key: EffectKey; readonly field: string; readonly value: string }
  | { readonly do: 'HDEL'; readonly key: EffectKey; readonly field: string }
  | { readonly do: 'SET'; readonly key: EffectKey; readonly value: string }
  | { readonly do: 'DEL'; readonly key: EffectKey }
  | OutboxEffect;

/** Changes of what waits to be sent to the lender of the application that the commit is about. */
export type OutboxEffect =
  /** A delivery takes its place behind those of its application. One that waits already, or is dead, stays as it is. */
  | {
      readonly do: 'QUEUE';
      readonly lenderId: string;
      readonly id: string;
      /** `kind|application|lender` and whatever else belongs to it. */
      readonly text: string;
      /** When it may be sent, if nothing waits before it; epoch ms. */
      readonly dueMs: number;
    }
  /** A delivery leaves its place: answered, dropped, or given up with a reason. What waits behind it is due then. */
  | {
      readonly do: 'LEAVE';
      readonly lenderId: string;
      readonly id: string;
      readonly nowMs: number;
      /** JSON; absent = it is gone for good. */
      readonly dead?: string;
    }
  /** Nothing that waits for this application is to be sent any more. */
  | { readonly do: 'LEAVE_ALL'; readonly lenderId: string };

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
  keys: ['state', 'log', 'intents', 'timers', 'inbox', 'sealed', 'messages'],
  reply: (raw) => raw as RawReply,
});

const KEY_INDEX: Readonly<Record<EffectKey, number>> = {
  intents: 3,
  timers: 4,
  inbox: 5,
  sealed: 6,
  messages: 7,
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
    ...(change.effects ?? []).flatMap((effect) => flattenEffect(effect, change.id)),
  ];
  const reply = await script.run(
    client,
    {
      state: keys.shard(shard, 'app', change.id),
      log: keys.shard(shard, 'log'),
      intents: keys.shard(shard, 'intents'),
      timers: keys.shard(shard, 'timers'),
      inbox: keys.shard(shard, 'inbox', change.id),
      sealed: keys.shard(shard, 'sealed', change.id),
      messages: keys.shard(shard, 'messages', change.id),
    },
    args,
    outboxKeys(keys, shard, change),
  );
  if (reply[0] === 0) return { ok: false, version: Number(reply[1]), document: reply[2] };
  const [, version, ...positions] = reply;
  const events = change.events.map((event, index) => {
    const position = positions[index] ?? '0-0';
    return { ...event, id: eventId(shard, position), shard, position };
  });
  return { ok: true, version: Number(version), events };
}

/** Keys of the outbox, in the order in which the script names them; most commits need none. */
function outboxKeys(keys: Keyspace, shard: number, { id, effects = [] }: Commit): string[] {
  const lenders = new Set(effects.flatMap((effect) => ('lenderId' in effect ? [effect.lenderId] : [])));
  const [lenderId] = lenders;
  if (lenderId === undefined) return [];
  if (lenders.size > 1) throw new Error(`${id} has one lender; the effects name ${lenders.size}`);
  return [
    keys.shard(shard, 'deliveries'),
    keys.shard(shard, 'queue', id),
    keys.shard(shard, 'waiting', lenderId),
    keys.shard(shard, 'outbox', lenderId),
    keys.shard(shard, 'lanes'),
    keys.shard(shard, 'dead'),
    keys.shard(shard, 'dead', lenderId),
  ];
}

function flattenEffect(effect: Effect, id: string): string[] {
  switch (effect.do) {
    case 'QUEUE':
      return ['QUEUE', String(effect.dueMs), effect.id, effect.text];
    case 'LEAVE':
      return ['LEAVE', String(effect.nowMs), effect.id, effect.dead ?? ''];
    case 'LEAVE_ALL':
      return ['LEAVE_ALL', '', id, ''];
    default:
      return flattenKeyed(effect);
  }
}

function flattenKeyed(effect: Exclude<Effect, OutboxEffect>): string[] {
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
