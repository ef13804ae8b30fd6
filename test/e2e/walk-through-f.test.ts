import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { DAY_MS, isoOf } from '../../src/base/clock.ts';
import { ALL_SHARDS } from '../../src/base/ids.ts';
import { readConfig } from '../../src/config.ts';
import type { Person } from '../../src/demo/people.ts';
import { readLog } from '../../src/events/log.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { type FakeCore, startFakeCore } from '../support/fake-core.ts';
import { startTestGateway, type TestGateway, testVariables } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import type { PartnerClient } from '../support/partner-door.ts';
import { productIn, writeVariant } from '../support/registry-variant.ts';
import { shippedClient } from '../support/signed-client.ts';

const FALLBACK = 'https://acme.example/meanwhile';
/** The day of the walk-through, in the product's time zone. */
const DAY = isoOf(Date.now() + 2 * DAY_MS).slice(0, 10);
const at = (time: string): string => isoOf(Date.parse(`${DAY}T${time}:00+08:00`));
const UNTIL = at('12:00');

let root: string;
let core: FakeCore;
let coreIsUp = false;
let one: TestGateway;
let two: Gateway;
/** The partner at the second process. */
let shelf: PartnerClient;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-walk-f-'));
  core = await startFakeCore((push) =>
    coreIsUp ? { status: 202, body: { result: 'accepted', lender_ref: `Z-${push.key}` } } : { status: 503 },
  );
  const partners = join(root, 'partners');
  writeVariant(partners, {
    'traffic/acme/partner.yaml': (acme) => {
      acme.disclosure = 'institution';
      acme.links[0].fallback_url = FALLBACK;
    },
    'lending/bluewave/lender.yaml': (lender) => {
      lender.core = { url: core.url };
      productIn(lender, 'wave-days').eligibility.age = [18, 60];
    },
  });
  const group = { SLUICE_PARTNERS: partners, SLUICE_PROCESSES: '2' };
  const second = async (redisUrl: string): Promise<Gateway> => {
    const variables = { ...group, SLUICE_PROCESS_INDEX: '2', REDIS_URL: redisUrl };
    return startGateway(readConfig(testVariables(join(root, 'two'), variables)), { say: () => undefined });
  };
  one = await startTestGateway({ variables: { ...group, SLUICE_PROCESS_INDEX: '1' } });
  two = await second(`unix:${join(one.dataDir, 'redis', 'redis.sock')}`);
  shelf = shippedClient(two.url, 'acme');
});
afterAll(async () => {
  await two.stop();
  await one.stop();
  await core.close();
  rmSync(root, { recursive: true, force: true });
});

async function moveTo(time: string): Promise<void> {
  const { status, body } = await one.operator.post('/sandbox/clock', { to: at(time) });
  if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(body)}`);
}

function pause(body: object, product = 'quick-cash') {
  return one.operator.post(`/admin/v1/products/${product}/pause`, { reason: 'funds for today are used up', ...body });
}

function resume(product = 'quick-cash') {
  return one.operator.post(`/admin/v1/products/${product}/resume`, {});
}

function precheck(person: Person, reserve = false) {
  const { name, idNumber: id_number, phone } = person;
  return one.acme.post('/v1/prechecks', { product_id: 'quick-cash', subject: { name, id_number, phone }, reserve });
}

async function apply(person: Person, ref: string, more: object = {}, product = 'quick-cash') {
  const registry = one.gateway.rooms.intake.registry();
  const { body } = await one.acme.post('/v1/applications', {
    ...applicationFor(registry, person, ref, product),
    ...more,
  });
  await one.settle();
  return body;
}

async function drawDown(applicationId: string, { bankCard, phone }: Person, ref: string) {
  return one.acme.post(`/v1/applications/${applicationId}/loans`, {
    partner_ref: ref,
    amount: { amount: 100_000, currency: 'CNY' },
    term: 3,
    term_unit: 'month',
    purpose: 'consumption',
    bank_card: { number: bankCard.number, bank_code: 'ICBC', phone },
    consents: [],
  });
}

const read = async (id: string) => (await one.acme.get(`/v1/applications/${id}`)).body;

/** What was told of a product, over all shards. */
async function told(product: string) {
  const logs = await Promise.all(ALL_SHARDS.map((shard) => readLog(one.redis, one.keys, shard, '0-0', 10_000)));
  return logs.flat().filter(({ type, subject }) => type === 'product.updated' && subject === product);
}

describe('walk-through F: paused at 10:00, stop: new', () => {
  const [inReview, granted, quoted, tooLate, hopeful] = ['0003', '0000', undefined, undefined, undefined].map(
    (suffix) => nextPerson(suffix),
  ) as [Person, Person, Person, Person, Person];
  const ids: Record<string, string> = {};
  const prechecks: Record<string, { id: string; terms_id: string }> = {};
  let etag = '';

  beforeAll(async () => {
    await moveTo('09:50');
    ids.inReview = (await apply(inReview, 'F-REVIEW')).id;
    ids.granted = (await apply(granted, 'F-GRANTED')).id;
    ids.dead = (await apply(nextPerson(), 'F-DEAD', {}, 'wave-days')).id;
    await moveTo('09:58');
    prechecks.quoted = (await precheck(quoted, true)).body;
    prechecks.tooLate = (await precheck(tooLate, true)).body;
    etag = (await shelf.get('/v1/products')).headers.get('etag') ?? '';
    await moveTo('10:00');
    const { status, body } = await pause({ stop: 'new', until: UNTIL });
    expect([status, body.status]).toEqual([200, 'paused']);
    await pause({ stop: 'new', until: UNTIL }, 'wave-days');
  });

  test('shelves: `product.updated` within seconds, and the ETag of the catalogue changes, in every process', async () => {
    await vi.waitFor(
      async () => {
        const answer = await shelf.get('/v1/products', { 'if-none-match': etag });
        expect(answer.status).toBe(200);
        const product = answer.body.data.find(({ id }: { id: string }) => id === 'quick-cash');
        expect(product).toMatchObject({ status: 'paused', stops: [{ stop: 'new', until: UNTIL }] });
        expect(Math.abs(Date.parse(product.updated_at) - Date.parse(at('10:00')))).toBeLessThan(30_000);
      },
      { timeout: 1_000, interval: 20 },
    );
    expect((await told('quick-cash')).map(({ data }) => data)).toEqual([
      {
        product_id: 'quick-cash',
        lender_id: 'quickcredit',
        status: 'paused',
        stops: [{ stop: 'new', until: UNTIL }],
        changed: ['status', 'stops'],
        revision: 2,
      },
    ]);
  });

  test('precheck 10:01: refuse `closed/paused`, `retry_at` = until; asked for every product it is left out', async () => {
    await moveTo('10:01');
    const refusal = { decision: 'refuse', reason: 'closed', detail: 'paused', retry_at: UNTIL };
    expect((await precheck(hopeful)).body).toMatchObject(refusal);
    const { name, idNumber, phone } = hopeful;
    const subject = { name, id_number: idNumber, phone };
    expect((await shelf.post('/v1/prechecks', { product_id: 'quick-cash', subject })).body).toMatchObject(refusal);
    const every = await one.acme.post('/v1/prechecks', { subject });
    const asked = every.body.products.map(({ product_id }: { product_id: string }) => product_id);
    expect(asked).not.toContain('quick-cash');
    expect(asked).toContain('quick-flex');
  });

  test('click 10:02: fallback_url, counted, not billable, its cause shown to the owner of the link', async () => {
    await moveTo('10:02');
    const headers = {
      'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36',
    };
    for (const url of [one.url, two.url]) {
      const response = await fetch(`${url}/r/acme-home`, { redirect: 'manual', headers });
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toMatch(new RegExp(`^${FALLBACK}\\?click=clk_`));
    }
    await one.settle();
    const { body } = await one.acme.get('/v1/links/acme-home/stats');
    expect(body.clicks).toMatchObject({ raw: 2, billable: 0, diverted: { paused: 2 } });
    const page = await fetch(`${one.url}/apply/acme-home?click=clk_${'0'.repeat(32)}&lang=en`, { headers });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('takes no applications')]);
  });

  test('reserved 09:58 (to 10:08), applies 10:05: accepted at the quoted price', async () => {
    await moveTo('10:05');
    const body = await apply(quoted, 'F-QUOTED', { precheck_id: prechecks.quoted?.id });
    expect(body).toMatchObject({ status: expect.not.stringMatching('refused'), reason: null });
    const stored = (await one.gateway.rooms.store.load(body.id))?.application;
    expect(stored?.pins).toEqual({ main: prechecks.quoted?.terms_id });
    expect((await apply(hopeful, 'F-UNQUOTED')).reason).toBe('closed');
  });

  test('reserved, applies 10:09: refused `closed/paused`', async () => {
    await moveTo('10:09');
    const body = await apply(tooLate, 'F-LATE', { precheck_id: prechecks.tooLate?.id });
    expect(body).toMatchObject({ status: 'refused', reason: 'closed', detail: 'paused', retry_at: UNTIL });
  });

  test('submitted, waiting in review: goes on', async () => {
    expect((await read(ids.inReview ?? '')).status).toBe('in_review');
    const data = { amount: { amount: 500_000, currency: 'CNY' }, apr: '0.18', expires_at: at('23:00') };
    const event = { id: 'F-1', type: 'credit.granted', occurred_at: at('10:09'), application_id: ids.inReview, data };
    const { body } = await one.lender('quickcredit').post('/lender/v1/events', { events: [event] });
    expect(body.results).toMatchObject([{ id: 'F-1', result: 'applied' }]);
    expect((await read(ids.inReview ?? '')).status).toBe('credit_granted');
  });

  test('granted, draws down 10:30: goes on; 409 only with `stop: drawdowns`', async () => {
    await moveTo('10:30');
    const first = await drawDown(ids.granted ?? '', granted, 'F-LOAN-1');
    expect(first.status).toBe(201);
    await pause({ stop: 'drawdowns', until: at('11:00') });
    const stopped = await drawDown(ids.inReview ?? '', inReview, 'F-LOAN-2');
    expect([stopped.status, stopped.body.code, stopped.body.until]).toEqual([409, 'product_paused', at('11:00')]);
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(1_700);
    const again = await drawDown(ids.granted ?? '', granted, 'F-LOAN-1');
    expect([again.status, again.headers.get('idempotent-replayed'), again.body.id]).toEqual([
      201,
      'true',
      first.body.id,
    ]);
    await moveTo('11:01');
    expect((await drawDown(ids.inReview ?? '', inReview, 'F-LOAN-2')).status).toBe(201);
  });

  test('push to a dead core: ordinary retry; pause is not an outage', async () => {
    expect((await read(ids.dead ?? '')).status).toBe('received');
    coreIsUp = true;
    await vi.waitFor(async () => expect((await read(ids.dead ?? '')).status).toBe('submitted'), {
      timeout: 10_000,
      interval: 100,
    });
  }, 15_000);

  test('12:00: it opens by itself, at that instant, and is told', async () => {
    await moveTo('12:01');
    expect((await precheck(hopeful)).body.decision).toBe('accept');
    const { body } = await shelf.get('/v1/products/quick-cash');
    expect(body).toMatchObject({ status: 'open', stops: [], updated_at: UNTIL });
    const changes = (await told('quick-cash')).map(({ occurred_at, data }) => [occurred_at, data.status, data.stops]);
    expect(changes.slice(-2)).toEqual([
      [at('11:00'), 'paused', [{ stop: 'new', until: UNTIL }]],
      [UNTIL, 'open', []],
    ]);
    expect(changes).toHaveLength(4);
  });
});

describe('stop: submissions', () => {
  test('pushes to that product’s core wait, and go out by themselves when it is resumed', async () => {
    await pause({ stop: 'submissions' });
    const held = await apply(nextPerson(), 'F-HELD');
    const other = await apply(nextPerson(), 'F-OTHER', {}, 'quick-flex');
    expect([(await read(held.id)).status, (await read(other.id)).status]).toEqual([
      'received',
      expect.not.stringMatching('received'),
    ]);
    await resume();
    await vi.waitFor(async () => expect((await read(held.id)).status).not.toBe('received'), {
      timeout: 15_000,
      interval: 100,
    });
  }, 20_000);
});

describe('who may pause and resume', () => {
  test('a lender its own products, and not what an operator has paused; an operator both', async () => {
    const lender = one.lender('quickcredit');
    const body = { stop: 'new', reason: 'maintenance' };
    expect((await lender.post('/lender/v1/products/wave-days/pause', body)).status).toBe(404);
    expect((await lender.post('/lender/v1/products/nothing/pause', body)).status).toBe(404);
    await pause({ stop: 'new' });
    const paused = await lender.post('/lender/v1/products/quick-cash/pause', body);
    expect(paused.body.pauses).toMatchObject([
      { by: 'operator', reason: null, name: null },
      { by: 'lender', reason: 'maintenance', name: 'quickcredit' },
    ]);
    const resumed = await lender.post('/lender/v1/products/quick-cash/resume', {});
    expect([resumed.body.status, resumed.body.pauses]).toMatchObject(['paused', [{ by: 'operator' }]]);
    await lender.post('/lender/v1/products/quick-cash/pause', body);
    const listed = await one.operator.get('/admin/v1/products?status=paused');
    expect(listed.body.data).toMatchObject([{ id: 'quick-cash', pauses: [{ by: 'operator' }, { by: 'lender' }] }]);
    expect((await resume()).body).toMatchObject({ status: 'open', pauses: [] });
    const mine = await lender.get('/lender/v1/products');
    expect(mine.body.data.map(({ id }: { id: string }) => id)).toEqual(['quick-cash', 'quick-flex']);
  });

  test('an end that has passed is refused, an unknown product not found, and every act is in the audit log', async () => {
    expect((await pause({ until: at('09:00') })).body.errors).toMatchObject([{ pointer: '/until' }]);
    expect((await pause({}, 'nothing')).status).toBe(404);
    const { body } = await one.operator.get('/admin/v1/audit?limit=200');
    const acts = body.data.filter(({ action }: { action: string }) => action.startsWith('product.'));
    expect(new Set(acts.map(({ action }: { action: string }) => action))).toEqual(
      new Set(['product.pause', 'product.resume']),
    );
    expect(JSON.stringify(acts)).toContain('"role":"lender"');
  });
});
