import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InboundLog } from '../../../src/applications/inbound/inbound-log.ts';
import type { Application } from '../../../src/applications/model.ts';
import { ClickStore } from '../../../src/attribution/clicks/click-store.ts';
import { HandoffStore } from '../../../src/attribution/handoffs/handoff-store.ts';
import { RegistrationStore } from '../../../src/attribution/registration-store.ts';
import { TouchStore } from '../../../src/attribution/touch-store.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { SHARD_COUNT } from '../../../src/base/ids.ts';
import { inertDeps } from '../../../src/commands/inert-deps.ts';
import { lenderApplicationSchema } from '../../../src/doors/lender/lender-application.ts';
import type { LenderDeps } from '../../../src/doors/lender/lender-deps.ts';
import { createLenderDoor } from '../../../src/doors/lender/lender-door.ts';
import { readLog } from '../../../src/events/log.ts';
import { ApplicationIndex } from '../../../src/insight/application-index.ts';
import { createIndexProjection } from '../../../src/insight/index-projection.ts';
import { createTotalsProjection } from '../../../src/insight/totals/totals-projection.ts';
import { TotalsStore } from '../../../src/insight/totals/totals-store.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { createAdmissions } from '../../../src/limits/admission.ts';
import { verificationKeyOf } from '../../../src/trust/import-key.ts';
import { signRequest } from '../../../src/trust/sign-message.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { logEvent, sampleContext } from '../../support/log-event.ts';
import { fetchSigned, freshKey, type OpenDoor, openDoor } from '../../support/open-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;
let door: OpenDoor;
let totals: TotalsStore;
let refs = 0;

const lenderKey = freshKey('quickcredit-ed');
const otherKey = freshKey('bluewave-ed');
const owners = new Map([
  [lenderKey.id, { key: verificationKeyOf(lenderKey), lenderId: 'quickcredit' }],
  [otherKey.id, { key: verificationKeyOf(otherKey), lenderId: 'bluewave' }],
]);

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  const { client, keys } = redis;
  const { deps, clock, registry } = intake;
  const { store } = deps;
  const index = new ApplicationIndex({
    client,
    keys,
    statusOf: async (id) => (await store.load(id))?.application.status,
  });
  const find = (keyId: string) => {
    const owner = owners.get(keyId);
    const party = owner && registry.lenders.get(owner.lenderId);
    return owner && party ? { key: owner.key, party } : undefined;
  };
  const reports = {
    ...deps,
    clicks: new ClickStore(client, keys, clock),
    touches: new TouchStore(client, keys),
    registrations: new RegistrationStore(client, keys),
    handoffs: new HandoffStore(client, keys),
  };
  const failed = (error: unknown) => {
    throw error;
  };
  const inbound = new InboundLog({ client, keys, failed });
  const lenderEvents = { store, clock, inbound, products: (id: string) => registry.products.get(id) };
  const signed = { keys: { find }, admissions: createAdmissions(client, keys) };
  const audit = new AuditLog({ client, keys, rootSecret: new Uint8Array(32) });
  const appeals = inertDeps<LenderDeps['appeals']>();
  totals = new TotalsStore(client, keys);
  const products = inertDeps<LenderDeps['products']>();
  const documents = { documents: deps.documents, documentFiles: inertDeps<LenderDeps['documentFiles']>() };
  const pulled = inertDeps<LenderDeps['pulled']>();
  const lists = { lists: deps.lists, pulled, appeals, audit, totals, clock, products, ...documents };
  door = await openDoor(
    (base) => createLenderDoor({ ...base, signed, lenderEvents, inbound, index, store, reports, ...lists }),
    ['lender'],
  );
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

async function submit(): Promise<Application> {
  refs += 1;
  const input = applicationFor(intake.registry, nextPerson(), `ORDER-${refs}`);
  const result = await submitApplication(
    intake.deps,
    { partner: intake.partner('acme'), origin: 'partner' },
    { ...input, partner_user_ref: `user-${refs}`, sub_ids: { sub1: 'campaign-7' } },
  );
  if (result.kind !== 'answered') throw new Error(`not answered: ${result.kind}`);
  return result.application;
}

/** Brings the index up to the log. */
async function indexEverything(): Promise<void> {
  const { client, keys } = redis;
  const partnerUserRefOf = async (id: string) =>
    (await intake.deps.store.load(id))?.application.partner_user_ref ?? null;
  const projection = createIndexProjection({ client, keys, partnerUserRefOf });
  for (let shard = 0; shard < SHARD_COUNT; shard += 1) {
    for (const event of await readLog(client, keys, shard, '0-0', 10_000)) await projection.apply(event);
  }
}

const money = (amount: number) => ({ amount, currency: 'CNY' });

function grant(applicationId: string, id: string, amount = 500_000) {
  return {
    id,
    type: 'credit.granted',
    occurred_at: '2026-03-02T04:00:00.000Z',
    application_id: applicationId,
    data: { amount: money(amount), apr: '0.18', expires_at: '2027-03-02T00:00:00Z' },
  };
}

function post(events: unknown, key = lenderKey): ReturnType<typeof fetchSigned> {
  return fetchSigned(`${door.origin}/lender/v1/events`, key, { events });
}

describe('GET /lender/v1/events', () => {
  const list = (query: string, key = lenderKey) => fetchSigned(`${door.origin}/lender/v1/events?${query}`, key);

  test('a lender reads what it posted and what it was answered, page by page, and nobody else does', async () => {
    const { id } = await submit();
    const since = '2026-03-02T04:00:00Z';
    const odd = { id: 'x'.repeat(200), type: '张三', occurred_at: '13800138000', application_id: id };
    const early = { ...grant(id, 'LOG-2'), type: 'credit.updated', data: { reason: '13800138000' } };
    await post([grant(id, 'LOG-1', 1_000), odd, early]);
    await post([grant(id, 'LOG-1', 1_000)]);
    const rows: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null; ) {
      const after = cursor === '' ? '' : `&cursor=${cursor}`;
      const { status, body } = await list(`since=${since}&limit=2${after}`);
      expect(status).toBe(200);
      rows.push(...(body.data as unknown[]));
      cursor = body.next_cursor;
    }
    const own = (rows as Record<string, unknown>[]).filter((row) => row.application_id === id || row.id === null);
    expect(own.slice(-4)).toMatchObject([
      { id: 'LOG-1', type: 'credit.granted', occurred_at: '2026-03-02T04:00:00.000Z', result: 'applied', code: null },
      { id: null, type: null, occurred_at: null, application_id: null, result: 'rejected', code: 'schema_invalid' },
      { id: 'LOG-2', type: 'credit.updated' },
      { id: 'LOG-1', result: 'duplicate' },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/张三|13800138000/);
    const { body } = await list('result=rejected', otherKey);
    expect(JSON.stringify(body)).not.toContain(id);
    expect((await list('cursor=bm9uZQ')).status).toBe(422);
  });

  test('whose application it is that it named wrongly, it does not learn', async () => {
    const { id } = await submit();
    await post([grant(id, 'WRONG-1')], otherKey);
    const { body } = await list('result=rejected&limit=200', otherKey);
    expect((body.data as unknown[]).at(-1)).toMatchObject({
      id: 'WRONG-1',
      code: 'wrong_lender',
      application_id: null,
    });
  });
});

describe('POST /lender/v1/events', () => {
  test('an event is applied, the same again is a duplicate, and the application has moved once', async () => {
    const { id } = await submit();
    const event = grant(id, 'L-1');
    expect(await post([event])).toEqual({ status: 200, body: { results: [{ id: 'L-1', result: 'applied' }] } });
    expect((await post([event])).body).toEqual({ results: [{ id: 'L-1', result: 'duplicate' }] });
    const stored = await intake.deps.store.load(id);
    expect(stored?.application).toMatchObject({ status: 'credit_granted', credit: { amount: 500_000 } });
  });

  test('each event is judged by itself: what is wrong with one does not refuse the others', async () => {
    const { id } = await submit();
    const { status, body } = await post([
      { id: 'B-1', type: 'application.verifying', occurred_at: '2026-03-02T04:00:00Z', application_id: id },
      { id: 'B-2', type: 'credit.granted', occurred_at: '2026-03-02T04:00:00Z', application_id: id, data: {} },
      { id: 'B-3', type: 'no.such_type', occurred_at: '2026-03-02T04:00:00Z', application_id: id },
      'not an event at all',
      grant(`app_${'0'.repeat(32)}`, 'B-5'),
      grant(id, 'B-6'),
    ]);
    expect(status).toBe(200);
    expect(body.results).toMatchObject([
      { id: 'B-1', result: 'applied' },
      { id: 'B-2', result: 'rejected', code: 'schema_invalid' },
      { id: 'B-3', result: 'rejected', code: 'schema_invalid' },
      { id: null, result: 'rejected', code: 'schema_invalid' },
      { id: 'B-5', result: 'rejected', code: 'unknown_application' },
      { id: 'B-6', result: 'applied' },
    ]);
  });

  test('an event that is not possible names the types that are', async () => {
    const { id } = await submit();
    await post([{ ...grant(id, 'I-1'), type: 'credit.declined', data: { reason: 'score' } }]);
    const { body } = await post([
      { id: 'I-2', type: 'application.verifying', occurred_at: '2026-03-02T04:01:00Z', application_id: id },
    ]);
    expect(body.results).toMatchObject([{ result: 'rejected', code: 'illegal_transition', legal: [] }]);
  });

  test('another lender cannot move an application', async () => {
    const { id } = await submit();
    const { body } = await post([grant(id, 'W-1')], otherKey);
    expect(body.results).toMatchObject([{ id: 'W-1', result: 'rejected', code: 'wrong_lender' }]);
    expect((await intake.deps.store.load(id))?.application.status).toBe('received');
  });

  test('the envelope is checked as a whole: none, more than 500, unknown fields', async () => {
    for (const events of [[], Array.from({ length: 501 }, () => ({})), undefined]) {
      expect(await post(events)).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    }
    const { status, body } = await fetchSigned(`${door.origin}/lender/v1/events`, lenderKey, { events: [{}], x: 1 });
    expect([status, body.errors]).toMatchObject([422, [{ pointer: '/x', code: 'unknown_field' }]]);
  });

  test('nobody posts unsigned, with a key that is not known, or with the same signature twice', async () => {
    const url = `${door.origin}/lender/v1/events`;
    const unsigned = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"events":[{}]}',
    });
    expect(unsigned.status).toBe(401);
    expect(await unsigned.json()).toMatchObject({ code: 'signature_missing' });
    const stranger = await fetchSigned(url, freshKey('stranger'), { events: [{}] });
    expect(stranger).toMatchObject({ status: 401, body: { code: 'key_unknown' } });
    const body = JSON.stringify({ events: [{}] });
    const type = { 'content-type': 'application/json' };
    const createdSeconds = Date.now() / 1_000;
    const signature = signRequest({ method: 'POST', url, headers: type, body, key: lenderKey, createdSeconds });
    const send = () => fetch(url, { method: 'POST', headers: { ...type, ...signature }, body });
    expect((await send()).status).toBe(200);
    const again = await send();
    expect([again.status, await again.json()]).toMatchObject([401, { code: 'signature_replayed' }]);
  });
});

describe('daily totals', () => {
  const put = (day: string, body: object, key = lenderKey): ReturnType<typeof fetchSigned> =>
    fetchSigned(`${door.origin}/lender/v1/daily-totals/${day}`, key, body, 'PUT');
  const nothing = {
    applications: 0,
    granted: { count: 0, amount: money(0) },
    disbursed: { count: 0, principal: money(0) },
    paid: { count: 0, principal: money(0), interest: money(0), fees: money(0), penalty: money(0) },
    outstanding: { count: 0, principal: money(0) },
  };

  test('a day that agrees with the events matches; one that does not names every figure, and is read again later', async () => {
    const projection = createTotalsProjection({ client: redis.client, keys: redis.keys, timeZoneOf: () => undefined });
    const context = sampleContext({ lender_id: 'quickcredit', product_id: 'quick-cash' });
    const subject = `app_${'1'.repeat(32)}`;
    const at = { context, occurred_at: '2026-03-01T04:00:00.000Z' };
    await projection.apply(logEvent('application.submitted', subject, '1-0', {}, at));
    await projection.apply(logEvent('credit.granted', subject, '2-0', { amount: 500_000, currency: 'CNY' }, at));
    const day = { ...nothing, applications: 1, granted: { count: 1, amount: money(400_000) } };
    const told = { timezone: 'Asia/Shanghai', products: [{ product_id: 'quick-cash', ...day }] };
    const { status, body } = await put('2026-03-01', told);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      matches: false,
      differences: [
        { product_id: 'quick-cash', figure: 'granted.amount', ours: 500_000, theirs: 400_000, difference: -100_000 },
      ],
    });
    const mended = { ...day, granted: { count: 1, amount: money(500_000) } };
    await put('2026-03-01', { ...told, products: [{ product_id: 'quick-cash', ...mended }] });
    const read = await fetchSigned(`${door.origin}/lender/v1/daily-totals/2026-03-01`, lenderKey);
    expect(read.body).toMatchObject({ date: '2026-03-01', matches: true, differences: [] });
    expect((await fetchSigned(`${door.origin}/lender/v1/daily-totals/2026-02-01`, lenderKey)).body.matches).toBeNull();
  });

  test('what cannot be compared is refused with its place', async () => {
    const product = { product_id: 'quick-cash', ...nothing };
    const faultOf = async (day: string, body: object) => (await put(day, body)).body.errors;
    expect(await faultOf('2026-03-01', { timezone: 'UTC', products: [product] })).toMatchObject([
      { pointer: '/timezone', code: 'timezone_mismatch' },
    ]);
    const foreign = { timezone: 'Asia/Shanghai', products: [{ ...product, product_id: 'not-mine' }] };
    expect(await faultOf('2026-03-01', foreign)).toMatchObject([{ pointer: '/products/0/product_id' }]);
    const dollars = { ...product, granted: { count: 0, amount: { amount: 0, currency: 'USD' } } };
    expect(await faultOf('2026-03-01', { timezone: 'Asia/Shanghai', products: [dollars] })).toMatchObject([
      { pointer: '/products/0/granted/amount/currency', code: 'currency_mismatch' },
    ]);
    for (const day of ['2026-03-09', '2023-03-02']) {
      const faults = await faultOf(day, { timezone: 'Asia/Shanghai', products: [product] });
      expect(faults).toMatchObject([{ pointer: '/date', code: 'out_of_range' }]);
    }
  });
});

describe('GET /lender/v1/applications', () => {
  async function pull(query = '', key = lenderKey): Promise<{ data: Record<string, unknown>[]; next: string | null }> {
    const { status, body } = await fetchSigned(`${door.origin}/lender/v1/applications${query}`, key);
    expect(status).toBe(200);
    return { data: body.data as Record<string, unknown>[], next: body.next_cursor as string | null };
  }

  test('pages meet every application of the lender once, and none of another lender', async () => {
    const submitted = [];
    for (let n = 0; n < 7; n += 1) submitted.push((await submit()).id);
    await indexEverything();
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof pull>> = await pull(`?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen).toEqual(expect.arrayContaining(submitted));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await pull('', otherKey)).data).toEqual([]);
  });

  test('an application is shown as documented, without the person and without the partner’s own words', async () => {
    const { id, requested } = await submit();
    await post([grant(id, 'V-1')]);
    await indexEverything();
    const { data } = await pull('?status=credit_granted&limit=200');
    const shown = data.find((one) => one.id === id);
    expect(lenderApplicationSchema.strict().parse(shown)).toMatchObject({
      status: 'credit_granted',
      origin: 'partner',
      funder_ids: ['harbour'],
      requested,
      credit: { amount: money(500_000), available: money(500_000) },
      attribution: { partner_id: 'acme', via: 'api' },
    });
    const text = JSON.stringify(shown);
    for (const hidden of ['ORDER-', 'user-', 'campaign-7', 'phone', 'id_number']) expect(text).not.toContain(hidden);
  });

  test('updated_after and status narrow, and a cursor that we did not make is refused', async () => {
    await submit();
    await indexEverything();
    expect((await pull('?updated_after=2030-01-01T00:00:00Z')).data).toEqual([]);
    expect((await pull('?status=expired')).data).toEqual([]);
    for (const query of ['?cursor=1.x', '?status=screening', '?limit=0']) {
      const answer = await fetchSigned(`${door.origin}/lender/v1/applications${query}`, lenderKey);
      expect(answer).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
    }
  });
});
