import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWellknownDoor } from '../../../src/doors/wellknown/wellknown-door.ts';
import { problems } from '../../../src/http/problem-catalogue.ts';
import type { RegistryStatus } from '../../../src/registry/watch-registry.ts';
import { deriveOurKey } from '../../../src/trust/our-keys.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { ORIGIN, tinyDeps } from '../../support/tiny-door.ts';

const ourKey = deriveOurKey('a secret of thirty-two characters');
let redis: TestRedis;
let status: RegistryStatus;
let door: ReturnType<typeof createWellknownDoor>;

function makeDoor(): ReturnType<typeof createWellknownDoor> {
  return createWellknownDoor({
    ...tinyDeps(),
    version: '0.1.0',
    redis: redis.client,
    keys: redis.keys,
    projections: ['ledger'],
    registry: { status: () => status },
    spool: { status: async () => ({ bytes: 4_096, segments: 1, oldestAtMs: 1_772_000_000_000 }) },
    spoolCounts: () => ({ kept: { kept: 9, full: 1, failed: 2, slow: 0 }, replayed: 5, damaged: 1 }),
    ourKeys: { current: () => ourKey, published: () => [ourKey] },
  });
}

beforeAll(async () => {
  redis = await startTestRedis();
  status = { revision: 'abc123', loadedAt: new Date(0), warnings: [] };
  door = makeDoor();
});

afterAll(async () => {
  await redis.close();
});

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return door.request(`${ORIGIN}${path}`, { headers });
}

describe('health', () => {
  test('/readyz tells durability, registry and projections', async () => {
    const response = await ask('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'ready',
      version: '0.1.0',
      redis: { ok: true, durability: 'aof_always' },
      shortcomings: [],
      registry: { revision: 'abc123', last_error: null },
      projections: { shards_behind: 0, parked_subjects: 0 },
    });
  });

  test('a bad reload is told and does not stop traffic', async () => {
    const problem = { file: 'traffic/acme/partner.yaml', line: 3, column: 1, path: 'id', message: 'bad', code: 'x' };
    status = { ...status, lastError: [problem] };
    const response = await makeDoor().request(`${ORIGIN}/readyz`);
    status = { ...status, lastError: undefined };
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      registry: { last_error: { problems: 1, file: 'traffic/acme/partner.yaml', line: 3 } },
    });
  });

  test('/metrics is Prometheus text', async () => {
    const response = await ask('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('sluice_http_request_duration_seconds');
  });

  test('/.well-known/jwks.json has our public keys and no private part', async () => {
    const { keys } = (await (await ask('/.well-known/jwks.json')).json()) as { keys: Record<string, unknown>[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'OKP', use: 'sig' });
    expect(keys[0]).not.toHaveProperty('d');
  });
});

describe('documentation', () => {
  test('/docs loads everything from here, under a strict policy, and every file it names exists', async () => {
    const response = await ask('/docs');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const html = await response.text();
    expect(html).not.toMatch(/(?:src|href)="https?:/);
    expect(html).not.toMatch(/<script>|style="|onload=/);
    const links = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
    expect(links.length).toBeGreaterThan(8);
    for (const link of links) expect((await ask(link)).status, link).toBe(200);
  });

  test('assets never change under their path, documents are revalidated', async () => {
    const html = await (await ask('/docs')).text();
    const bundle = /src="([^"]+bundle\.js)"/.exec(html)?.[1] ?? '';
    expect((await ask(bundle)).headers.get('cache-control')).toContain('immutable');
    const document = await ask('/openapi/partner.json');
    const etag = document.headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    expect((await ask('/openapi/partner.json', { 'if-none-match': etag })).status).toBe(304);
  });

  test.each([
    '/openapi/absent.json',
    '/openapi/%2e%2e%2fpackage.json',
    '/docs/assets/0.0.0/swagger-ui.css',
    '/docs/docs.ts',
    '/docs/assets/..%2f..%2fpackage.json/x',
  ])('%s is not served', async (path) => {
    expect([400, 404]).toContain((await ask(path)).status);
  });

  test('schemas of the counterparty files are served for editors', async () => {
    const response = await ask('/openapi/schemas/partner.schema.json');
    expect(response.status).toBe(200);
  });

  test('/docs/problems explains every code in both languages', async () => {
    for (const lang of ['en', 'zh'] as const) {
      const html = await (await ask(`/docs/problems?lang=${lang}`)).text();
      expect(html).toContain(`<html lang="${lang}">`);
      for (const code of Object.keys(problems)) expect(html).toContain(`id="${code}"`);
    }
  });
});

describe('without Redis', () => {
  test('/healthz is 200, /readyz is 503 within a second and a half', async () => {
    redis.client.disconnect();
    door = makeDoor();
    expect((await ask('/healthz')).status).toBe(200);
    const before = Date.now();
    const response = await ask('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'unavailable', redis: { ok: false, durability: null } });
    expect(Date.now() - before).toBeLessThan(1_500);
  });
});
