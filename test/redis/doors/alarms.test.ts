import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { alarmSchema } from '../../../src/doors/operator/alarms/alarm-schema.ts';
import { AlarmStore } from '../../../src/screening/probe-watch/alarm-store.ts';
import { type OpenOperatorDoor, openOperatorDoor } from '../../support/operator-door.ts';
import { expectConforms, type PartnerClient } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const PATH = '/admin/v1/alarms';
const HOUR_MS = 3_600_000;

let redis: TestRedis;
let door: OpenOperatorDoor;
let alarms: AlarmStore;
let risk: PartnerClient;
let support: PartnerClient;
let nowMs: number;
const ids: string[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  alarms = new AlarmStore(redis.client, redis.keys);
  door = await openOperatorDoor(redis, { alarms });
  risk = await door.add('li.na', 'risk');
  support = await door.add('sam', 'support');
  nowMs = systemClock.nowMs();
  for (const [partner, agoHours] of [
    ['acme', 3],
    ['summit', 2],
    ['plume', 1],
  ] as const) {
    const evidence = { asked_plain: 400, neighbours: 390, neighbours_share: 0.975 };
    const finding = { kind: 'sequential_sweep', window: '10m', evidence } as const;
    ids.push((await alarms.raise(partner, finding, nowMs - agoHours * HOUR_MS)).id);
  }
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

describe('alarms at the operator door', () => {
  test('are listed newest first, page by page', async () => {
    const first = await risk.get(`${PATH}?limit=2`);
    expect(first.status).toBe(200);
    expect(first.body.data.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    for (const alarm of first.body.data) expectConforms(alarmSchema, alarm);
    const second = await risk.get(`${PATH}?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ id: ids[0], partner_id: 'acme' }], next_cursor: null });
  });

  test('are listed by partner, and since an instant', async () => {
    const ofPartner = await risk.get(`${PATH}?partner=summit`);
    expect(ofPartner.body.data).toMatchObject([{ id: ids[1], evidence: { neighbours: 390 }, ended_at: null }]);
    const since = await risk.get(`${PATH}?since=${new Date(nowMs - 1.5 * HOUR_MS).toISOString()}`);
    expect(since.body.data).toMatchObject([{ id: ids[2] }]);
    expect((await risk.get(`${PATH}?since=yesterday`)).status).toBe(422);
  });

  test('are for risk and admin alone', async () => {
    expect((await door.bootstrap.get(PATH)).status).toBe(200);
    expect((await support.get(PATH)).status).toBe(403);
    expect((await support.post(`${PATH}/${ids[0]}/acknowledge`, { reason: 'seen' })).status).toBe(403);
  });

  test('are acknowledged with a reason, which is audited; the first one stays', async () => {
    const path = `${PATH}/${ids[0]}/acknowledge`;
    expect((await risk.post(path, {})).status).toBe(422);
    const answered = await risk.post(path, { reason: 'load test, announced' });
    expect(answered.status).toBe(200);
    expectConforms(alarmSchema, answered.body);
    expect(answered.body).toMatchObject({
      acknowledged: { by: 'li.na', reason: 'load test, announced' },
      ended_at: null,
    });
    const again = await door.bootstrap.post(path, { reason: 'me too' });
    expect(again.body.acknowledged).toEqual(answered.body.acknowledged);
    const { acts } = await door.reader.page({ action: 'alarm.acknowledge' }, 10);
    expect(acts).toMatchObject([
      { reason: 'me too', outcome: 'done', before: { acknowledged_by: 'li.na' } },
      {
        actor: { name: 'li.na', role: 'risk' },
        object: { kind: 'alarm', id: ids[0] },
        reason: 'load test, announced',
        before: { partner: 'acme', kind: 'sequential_sweep', acknowledged_by: null },
        after: { acknowledged_by: 'li.na' },
        outcome: 'done',
      },
    ]);
  });

  test('that are not there cannot be acknowledged', async () => {
    expect((await risk.post(`${PATH}/alm_${'0'.repeat(32)}/acknowledge`, { reason: 'x' })).status).toBe(404);
    expect((await risk.post(`${PATH}/nonsense/acknowledge`, { reason: 'x' })).status).toBe(404);
  });
});
