import { hash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import type { ListToken } from '../../../src/screening/lists/entry.ts';
import { bucketKey, shardOfToken, tokenBytes } from '../../../src/screening/lists/index-layout.ts';
import { readTables } from '../../../src/screening/lists/index-tables.ts';
import { IndexWriter } from '../../../src/screening/lists/index-writer.ts';
import { ListIndex } from '../../../src/screening/lists/list-index.ts';
import { type PackedMembership, packListAndSource } from '../../../src/screening/lists/membership.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const SHARD = 5;
const plain: PackedMembership = {
  list: 'block',
  source: 1,
  reason: 'fraud',
  status: null,
  isPlain: true,
  hasDetails: false,
  hasGroup: false,
  isSuspended: false,
  expiresDay: 20_600,
};

/** The n-th token of one shard: all of them meet in one table. */
function tokenAt(number: number): ListToken {
  const bytes = Buffer.from(hash('sha256', `token ${number}`), 'hex').subarray(0, 16);
  bytes[0] = SHARD;
  return { kind: 'phone', form: 'md5', token: bytes.toString('base64url') };
}

type Step =
  | { op: 'put'; from: number; count: number; source: number; day: number }
  | { op: 'remove'; from: number; count: number; source: number };
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('put' as const),
      from: fc.nat(600),
      count: fc.integer({ min: 1, max: 400 }),
      source: fc.integer({ min: 1, max: 30 }),
      day: fc.integer({ min: 1, max: 65_535 }),
    }),
  },
  fc.record({
    op: fc.constant('remove' as const),
    from: fc.nat(600),
    count: fc.integer({ min: 1, max: 200 }),
    source: fc.integer({ min: 1, max: 30 }),
  }),
);

describe('the list index', () => {
  test('a bucket that splits loses nothing', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(stepArbitrary, { minLength: 1, maxLength: 12 }), async (steps) => {
        run += 1;
        const keys = createKeyspace(`split${run}:`);
        const writer = new IndexWriter(redis.client, keys);
        // One reader sees every size of the table, the other one remembers the first it saw.
        const [reader, lateReader] = [new ListIndex(redis.client, keys), new ListIndex(redis.client, keys)];
        const model = new Map<number, Map<number, number>>();
        for (const step of steps) {
          const numbers = Array.from({ length: step.count }, (_, at) => step.from + at);
          if (step.op === 'put') {
            await writer.put(
              numbers.map((number) => ({
                token: tokenAt(number),
                membership: { ...plain, source: step.source, expiresDay: step.day },
              })),
            );
            for (const number of numbers) {
              if (!model.has(number)) model.set(number, new Map());
              model.get(number)?.set(step.source, step.day);
            }
          } else {
            await writer.amend(
              'remove',
              numbers.map((number) => ({
                token: tokenAt(number),
                list: 'block' as const,
                source: step.source,
                isPlain: true,
              })),
            );
            for (const number of numbers) model.get(number)?.delete(step.source);
          }
          await lateReader.read([tokenAt(step.from)]);
        }
        const asked = Array.from({ length: 1_001 }, (_, number) => number);
        for (const one of [reader, lateReader]) {
          const read = await one.read(asked.map(tokenAt));
          for (const number of asked) {
            const found = new Map(read[number]?.map(({ source, expiresDay }) => [source, expiresDay]));
            expect(found).toEqual(model.get(number) ?? new Map());
          }
        }
        const tables = await readTables(redis.client, keys);
        const counted = tables.flatMap(({ counts }) => counts).reduce((sum, { memberships }) => sum + memberships, 0);
        expect(counted).toBe([...model.values()].reduce((sum, lists) => sum + lists.size, 0));
      }),
      { numRuns: 25 },
    );
  });

  test('ordinary buckets stay listpacks within the default limits', async () => {
    const keys = createKeyspace('encoding:');
    const writer = new IndexWriter(redis.client, keys);
    const tokens = Array.from({ length: 12_000 }, (_, number) => tokenAt(number));
    await writer.put(tokens.map((token) => ({ token, membership: plain })));
    const [table] = await readTables(redis.client, keys);
    let fields = 0;
    for (let bucket = 0; bucket < (table?.buckets ?? 0); bucket += 1) {
      const key = bucketKey(keys, 'phone.md5', SHARD, bucket);
      expect(await redis.client.object('ENCODING', key)).toBe('listpack');
      const size = await redis.client.hlen(key);
      expect(size).toBeLessThanOrEqual(128);
      fields += size - 1;
    }
    expect(fields).toBe(12_000);
  });

  test('somebody on very many lists is found on all of them, and the bucket stays a listpack', async () => {
    const keys = createKeyspace('many:');
    const writer = new IndexWriter(redis.client, keys);
    const token = tokenAt(1);
    const sources = Array.from({ length: 40 }, (_, at) => at + 1);
    await writer.put(sources.map((source) => ({ token, membership: { ...plain, source } })));
    const index = new ListIndex(redis.client, keys);
    const found = async () =>
      (await index.read([token]))
        .flat()
        .map(({ source }) => source)
        .sort((a, b) => a - b);
    expect(await found()).toEqual(sources);
    await writer.amend(
      'remove',
      sources.slice(0, 30).map((source) => ({ token, list: 'block' as const, source, isPlain: true })),
    );
    expect(await found()).toEqual(sources.slice(30));
    const key = bucketKey(keys, 'phone.md5', shardOfToken(tokenBytes(token.token)), 0);
    expect(await redis.client.object('ENCODING', key)).toBe('listpack');
  });

  test('a reader who remembers a table that was emptied sees the new one', async () => {
    const keys = createKeyspace('emptied:');
    const writer = new IndexWriter(redis.client, keys);
    const index = new ListIndex(redis.client, keys);
    const tokens = Array.from({ length: 2_000 }, (_, number) => tokenAt(number));
    await writer.put(tokens.map((token) => ({ token, membership: plain })));
    await index.warm('phone.md5');
    expect((await index.read(tokens)).every((found) => found.length === 1)).toBe(true);
    const all = await redis.client.keys('emptied:*');
    await redis.client.del(...all);
    expect((await index.read(tokens)).every((found) => found.length === 0)).toBe(true);
    await writer.put(tokens.slice(0, 10).map((token) => ({ token, membership: plain })));
    expect((await index.read(tokens)).filter((found) => found.length === 1)).toHaveLength(10);
  });

  test('the same batch of an import again changes nothing and answers the same', async () => {
    const keys = createKeyspace('receipt:');
    const writer = new IndexWriter(redis.client, keys);
    const record = Buffer.alloc(21);
    tokenBytes(tokenAt(1).token).copy(record);
    record.writeUInt16BE(packListAndSource('block', 1), 16);
    const receipt = { importId: 'imp', batch: 1, buckets: 0 };
    expect(await writer.putPacked('phone.md5', SHARD, record, receipt)).toBe('c');
    expect(await writer.putPacked('phone.md5', SHARD, record, receipt)).toBe('c');
    expect(await writer.putPacked('phone.md5', SHARD, record, { ...receipt, batch: 2 })).toBe('s');
  });
});
