import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { ADMIN_TOKEN, testVariables } from './gateway.ts';
import type { PartnerClient } from './partner-door.ts';
import { lenderClient, operatorClient, shippedClient } from './signed-client.ts';

const ENTRY = fileURLToPath(new URL('./serve-child.ts', import.meta.url));

/** A gateway in a process of its own, whose every word is kept. */
export interface LoggedGateway {
  readonly url: string;
  readonly acme: PartnerClient;
  readonly summit: PartnerClient;
  readonly operator: PartnerClient;
  lender(lenderId: string): PartnerClient;
  /** A connection to its embedded Redis; ours to disconnect. */
  redis(): Promise<RedisClient>;
  /** Standard output and standard error so far. */
  output(): string;
  /** The log's lines so far, those that are JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: lines of many shapes, looked into by each test
  lines(): any[];
  /** SIGKILL; its Redis lives on. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until gateway and Redis have stopped. */
  stop(): Promise<void>;
}

/** Starts one on a data folder, also one that an earlier one left. @param variables beyond those of all tests */
export async function startLoggedGateway(
  dataDir: string,
  variables: Readonly<Record<string, string>>,
): Promise<LoggedGateway> {
  const own = testVariables(dataDir, variables);
  const child = spawn(process.execPath, ['--import', 'tsx', ENTRY], {
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  const output = (): string => Buffer.concat(chunks).toString('utf8');
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
  let url = '';
  while (url === '') {
    if (child.exitCode !== null) throw new Error(`the gateway ended before it was ready:\n${output()}`);
    await delay(20);
    url = /^ready (\S+)$/m.exec(output())?.[1] ?? '';
  }
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill(signal);
    await ended;
  };
  return {
    url,
    acme: shippedClient(url, 'acme'),
    summit: shippedClient(url, 'summit'),
    operator: operatorClient(url, ADMIN_TOKEN),
    lender: (lenderId) => lenderClient(url, Buffer.from(own.SLUICE_SECRET ?? ''), lenderId),
    redis: () => connectRedis({ url: `unix:${join(dataDir, 'redis', 'redis.sock')}` }),
    output,
    lines: () =>
      output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line)),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}
