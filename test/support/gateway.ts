import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../src/config.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import { connectRedis } from '../../src/redis/connection.ts';
import { createKeyspace, type Keyspace } from '../../src/redis/keyspace.ts';
import { SHIPPED_PARTNERS } from './intake.ts';
import type { PartnerClient } from './partner-door.ts';
import { lenderClient, operatorClient, shippedClient } from './signed-client.ts';

export const ADMIN_TOKEN = 'operator-token-of-the-tests';

/** Settings under which every gateway of the tests runs; a free port, silence, the shipped counterparties. */
export function testVariables(
  dataDir: string,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    PORT: '0',
    SLUICE_DATA: dataDir,
    SLUICE_PARTNERS: SHIPPED_PARTNERS,
    SLUICE_ADMIN_TOKEN: ADMIN_TOKEN,
    SLUICE_SECRET: 'a-root-secret-for-tests-and-nothing-else',
    SLUICE_LOG_LEVEL: 'silent',
    ...overrides,
  };
}

/** A data folder of one test; its path is short, since a socket lies in it. */
export function createDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-e2e-'));
}

export interface TestGateway {
  readonly url: string;
  readonly adminToken: string;
  readonly dataDir: string;
  readonly gateway: Gateway;
  readonly config: Config;
  /** A connection to its Redis, for looking behind the doors. */
  readonly redis: RedisClient;
  readonly keys: Keyspace;
  readonly acme: PartnerClient;
  readonly summit: PartnerClient;
  readonly operator: PartnerClient;
  /** The core of a sandbox lender, as it signs. */
  lender(lenderId: string): PartnerClient;
  /** Moves business time; resolves when everything that fell due has happened. */
  clock(move: string): Promise<void>;
  /** Resolves when every projection has seen the newest event and nothing fresh waits to be sent. */
  settle(): Promise<void>;
  /** Stops gateway and Redis. @param keep leaves the data folder for the next start */
  stop(keep?: boolean): Promise<void>;
}

/**
 * A whole gateway in this process, on a free port, with an embedded Redis of its own.
 * @param options.dataDir an earlier one's, to go on from its data
 */
export async function startTestGateway(
  options: { readonly dataDir?: string; readonly variables?: Readonly<Record<string, string>> } = {},
): Promise<TestGateway> {
  const dataDir = options.dataDir ?? createDataDir();
  const config = readConfig(testVariables(dataDir, options.variables));
  const gateway = await startGateway(config, { say: () => undefined });
  const redis = await connectRedis({ url: config.redisUrl ?? `unix:${join(dataDir, 'redis', 'redis.sock')}` });
  const operator = operatorClient(gateway.url, ADMIN_TOKEN);
  return {
    url: gateway.url,
    adminToken: ADMIN_TOKEN,
    dataDir,
    gateway,
    config,
    redis,
    keys: createKeyspace(config.redisPrefix),
    acme: shippedClient(gateway.url, 'acme'),
    summit: shippedClient(gateway.url, 'summit'),
    operator,
    lender: (lenderId) => lenderClient(gateway.url, config.rootSecret, lenderId),
    async clock(move) {
      const { status, body } = await operator.post('/sandbox/clock', { advance: move });
      if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(body)}`);
    },
    settle: () => gateway.workers.settle(),
    async stop(keep = false) {
      redis.disconnect();
      await gateway.stop();
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
