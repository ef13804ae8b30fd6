import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { messageEffects } from '../../../src/applications/push/lender-message.ts';
import { derivedIdBeside, shardOfId } from '../../../src/base/ids.ts';
import { startFakeCore } from '../../support/fake-core.ts';
import { OutboxBench, signingKey } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let bench: OutboxBench;

beforeAll(async () => {
  redis = await startTestRedis();
  bench = new OutboxBench(redis);
});
afterEach(() => bench.closeAll());
afterAll(() => redis.close());

/** A code whose caller died before it was sent. */
async function leftCode(): Promise<Application> {
  const application = await bench.application({ status: 'in_review', lender_ref: 'L-1' });
  const deliveryId = derivedIdBeside('dlv', application.id, 'action', '1');
  const message = { kind: 'action', about: {}, body: { type: 'otp', otp: '482913' }, deliveryId } as const;
  const effects = messageEffects(bench.sealer, application, message, Date.now() - 60_000);
  await bench.store.change(application.id, () => ({ events: [], effects, result: null }));
  return application;
}

function kept({ id }: Application): Promise<number> {
  return redis.client.hlen(redis.keys.shard(shardOfId(id), 'messages', id));
}

describe('a one-time code whose caller died', () => {
  test('is sent while it is fresh, and gone then', async () => {
    const application = await leftCode();
    const core = await startFakeCore(() => ({ status: 200, body: { result: 'accepted' } }));
    bench.onClose(() => core.close());
    await bench.worker({ url: core.url, signingKey }).drain();
    expect(core.received).toMatchObject([{ path: '/core/actions', body: { otp: '482913' } }]);
    expect(await kept(application)).toBe(0);
  });

  test('is thrown away unsent when it is stale by the time that it could be sent', async () => {
    const application = await leftCode();
    const core = await startFakeCore(() => ({ status: 200, body: { result: 'accepted' } }));
    bench.onClose(() => core.close());
    const realClock = { nowMs: () => Date.now() + 61_000 };
    await bench.worker({ url: core.url, signingKey }, { realClock }).drain();
    expect(core.received).toEqual([]);
    expect([await kept(application), await bench.pending()]).toEqual([0, 0]);
  });

  test('is kept for nobody when the core refuses it for good', async () => {
    const application = await leftCode();
    const core = await startFakeCore(() => ({ status: 422 }));
    bench.onClose(() => core.close());
    const journal = { lines: [], failures: [] };
    await bench.worker({ url: core.url, signingKey }, { journal }).drain();
    expect(journal.lines).toEqual(['dead http_422']);
    expect(await kept(application)).toBe(0);
    expect(await bench.overview.count()).toEqual({ pending: 0, dead: 0 });
  });
});
