import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { startEmbeddedServer } from '../redis/embedded-server.ts';
import { ensureServer } from '../redis/find-server.ts';

/** A Redis for as long as a command runs. */
export interface CommandRedis {
  readonly url: string;
  close(): Promise<void>;
}

/** The Redis that the settings name; else the embedded one, started only when no gateway is running on the data folder. */
export async function openCommandRedis(config: Config): Promise<CommandRedis> {
  if (config.redisUrl !== null) return { url: config.redisUrl, close: async () => undefined };
  const before = runningPid(config.dataDir);
  const server = await startEmbeddedServer(
    ensureServer((line) => process.stderr.write(`${line}\n`)),
    config.dataDir,
  );
  const isOurs = server.pid !== before;
  return { url: server.url, close: async () => (isOurs ? server.stop() : undefined) };
}

/** Process id in the data folder's pid file: an embedded server with that id was there before us. */
function runningPid(dataDir: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(dataDir, 'redis', 'server.pid'), 'utf8'), 10);
  } catch {
    return undefined;
  }
}
