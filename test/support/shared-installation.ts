import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { ensureServer } from '../../src/redis/find-server.ts';
import { freePort, type GatewayChild, startGatewayChild } from './gateway-child.ts';

const GATEWAYS = 2;

/** Gateways in processes of their own, each with its own data folder, that share one Redis which is none of theirs. */
export interface SharedInstallation {
  readonly redisUrl: string;
  /** Settings of another gateway on the same Redis with the same counterparties. */
  readonly variables: Readonly<Record<string, string>>;
  /** Addresses of the gateways; they outlive kills. */
  readonly urls: readonly string[];
  /** SIGKILL; after a while another server starts on the same files. */
  killRedis(downMs: number): Promise<void>;
  /** SIGKILL, and at once another process at the same address. */
  killGateway(index: number): Promise<void>;
  /** Stops the gateways; Redis goes on. */
  stopGateways(): Promise<void>;
  stop(): Promise<void>;
}

/** @param writePartners writes the counterparties into a folder, for all gateways */
export async function startSharedInstallation(writePartners: (directory: string) => void): Promise<SharedInstallation> {
  // Short: a socket lies in it.
  const root = mkdtempSync(join(tmpdir(), 'sluice-mix-'));
  const partners = join(root, 'partners');
  mkdirSync(partners);
  writePartners(partners);
  const binary = ensureServer(() => undefined);
  let server = await startEmbeddedServer(binary, root);
  const variables = { REDIS_URL: server.url, SLUICE_PARTNERS: partners };
  const seats = await Promise.all(
    Array.from({ length: GATEWAYS }, async (_, at) => ({
      dataDir: join(root, `gateway-${at}`),
      port: await freePort(),
    })),
  );
  const start = ({ dataDir, port }: { dataDir: string; port: number }): Promise<GatewayChild> =>
    startGatewayChild(dataDir, port, variables);
  const children = await Promise.all(seats.map(start));
  const stopGateways = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
  };
  return {
    redisUrl: server.url,
    urls: children.map(({ url }) => url),
    variables,
    async killRedis(downMs) {
      process.kill(server.pid, 'SIGKILL');
      await delay(downMs);
      server = await startEmbeddedServer(binary, root);
    },
    async killGateway(index) {
      const seat = seats[index];
      if (seat === undefined) throw new Error(`there is no gateway ${index}`);
      await children[index]?.kill();
      children[index] = await start(seat);
    },
    stopGateways,
    async stop() {
      await stopGateways();
      await server.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
