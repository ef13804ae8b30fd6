import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testVariables } from './gateway.ts';

const ENTRY = fileURLToPath(new URL('./serve-child.ts', import.meta.url));

/** A gateway in a process of its own. */
export interface GatewayChild {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL: nothing is flushed, nothing is told. Its Redis lives on. Resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and waits until gateway and Redis have stopped. */
  stop(): Promise<void>;
}

/** Starts one on a data folder, also one that a killed one left; a fixed port keeps its address, which signatures name. */
export async function startGatewayChild(
  dataDir: string,
  port: number,
  variables: Readonly<Record<string, string>> = {},
): Promise<GatewayChild> {
  const env = { ...process.env, ...testVariables(dataDir, { PORT: String(port), ...variables }) };
  const child = spawn(process.execPath, ['--import', 'tsx', ENTRY], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await readyUrl(child);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  };
  return { url, pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) throw new Error('the child has no output');
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
    child.once('exit', (code, signal) => reject(new Error(`the gateway ended before it was ready: ${code ?? signal}`)));
  });
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Process id of the Redis that runs on a data folder. */
export function embeddedPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'redis', 'server.pid'), 'utf8'));
}
