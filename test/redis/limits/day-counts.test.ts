import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiveDocument } from '../../../src/intake/receive-document.ts';
import { DayCounts } from '../../../src/limits/day-counts.ts';
import { openTestDocuments, photo, type TestDocuments } from '../../support/documents.ts';
import { createTestIntake, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;
let photos: TestDocuments;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  photos = openTestDocuments(intake);
});
afterAll(async () => {
  photos.close();
  await redis.close();
});

describe('what a party may have in a day', () => {
  test('is spent whole or not at all, by party, by what, by day, also at the same moment', async () => {
    const counts = new DayCounts(redis.client, redis.keys);
    const today = { day: '2026-03-02', budget: 10 };
    const spent = await Promise.all(Array.from({ length: 20 }, () => counts.spend('acme', 'uploads', today, 3)));
    expect(spent.filter(Boolean)).toHaveLength(3);
    expect(await counts.spend('acme', 'uploads', today, 1)).toBe(true);
    expect(await counts.spend('acme', 'uploads', today, 1)).toBe(false);
    expect(await counts.spend('acme', 'handoffs', today, 10)).toBe(true);
    expect(await counts.spend('summit', 'uploads', today, 10)).toBe(true);
    expect(await counts.spend('acme', 'uploads', { ...today, day: '2026-03-03' }, 10)).toBe(true);
  });
});

describe('a document beyond what a partner may store in a day', () => {
  test('is not stored; one that is there already may come again', async () => {
    const { documents, clock, fingerprintKey } = intake.deps;
    const asked: number[] = [];
    const receive = (text: string, budget: number) =>
      receiveDocument(
        {
          ...{ documents, clock, fingerprintKey, files: photos.files },
          mayStore: async (bytes) => {
            asked.push(bytes);
            if (bytes > budget) throw new Error('over budget');
          },
        },
        'acme',
        { kind: 'face', contentType: 'image/jpeg', bytes: photo(text, 1_000) },
      );
    const { document } = await receive('one', 1_000);
    expect(await receive('one', 0)).toMatchObject({ replayed: true, document: { id: document.id } });
    await expect(receive('two', 999)).rejects.toThrow('over budget');
    expect(asked).toEqual([1_000, 1_000]);
    expect((await receive('two', 1_000)).replayed).toBe(false);
  });
});
