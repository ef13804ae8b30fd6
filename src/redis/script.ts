import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Cluster, Command } from 'ioredis';
import type { RedisClient } from './connection.ts';

/** A Lua script with named keys and a decoded answer. */
export interface Script<Key extends string, Reply> {
  readonly name: string;
  /**
   * Runs the script. All keys must lie in one slot; every script is idempotent, since a reply can be lost.
   * @param more keys that follow the named ones, for a script that takes any number
   */
  run(
    client: RedisClient,
    keys: Readonly<Record<Key, string>>,
    args: readonly ScriptArgument[],
    more?: readonly string[],
  ): Promise<Reply>;
}

export type ScriptArgument = string | number | Buffer;

interface ScriptSpec<Key extends string, Reply> {
  /** The .lua file, beside the module that declares the script. */
  readonly file: URL;
  /** Names of KEYS[1], KEYS[2], … in order. */
  readonly keys: readonly Key[];
  /** Turns the raw reply into the script's answer; throws on a shape it does not know. */
  readonly reply: (raw: unknown) => Reply;
  /**
   * Written to the connection at once, instead of together with the other commands of this turn of the event loop: for what
   * has been gathered already, and would only wait for another turn.
   */
  readonly atOnce?: boolean;
  /**
   * Written together with the others of its kind of this turn of the event loop, without a pipeline around them: for what
   * runs so often that the pipeline's promises are felt. A cluster's connections are not known here: there it goes as usual.
   */
  readonly gathered?: boolean;
}

/**
 * Loads a script and checks that the keys it uses are the keys it declares, so that a forgotten key is found at start,
 * not in production on a cluster.
 */
export function defineScript<Key extends string, Reply>(spec: ScriptSpec<Key, Reply>): Script<Key, Reply> {
  const source = readFileSync(spec.file, 'utf8');
  const name = spec.file.pathname.split('/').at(-1) ?? 'script';
  assertKeyCount(name, source, spec.keys.length);
  const sha = createHash('sha1').update(source).digest('hex');
  const send = spec.atOnce === true ? sendAtOnce : spec.gathered === true ? sendGathered : sendTogether;
  return {
    name,
    async run(client, keys, args, more = NO_MORE) {
      const operands: ScriptArgument[] = [];
      for (const key of spec.keys) operands.push(keys[key]);
      for (const key of more) operands.push(key);
      const count = operands.length;
      for (const arg of args) operands.push(arg);
      try {
        return spec.reply(await send(client, 'evalsha', [sha, count, ...operands]));
      } catch (error) {
        // The script cache is volatile: a restart or a failover empties it (EVALSHA answers NOSCRIPT).
        if (!isNoScript(error)) throw error;
        return spec.reply(await send(client, 'eval', [source, count, ...operands]));
      }
    },
  };
}

const NO_MORE: readonly string[] = [];

type Operands = [script: string, keys: number, ...rest: ScriptArgument[]];

function sendTogether(client: RedisClient, name: 'evalsha' | 'eval', operands: Operands): Promise<unknown> {
  return client[name](...operands);
}

/** Rejects, and does not throw, where nothing can be written. */
function sendAtOnce(client: RedisClient, name: 'evalsha' | 'eval', operands: Operands): Promise<unknown> {
  return client.sendCommand(new Command(name, operands, { replyEncoding: 'utf8' })) as Promise<unknown>;
}

/** Streams that are held back until the turn is over. */
const corked = new WeakSet<object>();

function sendGathered(client: RedisClient, name: 'evalsha' | 'eval', operands: Operands): Promise<unknown> {
  if (client instanceof Cluster) return sendTogether(client, name, operands);
  const { stream } = client;
  if (client.status === 'ready' && !corked.has(stream)) {
    corked.add(stream);
    stream.cork();
    setImmediate(() => {
      corked.delete(stream);
      stream.uncork();
    });
  }
  return sendAtOnce(client, name, operands);
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** Counts the highest KEYS[n] in the code (comments left out) and refuses gaps and surplus. */
export function assertKeyCount(name: string, source: string, declared: number): void {
  const code = source.replace(/--[^\n]*/g, '');
  const used = new Set([...code.matchAll(/KEYS\[(\d+)\]/g)].map((match) => Number(match[1])));
  const highest = Math.max(0, ...used);
  const missing = Array.from({ length: highest }, (_, index) => index + 1).filter((index) => !used.has(index));
  if (highest !== declared || missing.length > 0) {
    throw new Error(
      `${name}: declares ${declared} keys but uses ${[...used].sort((a, b) => a - b).join(', ') || 'none'} of KEYS`,
    );
  }
}
