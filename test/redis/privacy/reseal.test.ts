import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedId, shardOfId } from '../../../src/base/ids.ts';
import { createSealer, keyIdOf, type Sealer } from '../../../src/identity/seal.ts';
import { createResealer, type Resealer, type ResealerDeps } from '../../../src/privacy/resealer.ts';
import { RetentionStore } from '../../../src/privacy/retention-store.ts';
import { createSealedRecords } from '../../../src/privacy/sealed-records.ts';
import type { SealedSource } from '../../../src/privacy/sealed-source.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const RECORDS = 300;
const k1 = { id: 'k1', key: Buffer.alloc(32, 1) };
const k2 = { id: 'k2', key: Buffer.alloc(32, 2) };
const old = createSealer({ keys: [k1], activeId: 'k1' });
const both = createSealer({ keys: [k2, k1], activeId: 'k2' });
const alone = createSealer({ keys: [k2], activeId: 'k2' });
const ids = Array.from({ length: RECORDS }, (_, index) => derivedId('app', 'reseal', String(index)));

let redis: TestRedis;
let retention: RetentionStore;
let unused: string[];
let unreadable: ReadonlyMap<string, number>[];

beforeAll(async () => {
  redis = await startTestRedis();
  retention = new RetentionStore(redis.client, redis.keys);
});
afterAll(() => redis.close());

beforeEach(async () => {
  await redis.client.flushall();
  unused = [];
  unreadable = [];
  await Promise.all(ids.map((id) => put(id, old)));
});

function keyOf(id: string): string {
  return redis.keys.shard(shardOfId(id), 'sealed', id);
}

async function put(id: string, sealer: Sealer, data: object = { id }): Promise<void> {
  await redis.client.hset(redis.keys.shard(shardOfId(id), 'app', id), 'v', '1', 'doc', '{}');
  await redis.client.set(keyOf(id), sealer.seal(data, id));
  expect(await retention.schedule(id, 1, null)).toBe(true);
}

function start(change: Partial<ResealerDeps> = {}): Resealer {
  const { client, keys } = redis;
  return createResealer({
    client,
    keys,
    sealer: both,
    sources: [createSealedRecords(client, keys, retention)],
    isComplete: async () => true,
    onKeyUnused: (id) => void unused.push(id),
    onUnreadable: (counts) => void unreadable.push(counts),
    onError: (error) => {
      throw error;
    },
    perSecond: 1_000_000,
    ...change,
  });
}

async function keysInUse(): Promise<Record<string, number>> {
  const texts = await Promise.all(ids.map((id) => redis.client.get(keyOf(id))));
  const counts: Record<string, number> = {};
  for (const text of texts) {
    const id = keyIdOf(text ?? '') ?? 'none';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

/** A source whose texts are looked at, or changed, while they are re-sealed. */
function watched(onText: (index: number, aad: string) => Promise<void>): SealedSource {
  const records = createSealedRecords(redis.client, redis.keys, retention);
  let index = 0;
  return {
    ...records,
    async *outdated(part, activeId) {
      for await (const texts of records.outdated(part, activeId)) {
        for (const text of texts) {
          await onText(index, text.aad);
          index += 1;
        }
        yield texts;
      }
    },
  };
}

describe('re-sealing after a rotation', () => {
  test('moves every record to the active key: the old one can be dropped, and everything still opens', async () => {
    const resealer = start();
    expect(await resealer.round()).toEqual({ kind: 'done', resealed: RECORDS, left: 0, isComplete: true });
    expect(await keysInUse()).toEqual({ k2: RECORDS });
    for (const id of ids) {
      expect(alone.openJson((await redis.client.get(keyOf(id))) ?? '', id)).toEqual({ ok: true, plain: { id } });
    }
    expect(await resealer.outdated()).toBe(0);
    expect(unused).toEqual(['k1']);
  });

  test('says once that a key seals nothing any more, and not before all records are listed', async () => {
    const early = start({ isComplete: async () => false });
    expect(await early.round()).toMatchObject({ left: 0, isComplete: false });
    expect(unused).toEqual([]);
    await start().round();
    await start().round();
    expect(unused).toEqual(['k1']);
  });

  test('that is cut off is gone on with where it was: what is done is not done again', async () => {
    const cut = new Error('killed');
    const killed = start({
      sources: [
        watched(async (index) => {
          if (index === RECORDS / 2) throw cut;
        }),
      ],
    });
    await expect(killed.round()).rejects.toThrow(cut);
    const { k1: left = 0, k2: done = 0 } = await keysInUse();
    expect(done).toBeGreaterThan(0);
    expect(left).toBeGreaterThan(0);
    expect(await killed.outdated()).toBeGreaterThanOrEqual(left);
    expect(await start().round()).toMatchObject({ resealed: left, left: 0 });
    expect(await keysInUse()).toEqual({ k2: RECORDS });
  });

  test('never overwrites what was written or erased meanwhile', async () => {
    const [changed = '', erased = ''] = ids;
    const racing = start({
      sources: [
        watched(async (_, aad) => {
          if (aad === changed) await redis.client.set(keyOf(changed), old.seal({ changed: true }, changed));
          if (aad === erased) await redis.client.del(keyOf(erased));
        }),
      ],
    });
    expect(await racing.round()).toMatchObject({ left: 1 });
    expect(await redis.client.exists(keyOf(erased))).toBe(0);
    expect(await start().round()).toMatchObject({ resealed: 1, left: 0 });
    expect(alone.openJson((await redis.client.get(keyOf(changed))) ?? '', changed)).toEqual({
      ok: true,
      plain: { changed: true },
    });
  });

  test('is one process’s work at a time', async () => {
    let other: unknown;
    const second = start();
    const first = start({
      sources: [
        watched(async (index) => {
          if (index === 0) other = await second.round();
        }),
      ],
    });
    await first.round();
    expect(other).toEqual({ kind: 'not_ours' });
    expect(await second.round()).toMatchObject({ kind: 'done', resealed: 0 });
  });

  test('counts what it cannot open as left, says why, and calls no key unused', async () => {
    const gone = createSealer({ keys: [{ id: 'k0', key: Buffer.alloc(32, 9) }], activeId: 'k0' });
    const [lost = '', moved = ''] = ids;
    await put(lost, gone);
    await redis.client.set(keyOf(moved), old.seal({}, 'elsewhere'));
    const resealer = start();
    expect(await resealer.round()).toMatchObject({ resealed: RECORDS - 2, left: 2 });
    expect(unreadable.map((counts) => Object.fromEntries(counts))).toEqual([
      { 'key k0 is not in the ring': 1, sealed_tampered: 1 },
    ]);
    expect(await resealer.outdated()).toBe(2);
    expect(unused).toEqual([]);
  });

  test('costs nothing where there was never a second key, and notices a ring that has lost one', async () => {
    const single = start({ sealer: old });
    expect(await single.round()).toEqual({ kind: 'no_rotation' });
    expect(await single.outdated()).toBe(0);
    await start().round();
    const shrunk = start({ sealer: old });
    expect(await shrunk.round()).toMatchObject({ kind: 'done', left: RECORDS });
  });

  test('takes its time', async () => {
    const startedMs = Date.now();
    await start({ perSecond: 600 }).round();
    expect(Date.now() - startedMs).toBeGreaterThan(400);
  });
});
