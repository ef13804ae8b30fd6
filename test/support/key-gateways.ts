import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '../../src/config.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { importSigningKey, type SigningKey } from '../../src/trust/import-key.ts';
import { startTestGateway, type TestGateway, testVariables } from './gateway.ts';
import { SHIPPED_PARTNERS } from './intake.ts';
import { type KeyServer, startKeyServer } from './key-server.ts';
import { type Answer, partnerClient } from './partner-door.ts';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const edPair = (): KeyPair => generateKeyPairSync('ed25519');
export const pemOf = ({ publicKey }: KeyPair): string => publicKey.export({ format: 'pem', type: 'spki' }).toString();
export const jwkOf = ({ publicKey }: KeyPair) => publicKey.export({ format: 'jwk' });
export const ed = (id: string, { privateKey }: KeyPair): SigningKey => ({ id, alg: 'ed25519', keyObject: privateKey });

export function hmac(id: string, secretBase64: string): SigningKey {
  const read = importSigningKey({ id, alg: 'hmac-sha256', secretBase64 });
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}

/** A signed request to the gateway at an address. */
export function call(key: SigningKey, where: { readonly url: string }, path = '/v1/whoami'): Promise<Answer> {
  return partnerClient(where.url, key).get(path);
}

export async function isKnown(key: SigningKey, where: { readonly url: string }): Promise<boolean> {
  return (await call(key, where)).status === 200;
}

export async function until(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`it did not come true within ${withinMs} ms`);
    await delay(5);
  }
}

/** A gateway with partners who publish their keys, to which more gateways can be added on the same Redis. */
export interface KeyGateways {
  readonly first: TestGateway;
  /** Copies of the shipped counterparty files. */
  readonly partners: string;
  readonly acmeServer: KeyServer;
  readonly summitServer: KeyServer;
  /** Another gateway on the same Redis, which has asked for nothing yet. @param index its place in the group, from 2 */
  another(index: number): Promise<AnotherGateway>;
  stop(): Promise<void>;
}

export interface AnotherGateway {
  readonly url: string;
  stop(): Promise<void>;
}

const GROUP_SIZE = '3';

export async function startKeyGateways(): Promise<KeyGateways> {
  const [acmeServer, summitServer] = [await startKeyServer(), await startKeyServer()];
  const partners = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
  cpSync(SHIPPED_PARTNERS, partners, { recursive: true });
  for (const [id, server] of [
    ['acme', acmeServer],
    ['summit', summitServer],
  ] as const) {
    const file = join(partners, 'traffic', id, 'partner.yaml');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\njwks_url: ${server.url}\n`);
  }
  const group = { SLUICE_PARTNERS: partners, SLUICE_PROCESSES: GROUP_SIZE };
  const first = await startTestGateway({ variables: { ...group, SLUICE_PROCESS_INDEX: '1' } });
  const redisUrl = `unix:${join(first.dataDir, 'redis', 'redis.sock')}`;
  const another = async (index: number): Promise<AnotherGateway> => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
    const variables = { ...group, SLUICE_PROCESS_INDEX: String(index), REDIS_URL: redisUrl };
    const gateway: Gateway = await startGateway(readConfig(testVariables(folder, variables)), { say: () => undefined });
    const stop = async (): Promise<void> => {
      await gateway.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    return { url: gateway.url, stop };
  };
  const stop = async (): Promise<void> => {
    await first.stop();
    acmeServer.close();
    summitServer.close();
    rmSync(partners, { recursive: true, force: true });
  };
  return { first, partners, acmeServer, summitServer, another, stop };
}
