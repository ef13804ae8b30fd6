import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type AuditEntry, canonicalText } from '../../../src/audit/audit-entry.ts';
import { AuditLog, auditKey } from '../../../src/audit/audit-log.ts';
import { checkAudit } from '../../../src/audit/check-audit.ts';
import { parkedField } from '../../../src/events/checkpoint.ts';
import { connectRedis } from '../../../src/redis/connection.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import { AUDIT_ROOT, type OpenOperatorDoor, openOperatorDoor } from '../../support/operator-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, logEvent } from '../revenue/desk.ts';

let redis: TestRedis;
let space: { client: TestRedis['client']; keys: TestRedis['keys'] };
let door: OpenOperatorDoor;
let spaces = 0;
const opened: OpenOperatorDoor[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  await redis.close();
});
beforeEach(async () => {
  spaces += 1;
  space = { client: redis.client, keys: createKeyspace(`door${spaces}:`) };
  door = await open();
});

async function open(...args: Parameters<typeof openOperatorDoor> extends [unknown, ...infer Rest] ? Rest : never) {
  const one = await openOperatorDoor(space, ...args);
  opened.push(one);
  return one;
}

const acts = async () => (await door.reader.page({}, 100)).acts;

/** Everything that Redis holds, as text. */
async function everything(): Promise<string> {
  const { client } = redis;
  const texts: string[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    if (type === 'string') texts.push((await client.get(key)) ?? '');
    else if (type === 'hash') texts.push(JSON.stringify(await client.hgetall(key)));
    else if (type === 'stream') texts.push(JSON.stringify(await client.xrange(key, '-', '+')));
    else if (type === 'set') texts.push(JSON.stringify(await client.smembers(key)));
    else texts.push(JSON.stringify(await client.zrange(key, 0, -1)));
    texts.push(key);
  }
  return texts.join('\n');
}

describe('operator accounts at the door', () => {
  test('a token is shown once and stored nowhere', async () => {
    const reason = `UTF-8''${encodeURIComponent('财务部新同事')}`;
    const added = await door.bootstrap.post(
      '/admin/v1/operators',
      { name: 'li.na', role: 'finance' },
      { 'sluice-reason': reason },
    );
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({ name: 'li.na', role: 'finance', status: 'active', created_by: 'bootstrap' });
    const { token } = added.body;
    expect((await door.as(token).get('/sandbox/clock')).status).not.toBe(401);
    const listed = await door.bootstrap.get('/admin/v1/operators');
    expect(listed.body.data).toHaveLength(1);
    const renewed = await door.bootstrap.post('/admin/v1/operators/li.na/token', { reason: 'lost it' });
    expect(renewed.status).toBe(200);
    const told = JSON.stringify([listed.body, (await door.bootstrap.get('/admin/v1/audit')).body]);
    const held = await everything();
    for (const secret of [token, renewed.body.token]) {
      expect(secret).toMatch(/^slo_[A-Za-z0-9_-]{43}$/);
      for (const hidden of [secret, secret.slice(4), Buffer.from(secret.slice(4), 'base64url').toString('hex')]) {
        expect(held).not.toContain(hidden);
        expect(told).not.toContain(hidden);
      }
    }
    expect(held, 'only its digest').toContain(createHash('sha256').update(renewed.body.token).digest('hex'));
    expect(held).not.toContain(createHash('sha256').update(token).digest('hex'));
    expect(await acts()).toMatchObject([
      { action: 'operator.reissue', reason: 'lost it', outcome: 'done', object: { kind: 'operator', id: 'li.na' } },
      { action: 'operator.create', reason: '财务部新同事', before: null, after: { role: 'finance' } },
    ]);
  });

  test('a revoked operator is refused at once in every process', async () => {
    const otherProcess = await openOperatorDoor({ client: await connectRedis({ url: redis.url }), keys: space.keys });
    opened.push(otherProcess);
    const { body } = await door.bootstrap.post('/admin/v1/operators', { name: 'li.na', role: 'admin' });
    const there = otherProcess.as(body.token);
    expect((await there.get('/admin/v1/operators')).status).toBe(200);
    const revoked = await door.bootstrap.post('/admin/v1/operators/li.na/revoke', { reason: 'left' });
    expect(revoked.body).toMatchObject({ status: 'revoked', revoked_by: 'bootstrap' });
    expect(await there.get('/admin/v1/operators')).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect((await door.as(body.token).get('/admin/v1/operators')).status).toBe(401);
    expect((await door.bootstrap.post('/admin/v1/operators/li.na/revoke', { reason: 'again' })).status).toBe(200);
    expect(await door.bootstrap.post('/admin/v1/operators/li.na/token', { reason: 'back' })).toMatchObject({
      status: 409,
      body: { code: 'operator_revoked' },
    });
  });

  test('a name is given once, is never the bootstrap’s, and has to be one', async () => {
    const add = (name: string) => door.bootstrap.post('/admin/v1/operators', { name, role: 'risk' });
    expect((await add('li.na')).status).toBe(201);
    for (const name of ['li.na', 'bootstrap']) {
      expect(await add(name)).toMatchObject({ status: 409, body: { code: 'operator_exists' } });
    }
    const identities = ['li-13800138000', 'li.110105194912310021', 'li_6222020200112233'];
    for (const name of ['Li', 'l', '1li', 'a b', '#rev', 'x'.repeat(33), ...identities]) {
      expect(await add(name), name).toMatchObject({ status: 422, body: { errors: [{ pointer: '/name' }] } });
    }
    const missing = await door.bootstrap.post('/admin/v1/operators/nobody/revoke', { reason: 'x' });
    expect(missing).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await door.bootstrap.post('/admin/v1/operators/%23rev/token', { reason: 'x' })).status).toBe(404);
    const late = { name: 'late', role: 'risk', expires_at: '2020-01-01T00:00:00+08:00' };
    expect((await door.bootstrap.post('/admin/v1/operators', late)).body.errors).toMatchObject([
      { pointer: '/expires_at' },
    ]);
  });

  test('the last admin is revoked by nobody but the bootstrap, and a reason is needed', async () => {
    const ann = await door.add('ann', 'admin');
    expect(await ann.post('/admin/v1/operators/ann/revoke', { reason: 'bye' })).toMatchObject({
      status: 409,
      body: { code: 'last_admin' },
    });
    for (const body of [{}, { reason: ' ' }, { reason: 'x'.repeat(501) }]) {
      expect((await door.bootstrap.post('/admin/v1/operators/ann/revoke', body)).status).toBe(422);
    }
    expect((await acts())[0]).toMatchObject({ action: 'operator.revoke', outcome: 'failed', code: 'last_admin' });
    expect((await door.bootstrap.post('/admin/v1/operators/ann/revoke', { reason: 'left' })).status).toBe(200);
    expect((await ann.get('/admin/v1/audit')).status).toBe(401);
  });

  test('while Redis is away nobody is let in but the bootstrap, who is told that it is away', async () => {
    const client = await connectRedis({ url: redis.url });
    const cut = await openOperatorDoor({ client, keys: space.keys });
    opened.push(cut);
    client.disconnect();
    const { origin } = cut;
    const answer = await cut.as('slo_whatever-this-may-be').get('/admin/v1/operators');
    expect(answer).toMatchObject({ status: 503, body: { code: 'dependency_unavailable' } });
    expect((await cut.bootstrap.get('/admin/v1/operators')).status).toBe(503);
    expect((await fetch(`${origin}/admin/v1/operators`)).status).toBe(401);
  });
});

describe('what is audited', () => {
  async function park(subject: string): Promise<{ projection: string; subject: string }> {
    const shard = Number.parseInt(subject.slice(4, 6), 16) % 64;
    const parked = { projection: 'funnel', subject, error: 'no 13800138000', since: 'x', positions: ['1-0'] };
    const field = parkedField('funnel', subject);
    await redis.client.hset(space.keys.shard(shard, 'parked'), field, JSON.stringify(parked));
    return { projection: 'funnel', subject };
  }
  const SUBJECT = `app_${'0'.repeat(32)}`;

  test('an action whose audit entry cannot be written does not happen', async () => {
    const body = await park(SUBJECT);
    const away = await connectRedis({ url: redis.url });
    const unwritable = await open({ audit: new AuditLog({ client: away, keys: space.keys, rootSecret: AUDIT_ROOT }) });
    away.disconnect();
    const answer = await unwritable.bootstrap.post('/admin/v1/parked/redrive', body);
    expect(answer).toMatchObject({ status: 503, body: { code: 'dependency_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    const asked = () => redis.client.exists(space.keys.shard(0, 'redrive'));
    expect(await asked()).toBe(0);
    expect((await door.bootstrap.post('/admin/v1/parked/redrive', body)).status).toBe(202);
    expect(await asked()).toBe(1);
  });

  test('neither does one when the log has lost its end: an operator is not added unseen', async () => {
    await door.add('ann', 'risk');
    await redis.client.hset(space.keys.shard(0, 'audit', 'head'), { seq: 1, hash: 'f'.repeat(64) });
    const fresh = await open();
    expect((await fresh.bootstrap.post('/admin/v1/operators', { name: 'ben', role: 'risk' })).status).toBe(503);
    expect((await door.bootstrap.get('/admin/v1/operators')).body.data).toHaveLength(1);
  });

  test('an action that is still running shows as unfinished', async () => {
    let started = (): void => undefined;
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const stuck = await open({
      clockMover: {
        now: () => 0,
        move: () => {
          started();
          return new Promise(() => undefined);
        },
      },
    });
    const request = new AbortController();
    const sent = fetch(`${stuck.origin}/sandbox/clock`, {
      method: 'POST',
      signal: request.signal,
      headers: { authorization: 'Bearer bootstrap-token-of-this-test', 'content-type': 'application/json' },
      body: '{"advance":"1d"}',
    }).catch(() => undefined);
    await running;
    const { body } = await door.bootstrap.get('/admin/v1/audit?action=clock.move');
    expect(body.data).toMatchObject([{ outcome: 'unfinished', ended_at: null, after: null }]);
    request.abort();
    await sent;
  });

  test('Sluice-Reason that cannot be read is refused before anything happens', async () => {
    const body = { name: 'ann', role: 'risk' };
    const refused = await door.bootstrap.post('/admin/v1/operators', body, { 'sluice-reason': '100%' });
    expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/sluice-reason', in: 'header' }] } });
    expect(await acts()).toEqual([]);
    expect((await door.bootstrap.get('/admin/v1/operators')).body.data).toEqual([]);
  });

  test('the log holds no personal data that an error or a reason brought along', async () => {
    const body = await park(SUBJECT);
    const reason = encodeURIComponent('客户 13800138000 投诉');
    await door.bootstrap.post('/admin/v1/parked/redrive', body, { 'sluice-reason': reason });
    expect((await acts())[0]).toMatchObject({ outcome: 'done', reason: '客户 13********* 投诉' });
    expect(JSON.stringify(await acts())).not.toContain('13800138000');
  });

  test('the listing is filtered and paged; the head is told with its sequence', async () => {
    const lines: string[] = [];
    const logging = await open({ logger: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }) });
    await door.add('ann', 'finance');
    const ben = await door.add('ben', 'risk');
    await logging.bootstrap.post('/admin/v1/operators/ann/revoke', { reason: 'left' });
    const ask = (query: string) => ben.get(`/admin/v1/audit?${query}`);
    const ids = async (query: string) =>
      (await ask(query)).body.data.map((one: { object: { id: string } }) => one.object.id);
    expect(await ids('object_kind=operator')).toEqual(['ann', 'ben', 'ann']);
    expect(await ids('object_id=ann&action=operator.create')).toEqual(['ann']);
    expect(await ids('actor=ben')).toEqual([]);
    expect(await ids('from=2026-01-01T08:00:00%2B08:00&to=2999-01-01T00:00:00Z')).toHaveLength(3);
    const first = await ask('limit=2');
    const second = await ask(`limit=2&cursor=${first.body.next_cursor}`);
    expect([first.body.data.length, second.body.data.length, second.body.next_cursor]).toEqual([2, 1, null]);
    for (const query of ['cursor=rubbish', 'limit=0', 'from=yesterday', 'who=me']) {
      expect((await ask(query)).status, query).toBe(422);
    }
    const head = await ben.get('/admin/v1/audit/head');
    const { seq, hash, at, jws } = head.body;
    expect(seq).toBe(6);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ audit_head: `6:${hash}`, party: 'bootstrap' });
    expect(jws).toBe(canonicalText({ type: 'audit_head', seq, hash, at }));
    const texts: AuditEntry[] = [];
    for await (const { text } of door.reader.texts()) texts.push(JSON.parse(text));
    expect(texts.at(-1)?.hash).toBe(hash);
    const report = await checkAudit({ reader: door.reader, key: auditKey(AUDIT_ROOT), expected: [{ seq, hash }] });
    expect(report).toMatchObject({ damage: null, unfinished: 0, entries: 6 });
  });
});

const TERMS: Parameters<typeof createDesk>[1] = {
  payout: { days: 15, min: 100, invoice: 'none' },
  rules: [{ id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } }],
};

describe('four eyes', () => {
  test('in live mode another operator locks than the one who reviewed, and both are in the log', async () => {
    const desk = createDesk({ ...redis, ...space }, TERMS, 'live');
    desk.partners.add('acme');
    await desk.commission.apply(logEvent('acme', 'credit.granted', '2026-01-05T04:00:00.000Z'));
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const revenue = { ...desk, ledger: desk.store, partners: () => desk.partners };
    const live = await open({ revenue }, 'live');
    const [ann, ben, sam] = [
      await live.add('ann', 'finance'),
      await live.add('ben', 'finance'),
      await live.add('sam', 'support'),
    ];
    const step = (who: typeof ann, what: string) => who.post(`/admin/v1/partners/acme/periods/2026-01-01/${what}`, {});
    expect(await step(sam, 'review')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await step(ann, 'review')).body).toMatchObject({ status: 'draft' });
    expect(await step(ann, 'lock')).toMatchObject({ status: 403, body: { code: 'four_eyes_required' } });
    expect((await step(ben, 'lock')).body).toMatchObject({ status: 'issued' });
    const { body } = await ann.get('/admin/v1/audit?object_kind=period');
    expect(
      body.data.map((one: { actor: { name: string }; action: string; outcome: string; code: string | null }) => [
        one.actor.name,
        one.action,
        one.outcome,
        one.code,
      ]),
    ).toEqual([
      ['ben', 'period.lock', 'done', null],
      ['ann', 'period.lock', 'failed', 'four_eyes_required'],
      ['ann', 'period.review', 'done', null],
    ]);
    expect(body.data[0]).toMatchObject({ before: { state: 'review' }, after: { status: 'issued', revision: 1 } });
  });

  test('a waived blocker is in the log with its reason', async () => {
    const desk = createDesk({ ...redis, ...space }, TERMS);
    desk.partners.add('acme');
    await desk.commission.apply(logEvent('acme', 'credit.granted', '2026-01-05T04:00:00.000Z'));
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    desk.blockers.push({ code: 'events_parked', count: 1, detail: 'one' });
    const at = await open({ revenue: { ...desk, ledger: desk.store, partners: () => desk.partners } });
    const review = (body: object) => at.bootstrap.post('/admin/v1/partners/acme/periods/2026-01-01/review', body);
    expect((await review({})).body.code).toBe('period_blocked');
    expect((await review({ waive: [{ code: 'events_parked', reason: '已与资方确认' }] })).status).toBe(200);
    expect(await acts()).toMatchObject([
      { outcome: 'done', reason: 'events_parked: 已与资方确认', after: { waived: ['events_parked'] } },
      { outcome: 'failed', code: 'period_blocked', reason: null },
    ]);
  });
});
