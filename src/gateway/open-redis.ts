import { type Config, ConfigError } from '../config.ts';
import { checkSchema } from '../redis/check-schema.ts';
import { connectRedis, connectSubscriber, type RedisClient } from '../redis/connection.ts';
import { readDurability } from '../redis/durability.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../redis/embedded-server.ts';
import { ensureServer } from '../redis/find-server.ts';
import { createKeyspace, type Keyspace } from '../redis/keyspace.ts';
import type { StopList } from './stop-list.ts';

export interface OpenRedis {
  readonly client: RedisClient;
  /** A connection of its own for wake-ups. */
  readonly subscriber: RedisClient;
  readonly keys: Keyspace;
  /** null with an external Redis. */
  readonly embedded: EmbeddedServer | null;
  /** For a second process on this machine. */
  readonly url: string;
}

/**
 * Connects to the Redis that the settings name, starting the embedded one where they name none, and checks what it
 * promises. Live mode refuses a Redis that may lose what it has acknowledged.
 */
export async function openRedis(config: Config, stops: StopList, say: (line: string) => void): Promise<OpenRedis> {
  let url = config.redisUrl;
  let embedded: EmbeddedServer | null = null;
  if (url === null) {
    const server = await startEmbeddedServer(ensureServer(say), config.dataDir);
    server.supervise(say);
    stops.add('embedded Redis', () => server.stop());
    url = server.url;
    embedded = server;
  }
  const client = await connectRedis({ url });
  stops.add('Redis connection', () => client.disconnect());
  const subscriber = await connectSubscriber({ url });
  stops.add('Redis subscription', () => subscriber.disconnect());
  const durability = await readDurability(client);
  if (config.mode === 'live' && durability.shortcomings.length > 0) {
    throw new ConfigError(`this Redis cannot be used in live mode\n  ${durability.shortcomings.join('\n  ')}`);
  }
  const keys = createKeyspace(config.redisPrefix);
  await checkSchema(client, keys);
  return { client, subscriber, keys, embedded, url };
}
