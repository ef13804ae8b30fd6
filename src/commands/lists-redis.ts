import { AuditLog } from '../audit/audit-log.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { createTokenizer } from '../identity/token.ts';
import { checkSchema } from '../redis/check-schema.ts';
import { connectRedis, type RedisClient } from '../redis/connection.ts';
import { createKeyspace } from '../redis/keyspace.ts';
import { checkListSettings } from '../screening/lists/check-list-settings.ts';
import { ListStore } from '../screening/lists/list-store.ts';
import { parseListForms } from '../screening/lists/list-tokens.ts';
import { deriveKey } from '../trust/derive-key.ts';
import { openCommandRedis } from './command-redis.ts';

/** A bulk command waits for Redis where a door would not: it has no one to answer within a second. */
const PATIENCE_MS = 60_000;

/** The lists, and where bulk changes of them are audited. */
export interface OpenLists {
  readonly store: ListStore;
  readonly audit: AuditLog;
}

/**
 * Opens the lists in the Redis that the environment names, or in the embedded one, which is started when no gateway runs it.
 * @throws ConfigError, RedisUnreachableError; ListSettingsError when the tokens there were made with another secret
 */
export async function withLists<Result>(work: (lists: OpenLists) => Promise<Result>): Promise<Result> {
  const config = readConfig(process.env);
  const redis = await openCommandRedis(config);
  try {
    const patience = { commandTimeout: PATIENCE_MS, socketTimeout: PATIENCE_MS };
    const client = await connectRedis({ url: redis.url }, patience);
    try {
      return await work(await openLists(client, config));
    } finally {
      client.disconnect();
    }
  } finally {
    await redis.close();
  }
}

async function openLists(client: RedisClient, config: Config): Promise<OpenLists> {
  const keys = createKeyspace(config.redisPrefix);
  const { rootSecret } = config;
  const forms = parseListForms(config.listForms);
  if (forms === undefined) throw new ConfigError(`bad settings\n  SLUICE_LIST_FORMS: ${config.listForms}`);
  await checkSchema(client, keys);
  await checkListSettings(client, keys, { rootSecret, forms });
  const tokenizer = createTokenizer(deriveKey(rootSecret, 'pepper'));
  // In sandbox, business time may have been moved; what expires follows it.
  const offsetMs = config.mode === 'sandbox' ? Number((await client.get(keys.clock())) ?? 0) : 0;
  const clock = { nowMs: () => Date.now() + offsetMs };
  return {
    store: new ListStore({ client, keys, tokenizer, forms, clock }),
    audit: new AuditLog({ client, keys, rootSecret }),
  };
}
