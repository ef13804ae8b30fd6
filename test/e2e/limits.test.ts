import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { changedPartners } from '../support/changed-partners.ts';
import { createDataDir, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';
import type { Answer } from '../support/partner-door.ts';
import { startServeCommand } from '../support/serve-command.ts';
import { shippedClient, shippedKey } from '../support/signed-client.ts';

/** acme meets budgets, summit a rate. */
const ACME = {
  requests_per_second: 1_000,
  burst: 1_000,
  probes_per_day: 10,
  applications_per_day: 3,
  open_reservations: 1,
};
const SUMMIT = { requests_per_second: 1, burst: 10 };

let partners: string;
let gateway: TestGateway;

beforeAll(async () => {
  partners = changedPartners({ acme: { limits: ACME, disclosure: 'full' }, summit: { limits: SUMMIT } });
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partners } });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(partners, { recursive: true });
});

function question(reserve = false) {
  const { phone, idNumber: id_number } = nextPerson();
  return { product_id: 'quick-cash', subject: { phone, id_number }, reserve };
}

function limitOf(answer: Answer): string | null {
  return answer.headers.get('ratelimit');
}

/** Sends a request as it is, and once more if asked. */
function sender(origin: string, key: SigningKey, path = '/v1/whoami') {
  const url = `${origin}${path}`;
  const headers = { ...signRequest({ method: 'GET', url, key, createdSeconds: Date.now() / 1_000 }) };
  return async (more: Record<string, string> = {}) => fetch(url, { headers: { ...headers, ...more } });
}

describe('a partner’s rate', () => {
  test('a stranger with its key id burns none of it', async () => {
    for (let count = 0; count < 30; count += 1) {
      const answer = await gateway.summit.send('GET', '/v1/whoami', {
        headers: {
          'signature-input': `sig=("@method" "@authority" "@path");created=${Math.floor(Date.now() / 1_000)};expires=${Math.floor(Date.now() / 1_000) + 60};nonce="guess-${count}";keyid="summit-hmac";tag="sluice"`,
          signature: `sig=:${Buffer.from(`guess ${count} of a hmac of 32 bytes`).toString('base64')}:`,
        },
        sign: false,
      });
      expect(answer.status).toBe(401);
      expect(limitOf(answer)).toBeNull();
    }
    const own = await gateway.summit.get('/v1/whoami');
    expect([own.status, limitOf(own)]).toEqual([200, '"requests";r=9;t=1']);
    expect(own.headers.get('ratelimit-policy')).toBe(
      '"requests";q=10;w=10, "probes";q=5000000;w=86400, "applications";q=50000;w=86400',
    );
  });

  test('over it 429 says when to come back; the same request may then come again, and a replay costs nothing', async () => {
    const send = () => sender(gateway.url, shippedKey('summit'));
    const good = send();
    const sent = Array.from({ length: 2 * SUMMIT.burst }, send);
    const answers = await Promise.all(sent.map((one) => one()));
    const index = answers.findIndex(({ status }) => status === 429);
    const [refused = good, answer = new Response()] = [sent[index], answers[index]];
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({ code: 'rate_limited', violated_policies: ['requests'] });
    const retryAfter = Number(answer.headers.get('retry-after'));
    expect(answer.headers.get('ratelimit')).toBe(`"requests";r=0;t=${retryAfter}`);
    await new Promise((resolve) => setTimeout(resolve, retryAfter * 1_000));
    expect((await refused()).status).toBe(200);
    expect((await refused()).status).toBe(401);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect((await good()).status).toBe(200);
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(text).toMatch(/sluice_limited_requests_total\{policy="requests",door="partner",party="summit"\} [1-9]/);
    expect(text).toContain('\nsluice_limits_local 0');
  });
});

describe('a partner’s probes of the day', () => {
  test('a batch over the budget counts nothing, a faulty question neither, and midnight begins anew', async () => {
    const { acme } = gateway;
    const batch = (count: number) =>
      acme.post('/v1/prechecks/batch', { items: Array.from({ length: count }, () => question()) });
    const first = await batch(8);
    expect([first.status, limitOf(first)]).toEqual([200, expect.stringMatching(/, "probes";r=2;t=\d+$/)]);
    const over = await batch(3);
    expect(over.status).toBe(429);
    expect(over.body).toMatchObject({ code: 'rate_limited', violated_policies: ['probes'] });
    expect(over.body.results).toBeUndefined();
    const [, seconds] = /"probes";r=2;t=(\d+)/.exec(limitOf(over) ?? '') ?? [];
    expect(over.headers.get('retry-after')).toBe(seconds);
    expect((await acme.post('/v1/prechecks', { product_id: 'nothing' })).status).toBe(422);
    expect((await acme.post('/v1/prechecks', { ...question(), product_id: 'nothing' })).status).toBe(422);
    expect((await batch(1)).status).toBe(200);
    expect((await acme.post('/v1/prechecks', question(true))).body.reserved_until).not.toBeNull();
    const last = await acme.post('/v1/prechecks', question(true));
    expect(last.status).toBe(429);
    expect(JSON.stringify(last.body)).not.toContain('decision');
    await gateway.clock('1d');
    expect((await acme.post('/v1/prechecks', question())).status).toBe(200);
  });

  test('over the open reservations one is answered, not reserved, and told so', async () => {
    const { acme } = gateway;
    await gateway.clock('1d');
    const [held, over] = [
      await acme.post('/v1/prechecks', question(true)),
      await acme.post('/v1/prechecks', question(true)),
    ];
    expect(held.body.reserved_until).not.toBeNull();
    expect(held.headers.get('sluice-warnings')).toBeNull();
    expect(over.body).toMatchObject({ decision: 'accept', reserved_until: null });
    expect(over.headers.get('sluice-warnings')).toBe('reservations_exhausted');
    const items = [question(true), question(true)];
    const batch = await acme.post('/v1/prechecks/batch', { items });
    expect(batch.headers.get('sluice-warnings')).toBe('reservations_exhausted');
  });
});

describe('a partner’s applications of the day', () => {
  test('over them one is refused, until the next day; a retry is answered as before', async () => {
    const { acme } = gateway;
    await gateway.clock('1d');
    const registry = await shippedRegistry();
    const inputs = Array.from({ length: 5 }, (_, index) => applicationFor(registry, nextPerson(), `DAY-${index}`));
    const answers = await Promise.all(inputs.map((input) => acme.post('/v1/applications', input)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    const refused = answers.filter(({ body }) => body.status === 'refused');
    expect(refused).toHaveLength(2);
    for (const { body } of refused) {
      expect(body).toMatchObject({ reason: 'capped', detail: 'partner' });
      expect(body.retry_at).toMatch(/T16:00:00\.000Z$/);
    }
    for (const [index, input] of inputs.entries()) {
      const again = await acme.post('/v1/applications', input);
      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect(again.body.reason).toBe(answers[index]?.body.reason);
    }
    const asked = await acme.post('/v1/prechecks', question());
    expect(asked.body).toMatchObject({ decision: 'refuse', reason: 'capped', retry_at: refused[0]?.body.retry_at });
    await gateway.clock('1d');
    const next = await acme.post('/v1/applications', applicationFor(registry, nextPerson(), 'DAY-NEXT'));
    expect(next.body.status).toBe('received');
  });
});

describe('behind a proxy', () => {
  test('its word names the client; from anybody else it is not believed', async () => {
    const folder = changedPartners({ acme: { allow_ips: ['192.0.2.7'] } });
    const behind = await startTestGateway({
      variables: { SLUICE_PARTNERS: folder, SLUICE_TRUSTED_PROXIES: '127.0.0.1' },
    });
    const open = await startTestGateway({ variables: { SLUICE_PARTNERS: folder } });
    try {
      const ask = (url: string, from: string) => sender(url, shippedKey('acme'))({ 'x-forwarded-for': from });
      expect((await ask(behind.url, '192.0.2.7')).status).toBe(200);
      expect((await ask(behind.url, '192.0.2.7, 198.51.100.1')).status).toBe(403);
      expect((await ask(open.url, '192.0.2.7')).status).toBe(403);
      const fail = (from: string) => fetch(`${behind.url}/v1/whoami`, { headers: { 'x-forwarded-for': from } });
      const failed = await Promise.all(Array.from({ length: 120 }, () => fail('203.0.113.5')));
      expect(failed.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(100);
      expect((await fail('203.0.113.5')).status).toBe(429);
      expect((await fail('203.0.113.6')).status).toBe(401);
      expect((await ask(behind.url, '192.0.2.7')).status).toBe(200);
    } finally {
      await Promise.all([behind.stop(), open.stop()]);
      rmSync(folder, { recursive: true });
    }
  });
});

describe('with Redis away', () => {
  test('the local bucket still bounds and says so, within a second, until Redis is back', async () => {
    const folder = changedPartners({ summit: { limits: { requests_per_second: 1, burst: 5 } } });
    const local = await startTestGateway({ variables: { SLUICE_PARTNERS: folder } });
    const pid = local.gateway.embeddedRedisPid ?? 0;
    const metric = async () =>
      /^sluice_limits_local (\d)/m.exec(await (await fetch(`${local.url}/metrics`)).text())?.[1];
    try {
      expect(await metric()).toBe('0');
      process.kill(pid, 'SIGSTOP');
      const answers = await Promise.all(Array.from({ length: 30 }, () => local.summit.get('/v1/whoami')));
      const statuses = answers.map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([429, 503]));
      // The burst, and what the rate gave while the answers were waited for.
      expect(statuses.filter((status) => status === 503).length).toBeLessThanOrEqual(8);
      for (const answer of answers) expect(answer.headers.get('retry-after')).not.toBeNull();
      expect(await metric()).toBe('1');
      process.kill(pid, 'SIGCONT');
      const deadline = Date.now() + 10_000;
      while ((await local.acme.get('/v1/whoami')).status !== 200) expect(Date.now()).toBeLessThan(deadline);
      expect(await metric()).toBe('0');
    } finally {
      process.kill(pid, 'SIGCONT');
      await local.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('three processes', () => {
  test('give a partner its rate together, to one per cent', async () => {
    const rate = { requests_per_second: 50, burst: 100 };
    const folder = changedPartners({ summit: { limits: rate } });
    const dataDir = createDataDir();
    const served = await startServeCommand(dataDir, { SLUICE_PARTNERS: folder, SLUICE_PROCESSES: '3' });
    try {
      const summit = shippedClient(served.url, 'summit');
      const ask = async (): Promise<boolean> => (await summit.get('/v1/whoami')).status === 200;
      const drain = async (): Promise<number> => ((await ask()) ? 1 + (await drain()) : 0);
      // The burst first, so that what is measured is the sustained rate.
      await Promise.all(Array.from({ length: 2 * rate.burst }, ask));
      await drain();
      const startedAt = performance.now();
      let admitted = 0;
      const work = async (): Promise<void> => {
        while (performance.now() < startedAt + 6_000) {
          if (await ask()) admitted += 1;
          else await new Promise((resolve) => setTimeout(resolve, 30));
        }
      };
      await Promise.all(Array.from({ length: 12 }, work));
      admitted += await drain();
      const perSecond = (admitted * 1_000) / (performance.now() - startedAt);
      expect(perSecond / rate.requests_per_second).toBeGreaterThan(0.99);
      expect(perSecond / rate.requests_per_second).toBeLessThan(1.01);
    } finally {
      await served.stop();
      for (const path of [dataDir, folder]) rmSync(path, { recursive: true, force: true });
    }
  });
});
