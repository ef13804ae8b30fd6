import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { type Config, readConfig } from '../config.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { loadRegistry } from '../registry/load-registry.ts';
import type { Registry } from '../registry/registry.ts';
import type { SigningKey } from '../trust/import-key.ts';
import type { PlatformId } from './cast-errands.ts';
import { DemoFault } from './demo-fault.ts';
import { readPlatformKeys } from './platform-keys.ts';

export interface DemoGateway {
  readonly gateway: Gateway;
  readonly config: Config;
  /** The counterparty files, as outside parties know their own halves of them. */
  readonly registry: Registry;
  readonly keys: Readonly<Record<PlatformId, SigningKey>>;
  readonly dataDir: string;
}

export interface DemoGatewayOptions {
  /** Takes any free port unless `port` names one. */
  readonly once: boolean;
  readonly port: number | undefined;
  readonly say: (line: string) => void;
}

const DEFAULT_PORT = 8787;
/** The run tells what happens; the log would only get in between. */
const LOG_LEVEL = 'error';

/**
 * A sandbox gateway with Redis and data of its own, whatever the environment says of them; its counterparty files, host and
 * operator token may be chosen there.
 * @throws DemoFault, ConfigError, RegistryError, ServerMissingError for a person
 */
export async function startDemoGateway({ once, port, say }: DemoGatewayOptions): Promise<DemoGateway> {
  const host = process.env.HOST || '127.0.0.1';
  const preferred = Number(process.env.PORT || DEFAULT_PORT);
  const chosen = port ?? (!once && (await isFree(preferred, host)) ? preferred : 0);
  const dataDir = createDataDir(process.env.SLUICE_DATA || './data');
  const config = readConfig({
    ...process.env,
    PORT: String(chosen),
    SLUICE_ENV: 'sandbox',
    SLUICE_DATA: dataDir,
    REDIS_URL: '',
    SLUICE_PUBLIC_URL: '',
    SLUICE_LOG_LEVEL: process.env.SLUICE_LOG_LEVEL || LOG_LEVEL,
  });
  const gateway = await startGateway(config, { say });
  try {
    const loaded = await loadRegistry(config.partnersDir, { environment: 'sandbox' });
    if (!loaded.ok) throw new DemoFault(`the counterparty files in ${config.partnersDir} do not load`);
    const { registry } = loaded;
    return { gateway, config, registry, keys: await readPlatformKeys(config.partnersDir, registry), dataDir };
  } catch (error) {
    await gateway.stop();
    throw error;
  }
}

/** A new folder of this run. */
function createDataDir(base: string): string {
  const folder = resolve(base);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
  return mkdtempSync(join(folder, `demo-${time}-`));
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, host, () => probe.close(() => done(true)));
  });
}
