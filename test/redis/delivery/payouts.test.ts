import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { derivedId, shardOfId } from '../../../src/base/ids.ts';
import { inertDeps } from '../../../src/commands/inert-deps.ts';
import type { PlacedEntry } from '../../../src/delivery/feed/feed-entry.ts';
import { parkedField } from '../../../src/events/checkpoint.ts';
import { createDeliveryViews } from '../../../src/gateway/delivery-views.ts';
import type { Ground, Rooms } from '../../../src/gateway/rooms.ts';
import { LedgerStore } from '../../../src/revenue/ledger-store.ts';
import type { ContractTerms } from '../../../src/revenue/terms.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let ledger: LedgerStore;

beforeAll(async () => {
  redis = await startTestRedis();
  ledger = new LedgerStore(redis.client, redis.keys);
});
afterAll(() => redis.close());

const app = derivedId('app', 'acme', 'ORDER-1');
const granted: PlacedEntry = {
  id: 'evt_granted',
  type: 'credit.granted',
  about: app,
  occurred_at: '2026-03-02T04:05:06.000Z',
  recorded_at: '2026-03-02T04:05:06.000Z',
  earns: true,
  position: `${Date.now() - 60_000}-0`,
};
const fresh = () => ({ ...granted, position: `${Date.now()}-0` });

function views() {
  // What asks whether an event is booked looks at nothing else.
  const terms = [{ rules: [{ on: 'credit.granted' }], clawback: [] }] as unknown as ContractTerms[];
  const rooms = { ...inertDeps<Rooms>(), ledger, contractsOf: () => terms };
  const ground = { redis: { client: redis.client, keys: redis.keys } } as unknown as Ground;
  return createDeliveryViews(ground, rooms);
}

describe('a payout', () => {
  test('is told once the event is booked: one that was just told may be on its way to being parked', async () => {
    expect(await views().earned('acme', fresh())).toEqual({ kind: 'later', waitMs: 3_000 });
    await redis.client.hset(ledger.slot('acme').transfers, 'evt_granted', '0');
    expect(await views().earned('acme', fresh())).toEqual({ kind: 'known', sums: [] });
    await redis.client.hdel(ledger.slot('acme').transfers, 'evt_granted');
  });

  test('waits for as long as the event is parked, and no longer', async () => {
    const key = redis.keys.shard(shardOfId(app), 'parked');
    await redis.client.hset(key, parkedField('commission', app), '{}');
    expect(await views().earned('acme', granted)).toEqual({ kind: 'later', waitMs: 60_000 });
    await redis.client.del(key);
    expect(await views().earned('acme', granted)).toEqual({ kind: 'known', sums: [] });
  });

  test('is waited for by nobody who earns nothing by it', async () => {
    const { earns: _, ...others } = fresh();
    expect(await views().earned('acme', others)).toEqual({ kind: 'known', sums: [] });
    expect(await views().earned('acme', { ...fresh(), type: 'application.verifying' })).toEqual({
      kind: 'known',
      sums: [],
    });
  });

  test('is what lines say that stand: what was taken back counts below zero, what is void not at all', async () => {
    const line = (n: number, amount: number, status: string) => {
      const id = `com_${n}`;
      const json = JSON.stringify({ id, amount, status, currency: 'CNY', application_id: app, clawed_back: 0 });
      return Promise.all([
        redis.client.hset(ledger.slot('acme').lines, id, json),
        redis.client.hset(ledger.slot('acme').objects, app, 'com_1', `${app}|n`, 3, `${app}|${n - 1}`, id),
      ]);
    };
    await Promise.all([line(1, 3_000, 'payable'), line(2, 7_500, 'pending'), line(3, 900, 'void')]);
    await line(4, -3_000, 'payable');
    expect(await views().earned('acme', granted)).toEqual({
      kind: 'known',
      sums: [{ minor: 7_500n, currency: 'CNY' }],
    });
  });
});
