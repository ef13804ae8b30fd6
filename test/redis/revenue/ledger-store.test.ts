import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomIdInShard } from '../../../src/base/ids.ts';
import { commit } from '../../../src/events/commit.ts';
import { ProjectionRunner } from '../../../src/events/runner.ts';
import { connectSubscriber } from '../../../src/redis/connection.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import { eventBlockers } from '../../../src/revenue/event-blockers.ts';
import { LedgerBatch } from '../../../src/revenue/ledger-batch.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, disbursed, entriesOf, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const RULES = { rules: [{ id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } }] };

function posting(id: string) {
  return {
    id,
    kind: 'manual' as const,
    book: { contract: 'main', currency: 'CNY' },
    effectiveAtMs: 0,
    period: null,
    transfers: [{ from: 'main/CNY/expense', to: 'main/CNY/payable', amount: 9_007_199_254_740_993n }],
    ref: {},
  };
}

describe('the ledger store', () => {
  test('a batch that is sent again after a lost reply is not written again', async () => {
    const { store } = createDesk(redis, RULES);
    const batch = new LedgerBatch(await store.readBook('lost'), 0);
    batch.post(posting('com_lost'));
    expect(await store.append('lost', batch)).toEqual({ result: 'appended' });
    expect(await store.append('lost', batch)).toEqual({ result: 'moved' });
    const again = new LedgerBatch(await store.readBook('lost'), 0);
    again.post(posting('com_other'));
    again.post(posting('com_lost'));
    expect(await store.append('lost', again)).toEqual({ result: 'exists', transferId: 'com_lost' });
    expect((await store.readBook('lost')).head.seq).toBe(1);
    expect(await store.entryOf('lost', 'com_other')).toBeUndefined();
  });

  test('balances are exact beyond what a floating point number holds', async () => {
    const { store } = createDesk(redis, RULES);
    for (const id of ['com_a', 'com_b']) {
      const batch = new LedgerBatch(await store.readBook('exact'), 0);
      batch.post(posting(id));
      await store.append('exact', batch);
    }
    expect((await store.balances('exact')).get('main/CNY/payable')).toBe(18_014_398_509_481_986n);
  });

  test('a posting that would push a balance out of int64 is refused whole', async () => {
    const { store } = createDesk(redis, RULES);
    const huge = { from: 'main/CNY/expense', to: 'main/CNY/payable', amount: 8_999_999_999_999_990_000n };
    const post = async (id: string, amount: bigint) => {
      const batch = new LedgerBatch(await store.readBook('huge'), 0);
      batch.post({ ...posting(id), transfers: [{ ...huge, amount }] });
      return store.append('huge', batch);
    };
    expect(await post('com_1', huge.amount)).toEqual({ result: 'appended' });
    expect(await post('com_2', 900_719_925_474_099_300n)).toMatchObject({ result: 'overflow' });
    expect((await store.readBook('huge')).head.seq).toBe(1);
    expect(await store.entryOf('huge', 'com_2')).toBeUndefined();
    expect((await store.balances('huge')).get('main/CNY/payable')).toBe(huge.amount);
  });

  test('a crash between an append and its cursor books nothing twice: the log is read again from the beginning', async () => {
    const keys = createKeyspace(`t${randomBytes(4).toString('hex')}:`);
    const own = { ...redis, keys };
    const desk = createDesk(own, RULES);
    const subscriber = await connectSubscriber({ url: redis.url });
    const application = randomIdInShard('app', 7);
    const {
      id: _,
      shard: __,
      position: ___,
      ...event
    } = logEvent('crash', 'credit.granted', '2026-01-12T04:00:00.000Z');
    await commit(redis.client, keys, {
      id: application,
      expectedVersion: 0,
      document: {},
      events: [{ ...event, subject: application }],
    });
    const observer = { applied: () => undefined, parked: () => undefined, failed: () => undefined };
    for (let life = 0; life < 3; life += 1) {
      const runner = new ProjectionRunner({
        client: redis.client,
        subscriber,
        keys,
        projections: [desk.worker()],
        observer,
      });
      await runner.start();
      expect(await eventBlockers(redis.client, keys, 'crash')).toEqual([]);
      await runner.stop();
      await redis.client.del(keys.shard(7, 'cursors'));
    }
    subscriber.disconnect();
    expect(await linesOf(desk, 'crash')).toHaveLength(1);
    expect(await entriesOf(desk, 'crash')).toHaveLength(1);
  });

  test('parked events of a partner block its review, and nobody else’s; so do events that are not applied yet', async () => {
    const keys = createKeyspace(`t${randomBytes(4).toString('hex')}:`);
    const rules = [{ id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' } }];
    const desk = createDesk({ ...redis, keys }, { rules });
    const subscriber = await connectSubscriber({ url: redis.url });
    const application = randomIdInShard('app', 9);
    const inDollars = disbursed(500_000, { currency: 'USD' });
    const {
      id: _,
      shard: __,
      position: ___,
      ...event
    } = logEvent('parked', 'loan.disbursed', '2026-01-12T04:00:00.000Z', inDollars);
    await commit(redis.client, keys, {
      id: application,
      expectedVersion: 0,
      document: {},
      events: [{ ...event, subject: application }],
    });
    expect(await eventBlockers(redis.client, keys, 'parked')).toMatchObject([{ code: 'events_waiting', count: 1 }]);
    const observer = { applied: () => undefined, parked: () => undefined, failed: () => undefined };
    const projections = [desk.commission];
    const runner = new ProjectionRunner({ client: redis.client, subscriber, keys, projections, observer });
    await runner.start();
    expect(await eventBlockers(redis.client, keys, 'parked')).toMatchObject([
      { code: 'events_parked', count: 1, detail: expect.stringContaining('USD') },
    ]);
    expect(await eventBlockers(redis.client, keys, 'other')).toEqual([]);
    // A click is nobody's application: its partner stands in its data.
    const click = { partner_id: 'nobody-here', billable: true, visitor: 'v', link_code: 'home' };
    await commit(redis.client, keys, {
      id: randomIdInShard('clk', 9),
      expectedVersion: 0,
      document: {},
      events: [{ ...event, type: 'click.recorded', subject: 'clk_1', data: click, context: null }],
    });
    expect(await eventBlockers(redis.client, keys, 'nobody-here')).toMatchObject([{ code: 'events_parked' }]);
    await runner.stop();
    subscriber.disconnect();
    expect((await checkLedger(desk, 'parked')).differences).toEqual([]);
  });
});
