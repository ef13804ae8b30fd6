import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InboundLog } from '../../../src/applications/inbound/inbound-log.ts';
import { DeadLetters } from '../../../src/applications/push/dead-letters.ts';
import { LenderHealth } from '../../../src/applications/push/lender-health.ts';
import { OutboxOverview } from '../../../src/applications/push/outbox-overview.ts';
import { SnapshotStore } from '../../../src/applications/receivables/snapshot-store.ts';
import { LinkStore } from '../../../src/attribution/link-store.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { AuditReader } from '../../../src/audit/audit-reader.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { derivedId, shardOfId } from '../../../src/base/ids.ts';
import { inertDeps } from '../../../src/commands/inert-deps.ts';
import { operatorApplicationSchema } from '../../../src/doors/operator/operator-application.ts';
import type { OperatorDeps } from '../../../src/doors/operator/operator-deps.ts';
import { createOperatorDoor } from '../../../src/doors/operator/operator-door.ts';
import { type Parked, parkedField } from '../../../src/events/checkpoint.ts';
import type { Actor } from '../../../src/http/bearer.ts';
import { createFunnelProjection } from '../../../src/insight/funnel-projection.ts';
import { FunnelReader } from '../../../src/insight/funnel-reader.ts';
import { PageReader } from '../../../src/insight/pages/page-reader.ts';
import { TotalsStore } from '../../../src/insight/totals/totals-store.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import type { KeyDesk } from '../../../src/keys/key-desk.ts';
import { OperatorStore } from '../../../src/operators/operator-store.ts';
import type { SubjectDesk } from '../../../src/privacy/subject-desk.ts';
import type { RevenueDesk } from '../../../src/revenue/revenue-desk.ts';
import { startFakeCore } from '../../support/fake-core.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { logEvent } from '../../support/log-event.ts';
import { type OpenDoor, openDoor } from '../../support/open-door.ts';
import { OutboxBench, signingKey } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const ADMIN = 'admin-token-of-this-test';
const FINANCE = 'finance-token-of-this-test';
const SUPPORT = 'support-token-of-this-test';
const digest = (token: string) => createHash('sha256').update(token).digest('hex');
const operators = new Map<string, Actor>([
  [digest(FINANCE), { name: 'fiona', role: 'finance' }],
  [digest(SUPPORT), { name: 'sam', role: 'support' }],
]);

let redis: TestRedis;
let intake: TestIntake;
let bench: OutboxBench;
let door: OpenDoor;
let live: OpenDoor;
const kicked: number[] = [];
const moves: unknown[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  const { client, keys } = redis;
  bench = new OutboxBench(redis);
  const own: Omit<OperatorDeps, 'env' | 'publicNames' | 'publicUrl' | 'logger' | 'metrics' | 'perimeter'> = {
    bearer: { adminToken: ADMIN, findOperator: async (sha256) => operators.get(sha256) },
    audit: new AuditLog({ client, keys, rootSecret: new Uint8Array(32) }),
    auditReader: new AuditReader(client, keys),
    signAuditHead: (payload) => payload,
    operators: new OperatorStore(client, keys),
    products: inertDeps<OperatorDeps['products']>(),
    registry: () => intake.registry,
    store: intake.deps.store,
    registrations: inertDeps<OperatorDeps['registrations']>(),
    quality: inertDeps<OperatorDeps['quality']>(),
    funnel: new FunnelReader(client, keys),
    pages: new PageReader(client, keys),
    links: new LinkStore(client, keys),
    earnings: { ofLink: async () => 0 },
    totals: new TotalsStore(client, keys),
    receivables: new SnapshotStore(client, keys),
    clock: intake.clock,
    signingKeys: inertDeps<OperatorDeps['signingKeys']>(),
    revenue: inertDeps<RevenueDesk>(),
    reconciliation: inertDeps<OperatorDeps['reconciliation']>(),
    delivery: inertDeps<OperatorDeps['delivery']>(),
    alarms: inertDeps<OperatorDeps['alarms']>(),
    subjects: inertDeps<SubjectDesk>(),
    lists: intake.deps.lists,
    listHits: inertDeps<OperatorDeps['listHits']>(),
    autoHolds: inertDeps<OperatorDeps['autoHolds']>(),
    appeals: inertDeps<OperatorDeps['appeals']>(),
    keyDesk: inertDeps<KeyDesk>(),
    client,
    keys,
    deadLetters: new DeadLetters(client, keys),
    lenderOutboxes: new OutboxOverview(client, keys),
    lenderHealth: new LenderHealth(client, keys, { index: 1, count: 1 }),
    prober: inertDeps<OperatorDeps['prober']>(),
    inbound: new InboundLog({ client, keys, failed: () => undefined }),
    lenderEvents: { store: intake.deps.store },
    realClock: systemClock,
    kick: (shard) => void kicked.push(shard),
    clockMover: {
      now: () => Date.parse('2026-03-02T04:00:00Z'),
      move: async (body) => {
        moves.push(body);
        if ('to' in body) return { pointer: '/to', message: 'is in the past' };
        return { now: Date.parse('2026-04-01T04:00:00Z') };
      },
    },
  };
  door = await openDoor((base) => createOperatorDoor({ ...base, ...own }), ['admin', 'sandbox']);
  live = await openDoor((base) => createOperatorDoor({ ...base, ...own }), ['admin', 'sandbox'], 'live');
});
afterAll(async () => {
  await Promise.all([door.close(), live.close()]);
  await redis.close();
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, looked into by each test
  readonly body: any;
}

async function ask(path: string, token: string | null = ADMIN, body?: unknown, at = door): Promise<Answer> {
  const response = await fetch(`${at.origin}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe('who may come in', () => {
  test('without a token, or with one that nobody was given, nothing is answered and nothing happens', async () => {
    for (const token of [null, 'wrong', `${ADMIN}x`, '']) {
      for (const path of ['/admin/v1/partners', '/admin/v1/parked', '/sandbox/clock']) {
        expect(await ask(path, token)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
      }
      expect((await ask('/sandbox/clock', token, { advance: '1d' })).status).toBe(401);
    }
    expect(moves).toEqual([]);
  });

  test('every role reads; a re-drive is for support and admins', async () => {
    expect((await ask('/admin/v1/partners', FINANCE)).status).toBe(200);
    const parked = { projection: 'funnel', subject: derivedId('app', 'x') };
    expect(await ask('/admin/v1/parked/redrive', FINANCE, parked)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect((await ask('/admin/v1/parked/redrive', SUPPORT, parked)).status).toBe(404);
    const ids = [derivedId('dlv', 'x')];
    expect((await ask('/admin/v1/deliveries/dead/redrive', FINANCE, { ids })).status).toBe(403);
  });
});

describe('partners and applications', () => {
  test('a partner’s funnel is read with the reasons that we keep, and all zero where nothing was counted', async () => {
    const { client, keys } = redis;
    const projection = createFunnelProjection({ client, keys, timeZoneOf: () => 'Asia/Shanghai' });
    const refused = logEvent('application.refused', derivedId('app', 'acme', 'FUNNEL'), '1-0', {
      reason: 'ineligible',
    });
    await projection.apply(refused);
    const { status, body } = await ask('/admin/v1/partners/acme/funnel', SUPPORT);
    expect(status).toBe(200);
    expect(body).toMatchObject({ applications: 1, refused: 1, refused_by_reason: { ineligible: 1 }, granted: 0 });
    expect((await ask('/admin/v1/partners/lantern/funnel')).body).toEqual({
      clicks: { raw: 0, unique: 0, billable: 0, held: 0, diverted: {}, entry: {} },
      registrations: 0,
      applications: 0,
      refused: 0,
      refused_by_reason: {},
      granted: 0,
      disbursed: { count: 0, principal: {} },
    });
    expect((await ask('/admin/v1/partners/nobody/funnel')).status).toBe(404);
  });

  test('partners are listed by id with their terms, page by page', async () => {
    const { body } = await ask('/admin/v1/partners');
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual([...intake.registry.traffic.keys()].sort());
    expect(body.data[0]).toMatchObject({ id: 'acme', kind: 'platform', status: 'active', terms: ['acme-2026'] });
    const first = await ask('/admin/v1/partners?limit=1');
    const second = await ask(`/admin/v1/partners?limit=1&cursor=${first.body.next_cursor}`);
    expect([first.body.data[0].id, second.body.data[0].id]).toEqual(
      body.data.slice(0, 2).map((one: Actor & { id: string }) => one.id),
    );
    expect((await ask('/admin/v1/partners?cursor=rubbish')).status).toBe(422);
  });

  test('a refused application is shown with the reason that its partner is not told, and without the person', async () => {
    const person = nextPerson();
    const submit = (partnerId: string, reference: string) =>
      submitApplication(
        intake.deps,
        { partner: intake.partner(partnerId), origin: 'partner' },
        applicationFor(intake.registry, person, reference),
      );
    await submit('acme', 'ORDER-1');
    const second = await submit('summit', 'ORDER-2');
    if (second.kind !== 'answered') throw new Error(second.kind);
    const { status, body } = await ask(`/admin/v1/applications/${second.application.id}`, FINANCE);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'refused',
      reason: 'other_channel',
      owner_id: 'summit',
      partner_ref: 'ORDER-2',
    });
    expect(operatorApplicationSchema.strict().safeParse(body).error?.issues).toBeUndefined();
    const text = JSON.stringify(body);
    for (const hidden of [person.phone, person.idNumber, person.name, ...second.application.subject.claims]) {
      expect(text).not.toContain(hidden);
    }
  });

  test('an id that is none, or of nothing, is not found', async () => {
    for (const id of ['app_1', 'ORDER-1', derivedId('app', 'nobody')]) {
      expect(await ask(`/admin/v1/applications/${id}`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });
});

describe('what waits for an operator', () => {
  test('parked events are listed with their error, and a re-drive asks the worker of their shard once', async () => {
    const subject = derivedId('app', 'parked');
    const shard = shardOfId(subject);
    const parked: Parked = {
      projection: 'commission',
      subject,
      error: 'no such terms',
      since: '2026-03-02T04:05:06.000Z',
      positions: ['1767225600000-0', '1767225600000-1'],
    };
    const { client, keys } = redis;
    await client.hset(keys.shard(shard, 'parked'), parkedField('commission', subject), JSON.stringify(parked));
    const { body } = await ask('/admin/v1/parked');
    expect(body.data).toMatchObject([{ projection: 'commission', subject, error: 'no such terms' }]);
    expect(body.data[0].event_ids).toHaveLength(2);
    const request = { projection: 'commission', subject };
    expect((await ask('/admin/v1/parked/redrive', SUPPORT, request)).status).toBe(202);
    expect((await ask('/admin/v1/parked/redrive', SUPPORT, request)).status).toBe(202);
    expect(await client.smembers(keys.shard(shard, 'redrive'))).toEqual([`redrive|commission|${subject}`]);
    expect((await ask('/admin/v1/parked/redrive', ADMIN, { ...request, projection: 'funnel' })).status).toBe(404);
    expect((await ask('/admin/v1/parked/redrive', ADMIN, { ...request, subject: 'app_1' })).status).toBe(422);
  });

  test('only an application of a trial can be probed with, only in sandbox, by support and admins', async () => {
    const probe = { probe: 'redelivery', application_id: (await bench.received()).application.id };
    const path = '/admin/v1/lenders/quickcredit/probes';
    expect((await ask(path, FINANCE, probe)).status).toBe(403);
    expect(await ask(path, SUPPORT, probe)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await ask(path, SUPPORT, { ...probe, probe: 'anything' })).status).toBe(422);
    expect((await ask(path, ADMIN, probe, live)).status).toBe(404);
    expect((await ask('/admin/v1/lenders/nobody/events', FINANCE)).status).toBe(404);
    expect(await ask('/admin/v1/lenders/quickcredit/events', FINANCE)).toEqual({
      status: 200,
      body: { data: [], next_cursor: null },
    });
  });

  test('deliveries that were given up are listed by lender and kind, and sent again under their ids', async () => {
    await bench.clear('quickcredit');
    const { application, delivery } = await bench.received();
    const fake = await startFakeCore(() => ({ status: 422 }));
    await bench.receive(3, { lender_id: 'bluewave' });
    await bench.worker({ url: fake.url, signingKey }).drain();
    await Promise.all([bench.closeAll(), fake.close()]);
    const { body } = await ask('/admin/v1/deliveries/dead?lender_id=quickcredit&kind=application');
    expect(body.data).toEqual([
      {
        id: delivery.id,
        lender_id: 'quickcredit',
        kind: 'application',
        application_id: application.id,
        loan_id: null,
        error: 'http_422',
        status: 422,
        attempts: 1,
        queued_at: expect.stringMatching(/Z$/),
        at: expect.stringMatching(/Z$/),
        age_seconds: expect.any(Number),
      },
    ]);
    expect((await ask('/admin/v1/deliveries/dead?kind=loan')).body.data).toEqual([]);
    const first = await ask('/admin/v1/deliveries/dead?limit=3');
    const second = await ask(`/admin/v1/deliveries/dead?limit=3&cursor=${first.body.next_cursor}`);
    expect([...first.body.data, ...second.body.data]).toHaveLength(4);
    expect(second.body.next_cursor).toBeNull();
    expect((await ask('/admin/v1/deliveries/dead?cursor=WyIxIiwieCJd')).status).toBe(422);
    const unknown = derivedId('dlv', 'unknown');
    const redriven = await ask('/admin/v1/deliveries/dead/redrive', SUPPORT, { ids: [delivery.id, unknown] });
    expect(redriven.body).toEqual({
      results: [
        { id: delivery.id, result: 'redriven' },
        { id: unknown, result: 'not_found' },
      ],
      more: false,
    });
    expect(await bench.overview.count()).toEqual({ pending: 1, dead: 3 });
    expect(kicked).toEqual([shardOfId(application.id)]);
    await bench.outbox.removeAll(application.id, 'quickcredit');
  });

  test('all deliveries of a lender are sent again, or dropped with a reason, and both are recorded', async () => {
    const all = { lender_id: 'bluewave' };
    for (const body of [{}, { kind: 'loan' }, { ids: [derivedId('dlv', 'x')], ...all }]) {
      expect((await ask('/admin/v1/deliveries/dead/redrive', SUPPORT, body)).status).toBe(422);
    }
    expect((await ask('/admin/v1/deliveries/dead/drop', SUPPORT, all)).status).toBe(422);
    const reason = 'entered there by hand';
    expect((await ask('/admin/v1/deliveries/dead/drop', FINANCE, { ...all, reason })).status).toBe(403);
    const [one] = (await bench.dead.list({ lenderId: 'bluewave', limit: 1 })).deliveries;
    const named = await ask('/admin/v1/deliveries/dead/drop', SUPPORT, { ids: [one?.delivery.id], reason });
    expect(named.body.results).toEqual([{ id: one?.delivery.id, result: 'dropped' }]);
    const redriven = await ask('/admin/v1/deliveries/dead/redrive', SUPPORT, { ...all, kind: 'application' });
    expect(redriven.body).toMatchObject({ results: [{ result: 'redriven' }, { result: 'redriven' }], more: false });
    expect((await bench.overview.byLender()).get('bluewave')).toMatchObject({ waiting: 2, dead: 0 });
    const acts = (await ask('/admin/v1/audit')).body.data.map(({ action }: { action: string }) => action);
    expect(acts).toEqual(expect.arrayContaining(['deliveries.drop', 'deliveries.redrive']));
  });

  test('lenders are listed with what waits for them and how their cores do', async () => {
    await redis.client.hset(
      redis.keys.partner('bluewave', 'core'),
      'breaker:1',
      'open',
      'success',
      '2026-03-02T04:05:06.000Z',
    );
    const { body } = await ask('/admin/v1/lenders', FINANCE);
    const found = body.data.find(({ id }: { id: string }) => id === 'bluewave');
    expect(found).toEqual({
      id: 'bluewave',
      name: expect.any(String),
      status: 'active',
      core: 'sandbox',
      breaker: 'open',
      waiting: 2,
      oldest_at: expect.stringMatching(/Z$/),
      oldest_seconds: expect.any(Number),
      dead: 0,
      last_success_at: '2026-03-02T04:05:06.000Z',
    });
    expect(body.data.find(({ id }: { id: string }) => id === 'quickcredit')).toMatchObject({
      breaker: 'closed',
      waiting: 0,
      oldest_at: null,
      last_success_at: null,
    });
  });
});

describe('the sandbox clock', () => {
  test('is read and moved; what the mover refuses is told with its place', async () => {
    expect((await ask('/sandbox/clock', FINANCE)).body).toEqual({ now: '2026-03-02T04:00:00.000Z' });
    expect(await ask('/sandbox/clock', FINANCE, { advance: '30d' })).toEqual({
      status: 200,
      body: { now: '2026-04-01T04:00:00.000Z' },
    });
    expect(moves.at(-1)).toEqual({ advance: '30d' });
    const past = await ask('/sandbox/clock', ADMIN, { to: '2020-01-01T00:00:00Z' });
    expect(past).toMatchObject({ status: 422, body: { errors: [{ pointer: '/to', message: 'is in the past' }] } });
  });

  test('takes one wish at a time', async () => {
    const before = moves.length;
    for (const body of [{}, { advance: '1d', to: '2026-04-01T00:00:00Z' }, { advance: 1 }, { by: '1d' }]) {
      expect((await ask('/sandbox/clock', ADMIN, body)).status).toBe(422);
    }
    expect(moves).toHaveLength(before);
  });

  test('does not exist in live', async () => {
    expect((await ask('/sandbox/clock', ADMIN, undefined, live)).status).toBe(404);
    expect((await ask('/sandbox/clock', ADMIN, { advance: '1d' }, live)).status).toBe(404);
    expect((await ask('/admin/v1/partners', ADMIN, undefined, live)).status).toBe(200);
  });
});
