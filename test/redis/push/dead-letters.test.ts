import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadPlace } from '../../../src/applications/push/dead-letters.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { createSealer, keyIdOf } from '../../../src/identity/seal.ts';
import { createSealedMessages } from '../../../src/privacy/sealed-messages.ts';
import { startFakeCore } from '../../support/fake-core.ts';
import { OutboxBench, signingKey } from '../../support/outbox.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let bench: OutboxBench;

beforeAll(async () => {
  redis = await startTestRedis();
  bench = new OutboxBench(redis);
  const fake = await startFakeCore(() => ({ status: 400 }));
  bench.onClose(() => fake.close());
  for (const lender_id of ['alpha', 'beta']) {
    const applications = await bench.receive(6, { lender_id });
    for (const application of applications.slice(0, 2)) await bench.message(application, 'supplement', 's');
  }
  await bench.worker({ url: fake.url, signingKey }).drain();
});
afterAll(async () => {
  await bench.closeAll();
  await redis.close();
});

async function pages(query: Omit<Parameters<OutboxBench['dead']['list']>[0], 'after'>): Promise<string[][]> {
  const found: string[][] = [];
  let after: DeadPlace | undefined;
  for (;;) {
    const page = await bench.dead.list({ ...query, after });
    found.push(page.deliveries.map(({ delivery }) => delivery.id));
    if (page.next === null) return found;
    after = page.next;
  }
}

describe('deliveries that were given up', () => {
  test('are listed in pages, of all lenders or one, of all kinds or one: each once', async () => {
    const all = (await pages({ limit: 5 })).flat();
    expect(all).toHaveLength(16);
    expect(new Set(all).size).toBe(16);
    expect((await pages({ limit: 3, lenderId: 'alpha' })).flat()).toHaveLength(8);
    expect((await pages({ limit: 3, kind: 'supplement' })).flat()).toHaveLength(4);
    expect((await pages({ limit: 3, kind: 'supplement', lenderId: 'beta' })).flat()).toHaveLength(2);
    expect((await pages({ limit: 3, kind: 'card' })).flat()).toEqual([]);
  });

  test('are counted by lender', async () => {
    const outboxes = await bench.overview.byLender();
    expect(outboxes.get('alpha')).toEqual({ waiting: 0, oldestMs: null, dead: 8 });
    expect(await bench.overview.count()).toEqual({ pending: 0, dead: 16 });
  });

  test('keep their sealed messages, which a new sealing key reaches', async () => {
    const source = createSealedMessages(redis.client, redis.keys);
    const next = createSealer({
      keys: [
        { id: 'k2', key: Buffer.alloc(32, 9) },
        { id: 'k1', key: Buffer.alloc(32, 7) },
      ],
      activeId: 'k2',
    });
    const count = async (): Promise<number> => {
      let sum = 0;
      for (let part = 0; part < source.parts; part += 1) sum += await source.countOutdated(part, 'k2');
      return sum;
    };
    expect(await count()).toBe(4);
    for (let part = 0; part < source.parts; part += 1) {
      for await (const texts of source.outdated(part, 'k2')) {
        for (const { sealed, aad, replace } of texts) {
          const resealed = next.resealText(sealed, aad);
          if (!resealed.ok) throw new Error(resealed.message);
          expect(keyIdOf(resealed.plain)).toBe('k2');
          expect([await replace(resealed.plain), await replace(resealed.plain)]).toEqual([true, true]);
        }
      }
    }
    expect(await count()).toBe(0);
  });

  test('are sent again once, or dropped with what they hold', async () => {
    const { deliveries } = await bench.dead.list({ lenderId: 'alpha', kind: 'supplement', limit: 10 });
    const [first, second] = deliveries;
    if (!first || !second) throw new Error('there are two');
    expect(await bench.dead.revive(first, Date.now())).toBe(true);
    expect(await bench.dead.revive(first, Date.now())).toBe(false);
    expect(await bench.dead.find(first.delivery.id)).toBeUndefined();
    await bench.dead.drop(second, Date.now());
    expect(await bench.dead.find(second.delivery.id)).toBeUndefined();
    const { applicationId } = second.delivery;
    const messages = redis.keys.shard(shardOfId(applicationId), 'messages', applicationId);
    expect(await redis.client.hexists(messages, second.delivery.id)).toBe(0);
    expect(await bench.overview.count()).toEqual({ pending: 1, dead: 14 });
  });
});
