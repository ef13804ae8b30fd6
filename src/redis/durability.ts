import { Cluster } from 'ioredis';
import type { RedisClient } from './connection.ts';

/** What a 2xx survives, from most to least. */
export type DurabilityLevel = 'aof_always' | 'aof_everysec' | 'memory';

export interface Durability {
  readonly level: DurabilityLevel;
  readonly version: string;
  readonly appendonly: boolean;
  readonly appendfsync: string;
  readonly maxmemoryPolicy: string;
  readonly replicas: number;
  /** What keeps this Redis from being used in live mode, in words; empty when nothing does. */
  readonly shortcomings: readonly string[];
}

const OLDEST_REDIS = 7.0;
const OLDEST_VALKEY = 7.2;

/** Reads what the server promises. In a cluster every master is asked and the weakest answer counts. */
export async function readDurability(client: RedisClient): Promise<Durability> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  return weakestOf(await Promise.all(nodes.map((node) => readNode(node))));
}

/** What several masters promise together: the weakest level, and what any of them lacks. */
export function weakestOf(readings: readonly Durability[]): Durability {
  const [weakest] = readings.toSorted((a, b) => rank(b.level) - rank(a.level));
  if (!weakest) throw new Error('the cluster names no master');
  return { ...weakest, shortcomings: [...new Set(readings.flatMap((reading) => reading.shortcomings))] };
}

function rank(level: DurabilityLevel): number {
  return ['aof_always', 'aof_everysec', 'memory'].indexOf(level);
}

async function readNode(node: Pick<RedisClient, 'info' | 'config'>): Promise<Durability> {
  const info = parseInfo(await node.info());
  const config = await readConfig(node);
  const facts: DurabilityFacts = {
    server: info.get('valkey_version') ? 'valkey' : 'redis',
    version: info.get('valkey_version') ?? info.get('redis_version') ?? '0',
    appendonly: info.get('aof_enabled') === '1',
    // A managed Redis may refuse CONFIG; what it does not tell is taken as its default.
    appendfsync: config.get('appendfsync') ?? 'everysec',
    maxmemoryPolicy: info.get('maxmemory_policy') ?? config.get('maxmemory-policy') ?? 'unknown',
    replicas: Number(info.get('connected_slaves') ?? 0),
  };
  return judgeDurability(facts);
}

export interface DurabilityFacts {
  readonly server: 'redis' | 'valkey';
  readonly version: string;
  readonly appendonly: boolean;
  readonly appendfsync: string;
  readonly maxmemoryPolicy: string;
  readonly replicas: number;
}

/** Turns what a server said into a level and the list of what is missing for live mode. */
export function judgeDurability(facts: DurabilityFacts): Durability {
  const shortcomings: string[] = [];
  const oldest = facts.server === 'valkey' ? OLDEST_VALKEY : OLDEST_REDIS;
  if (Number.parseFloat(facts.version) < oldest)
    shortcomings.push(`${facts.server} ${facts.version} is older than ${oldest}`);
  if (!facts.appendonly) shortcomings.push('appendonly is off: acknowledged data is lost when Redis restarts');
  if (facts.appendonly && facts.appendfsync === 'no')
    shortcomings.push('appendfsync is no: the kernel decides what is lost');
  if (facts.maxmemoryPolicy !== 'noeviction') {
    shortcomings.push(`maxmemory-policy is ${facts.maxmemoryPolicy}: Redis may evict money; set noeviction`);
  }
  const level = !facts.appendonly || facts.appendfsync === 'no' ? 'memory' : levelOf(facts.appendfsync);
  const { server: _server, ...shown } = facts;
  return { level, ...shown, shortcomings };
}

function levelOf(appendfsync: string): DurabilityLevel {
  return appendfsync === 'always' ? 'aof_always' : 'aof_everysec';
}

async function readConfig(node: Pick<RedisClient, 'config'>): Promise<Map<string, string>> {
  try {
    const flat = (await node.config('GET', 'append*', 'maxmemory*')) as string[];
    const pairs = new Map<string, string>();
    for (let index = 0; index + 1 < flat.length; index += 2) pairs.set(flat[index] ?? '', flat[index + 1] ?? '');
    return pairs;
  } catch {
    return new Map();
  }
}

function parseInfo(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) pairs.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return pairs;
}
