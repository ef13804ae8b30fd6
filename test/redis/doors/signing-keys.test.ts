import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../../src/audit/audit-entry.ts';
import { admittedTo } from '../../../src/doors/operator/operator-roles.ts';
import { OurKeysRing } from '../../../src/trust/our-keys-ring.ts';
import { OurKeysStore } from '../../../src/trust/our-keys-store.ts';
import { AUDIT_ROOT, BOOTSTRAP_TOKEN, type OpenOperatorDoor, openOperatorDoor } from '../../support/operator-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const PATH = '/admin/v1/signing-keys';

let redis: TestRedis;
let ring: OurKeysRing;
let sandbox: OpenOperatorDoor;
let live: OpenOperatorDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  const store = new OurKeysStore(redis.client, redis.keys);
  ring = await OurKeysRing.open({ store, rootSecret: AUDIT_ROOT });
  const bearer = { adminToken: BOOTSTRAP_TOKEN, admitted: admittedTo };
  sandbox = await openOperatorDoor(redis, { signingKeys: ring });
  live = await openOperatorDoor(redis, { signingKeys: ring, bearer }, 'live');
});
afterAll(async () => {
  await Promise.all([sandbox.close(), live.close()]);
  await redis.close();
});

describe('the signing keys at the operator door', () => {
  test('generation 1 is there from the beginning', async () => {
    expect((await sandbox.bootstrap.get(PATH)).body).toEqual({
      data: [
        {
          id: ring.current().kid,
          generation: 1,
          status: 'current',
          published_at: null,
          signs_from: null,
          retired_at: null,
          reason: null,
          rotated_by: null,
        },
      ],
    });
  });

  test('only an admin rotates, everybody may look', async () => {
    const finance = await sandbox.add('fiona', 'finance');
    expect((await finance.get(PATH)).status).toBe(200);
    expect((await finance.post(`${PATH}/rotate`, { reason: 'x' })).status).toBe(403);
    expect(ring.generations()).toHaveLength(1);
  });

  test('in live a new key is published for longer than a copy of the key set may be old', async () => {
    const tooShort = await live.bootstrap.post(`${PATH}/rotate`, { reason: 'x', overlap_minutes: 10 });
    expect(tooShort).toMatchObject({ status: 422, body: { errors: [{ pointer: '/overlap_minutes' }] } });
    for (const overlap of [-1, 1.5, 7 * 24 * 60 + 1, '20']) {
      expect((await live.bootstrap.post(`${PATH}/rotate`, { reason: 'x', overlap_minutes: overlap })).status).toBe(422);
    }
    expect((await live.bootstrap.post(`${PATH}/rotate`, { reason: ' ' })).status).toBe(422);
    expect(ring.generations()).toHaveLength(1);
  });

  test('a rotation is published at once, recorded with its reason, and the only one until its time', async () => {
    const made = await live.bootstrap.post(`${PATH}/rotate`, { reason: 'yearly rotation' });
    expect(made).toMatchObject({ status: 201, body: { generation: 2, status: 'next', reason: 'yearly rotation' } });
    const waits = Date.parse(made.body.signs_from) - Date.parse(made.body.published_at);
    expect(waits).toBe(20 * 60_000);
    expect(ring.published().map(({ kid }) => kid)).toEqual([ring.current().kid, made.body.id]);
    const again = await sandbox.bootstrap.post(`${PATH}/rotate`, { reason: 'hurry', overlap_minutes: 0 });
    expect(again).toMatchObject({ status: 409, body: { code: 'rotation_open' } });
    const listed = await sandbox.bootstrap.get(PATH);
    expect(listed.body.data).toMatchObject([
      { generation: 2, status: 'next', retired_at: null, rotated_by: 'bootstrap' },
      { generation: 1, status: 'current', retired_at: made.body.signs_from },
    ]);
    const entries: AuditEntry[] = [];
    for await (const { text } of sandbox.reader.texts()) entries.push(JSON.parse(text));
    expect(entries.filter(({ action }) => action === 'signing_key.rotate')).toMatchObject([
      { outcome: 'intended', reason: 'yearly rotation' },
      { outcome: 'done', after: { generation: 2 } },
      { outcome: 'intended', reason: 'hurry' },
      { outcome: 'failed', code: 'rotation_open' },
    ]);
  });
});
