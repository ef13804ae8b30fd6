import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDataDir } from '../support/gateway.ts';
import { nextPerson } from '../support/intake.ts';
import { livePartners } from '../support/live-partners.ts';
import { type LoggedGateway, startLoggedGateway } from '../support/logged-gateway.ts';

let dataDir: string;
let partners: string;
let gateway: LoggedGateway;

beforeAll(async () => {
  dataDir = createDataDir();
  partners = livePartners('{ mode: live, timeout_ms: 1500, on_timeout: accept, forms: [plain, md5] }');
  gateway = await startLoggedGateway(dataDir, { SLUICE_PARTNERS: partners, SLUICE_LOG_LEVEL: 'info' });
});
afterAll(async () => {
  await gateway.stop();
  for (const folder of [dataDir, partners]) rmSync(folder, { recursive: true, force: true });
});

async function ask(subject: unknown, productId = 'quick-cash') {
  const { status, headers, body } = await gateway.summit.post('/v1/prechecks', { product_id: productId, subject });
  expect(status).toBe(200);
  const id = headers.get('sluice-request-id');
  const lines = () => gateway.lines().filter(({ request_id }) => request_id === id);
  for (let tries = 0; lines().length === 0 && tries < 100; tries += 1) await new Promise((r) => setTimeout(r, 20));
  return { body, line: lines()[0] };
}

describe('the sandbox lender, asked live', () => {
  test('knows who ends with 0019', async () => {
    const { phone, idNumber, name } = nextPerson('0019');
    const { body, line } = await ask({ phone, id_number: idNumber, name });
    expect(body).toMatchObject({ decision: 'refuse', provisional: false });
    expect(line).toMatchObject({ live_outcome: 'refuse', live_ms: expect.any(Number) });
  });

  test('knows one of them by its hash', async () => {
    const { body } = await ask({ phone: { md5: createHash('md5').update('13800000019').digest('hex') } });
    expect(body).toMatchObject({ decision: 'refuse' });
  });

  test('takes too long for 0008, who may come provisionally', async () => {
    const { body, line } = await ask({ phone: nextPerson('0008').phone });
    expect(body).toMatchObject({ decision: 'accept', provisional: true });
    expect(line.live_outcome).toBe('timeout');
    expect(line.live_ms).toBeGreaterThanOrEqual(1_490);
  });

  test('lets others come', async () => {
    const { body, line } = await ask({ phone: nextPerson().phone });
    expect(body).toMatchObject({ decision: 'accept', provisional: false });
    expect(line.live_outcome).toBe('accept');
  });

  test('is one of several: only its own answer is provisional', async () => {
    const { phone } = nextPerson('0008');
    const { body } = await gateway.summit.post('/v1/prechecks', {
      product_ids: ['quick-cash', 'wave-days'],
      subject: { phone },
    });
    expect(body.provisional).toBe(true);
    expect(body.products.map(({ provisional }: { provisional: boolean }) => provisional)).toEqual([true, false]);
  });

  test('is asked about a batch in one line of the log, with counts', async () => {
    const items = ['0019', '0019', undefined].map((ending) => ({
      product_id: 'quick-cash',
      subject: { phone: nextPerson(ending).phone },
    }));
    const { status } = await gateway.summit.post('/v1/prechecks/batch', { items });
    expect(status).toBe(200);
    const line = () =>
      gateway.lines().find(({ route, items: count }) => route === '/v1/prechecks/batch' && count === 3);
    for (let tries = 0; line() === undefined && tries < 100; tries += 1) await new Promise((r) => setTimeout(r, 20));
    expect(line().live_outcome).toBe('refuse:2 accept:1');
  });

  test('is measured by outcome, and nobody is named in the log', async () => {
    const person = nextPerson('0019');
    await ask({ phone: person.phone, id_number: person.idNumber, name: person.name });
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(text).toMatch(/sluice_live_precheck_seconds_count\{lender="quickcredit",outcome="refuse"\} [1-9]/);
    expect(text).toMatch(/sluice_live_precheck_seconds_count\{lender="quickcredit",outcome="timeout"\} [1-9]/);
    for (const secret of [person.phone, person.idNumber, person.name]) {
      expect(gateway.output()).not.toContain(secret);
      expect(text).not.toContain(secret);
    }
  });
});
