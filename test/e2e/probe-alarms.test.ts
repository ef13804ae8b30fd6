import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { ADMIN_TOKEN, startTestGateway, type TestGateway, testVariables } from '../support/gateway.ts';
import type { PartnerClient } from '../support/partner-door.ts';
import { operatorClient, shippedClient } from '../support/signed-client.ts';

const GROUP = { SLUICE_PROCESSES: '2' };

let first: TestGateway;
let second: Gateway;
let folder: string;
let operators: readonly PartnerClient[];

beforeAll(async () => {
  first = await startTestGateway({ variables: { ...GROUP, SLUICE_PROCESS_INDEX: '1' } });
  folder = mkdtempSync(join(tmpdir(), 'sluice-alarms-'));
  const redisUrl = `unix:${join(first.dataDir, 'redis', 'redis.sock')}`;
  const variables = { ...GROUP, SLUICE_PROCESS_INDEX: '2', REDIS_URL: redisUrl };
  second = await startGateway(readConfig(testVariables(folder, variables)), { say: () => undefined });
  operators = [operatorClient(first.url, ADMIN_TOKEN), operatorClient(second.url, ADMIN_TOKEN)];
});
afterAll(async () => {
  await second.stop();
  await first.stop();
  rmSync(folder, { recursive: true, force: true });
});

const metrics = async (url: string) => (await fetch(`${url}/metrics`)).text();

describe('a partner who sweeps numbers through two processes', () => {
  test('gives one alarm, which every process shows, and which changes no answer', async () => {
    const clients = [shippedClient(first.url, 'acme'), shippedClient(second.url, 'acme')];
    for (let from = 0; from < 300; from += 50) {
      const items = Array.from({ length: 50 }, (_, at) => ({
        product_id: 'quick-cash',
        subject: { phone: String(13_800_136_000 + from + at) },
      }));
      const halves = [items.filter((_, at) => at % 2 === 0), items.filter((_, at) => at % 2 === 1)];
      await Promise.all(
        clients.map(async (client, index) => {
          const { status } = await client.post('/v1/prechecks/batch', { items: halves[index] });
          expect(status).toBe(200);
        }),
      );
    }
    const deadline = Date.now() + 20_000;
    for (;;) {
      const { body } = await (operators[0] as PartnerClient).get('/admin/v1/alarms?partner=acme');
      if (body.data.length > 0 || Date.now() > deadline) break;
      await delay(200);
    }
    for (const operator of operators) {
      const { status, body } = await operator.get('/admin/v1/alarms?partner=acme');
      expect(status).toBe(200);
      expect(body.data).toMatchObject([{ partner_id: 'acme', kind: 'sequential_sweep', ended_at: null }]);
    }
    for (const { url } of [first, second]) {
      expect(await metrics(url)).toContain('sluice_probe_alarms{partner="acme",kind="sequential_sweep"} 1');
    }
    const subject = { phone: '13912340000' };
    const { body } = await shippedClient(first.url, 'acme').post('/v1/prechecks', {
      product_id: 'quick-cash',
      subject,
    });
    expect(body.decision).toBe('accept');
  });
});
