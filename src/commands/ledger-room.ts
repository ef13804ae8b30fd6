import { type Config, ConfigError, readConfig } from '../config.ts';
import { connectRedis, type RedisClient } from '../redis/connection.ts';
import { createKeyspace, type Keyspace } from '../redis/keyspace.ts';
import { loadRegistry } from '../registry/load-registry.ts';
import type { Registry } from '../registry/registry.ts';
import { LedgerReader } from '../revenue/ledger-reader.ts';
import { PeriodStore } from '../revenue/period-store.ts';
import { openCommandRedis } from './command-redis.ts';

/** The ledgers as commands read them. */
export interface LedgerRoom {
  readonly config: Config;
  readonly store: LedgerReader;
  readonly periods: PeriodStore;
  readonly client: RedisClient;
  readonly keys: Keyspace;
}

/**
 * Opens the ledgers in the Redis that the environment names for as long as a command needs them.
 * @throws ConfigError when the settings cannot be read
 */
export async function withLedgers<T>(act: (room: LedgerRoom) => Promise<T>): Promise<T> {
  const config = readConfig(process.env);
  const redis = await openCommandRedis(config);
  try {
    const client = await connectRedis({ url: redis.url });
    try {
      const keys = createKeyspace(config.redisPrefix);
      const [store, periods] = [new LedgerReader(client, keys), new PeriodStore(client, keys)];
      return await act({ config, store, periods, client, keys });
    } finally {
      client.disconnect();
    }
  } finally {
    await redis.close();
  }
}

/**
 * The counterparty files.
 * @throws ConfigError when they have errors
 */
export async function registryOf(config: Config): Promise<Registry> {
  const loaded = await loadRegistry(config.partnersDir, { environment: config.mode, requireSecrets: false });
  if (loaded.ok) return loaded.registry;
  throw new ConfigError('the counterparty files have errors: sluice partners check says which');
}
