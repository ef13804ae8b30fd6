import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FunnelReader } from '../../src/insight/funnel-reader.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';

/** A process under test, listening on a port of loopback. */
export interface BenchChild {
  readonly port: number;
  /** Processor time that it has used so far, ms. */
  cpuMs(): number;
  stop(): Promise<void>;
}

const GATEWAY = fileURLToPath(new URL('../../src/sluice.mjs', import.meta.url));
const FLOOR = fileURLToPath(new URL('./floor-server.ts', import.meta.url));
const READY_WITHIN_MS = 30_000;

/**
 * The gateway as `npm start` runs it, logging included; what it logs goes nowhere.
 * @param entry another build of it
 */
export async function startGatewayUnderTest(
  port: number,
  variables: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
  entry: string = GATEWAY,
): Promise<BenchChild> {
  const env = { ...process.env, ...variables, PORT: String(port) };
  const child = spawn(process.execPath, [...nodeFlags, entry, 'serve'], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return benchChild(child, port);
    if (child.exitCode !== null || Date.now() > deadline) throw new Error('the gateway did not become ready');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The floor; it takes a free port and names it. */
export async function startFloor(
  redisUrl: string,
  secretBase64: string,
  nodeFlags: readonly string[] = [],
): Promise<BenchChild> {
  const args = [...nodeFlags, '--import', 'tsx', FLOOR, redisUrl, secretBase64];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the floor ended before it listened')));
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('port ')) resolve(Number(line.slice('port '.length)));
    });
  });
  return benchChild(child, port);
}

function benchChild(child: ChildProcess, port: number): BenchChild {
  return {
    port,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** `utime` and `stime` of /proc/<pid>/stat, in ticks of 10 ms. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const COUNTED_POLL_MS = 20;

/** Resolves when a partner's funnel has so many clicks. */
export async function untilCounted(
  redis: RedisClient,
  keys: Keyspace,
  partnerId: string,
  clicks: number,
): Promise<void> {
  const funnel = new FunnelReader(redis, keys);
  while ((await funnel.partnerFunnel(partnerId)).clicks.raw < clicks) {
    await new Promise((resolve) => setTimeout(resolve, COUNTED_POLL_MS));
  }
}
