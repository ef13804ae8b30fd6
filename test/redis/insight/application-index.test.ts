import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedId } from '../../../src/base/ids.ts';
import type { Projection } from '../../../src/events/projection.ts';
import { ApplicationIndex, type IndexPage, isIndexCursor } from '../../../src/insight/application-index.ts';
import { createIndexProjection } from '../../../src/insight/index-projection.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import { logEvent, sampleContext } from '../../support/log-event.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let projection: Projection;
let index: ApplicationIndex;
let round = 0;
const statuses = new Map<string, string>();
const userRefs = new Map<string, string>();

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(() => {
  round += 1;
  statuses.clear();
  userRefs.clear();
  const keys = createKeyspace(`i${round}:`);
  const partnerUserRefOf = async (id: string) => userRefs.get(id) ?? null;
  projection = createIndexProjection({ client: redis.client, keys, partnerUserRefOf });
  index = new ApplicationIndex({ client: redis.client, keys, statusOf: async (id) => statuses.get(id) });
});

const id = (n: number): string => derivedId('app', 'acme', String(n));
const start = Date.parse('2026-03-02T04:00:00.000Z');

async function change(n: number, atSecond: number, context = sampleContext()): Promise<void> {
  const recorded_at = new Date(start + atSecond * 1_000).toISOString();
  await projection.apply(logEvent('application.received', id(n), `${atSecond}-0`, {}, { recorded_at, context }));
}

async function pages(read: (cursor: string | undefined) => Promise<IndexPage>): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    ids.push(...page.ids);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return ids;
}

describe('the index of a partner’s applications', () => {
  test('lists each application once, the one changed longest ago first', async () => {
    for (const n of [1, 2, 3]) await change(n, n);
    await change(1, 10);
    expect(await index.list('acme', { limit: 10 })).toEqual({ ids: [id(2), id(3), id(1)], nextCursor: null });
  });

  test('pages meet every application once, also those of the same millisecond', async () => {
    for (let n = 0; n < 25; n += 1) await change(n, n < 20 ? 5 : 6);
    const ids = await pages((cursor) => index.list('acme', { limit: 3, cursor }));
    expect(ids).toHaveLength(25);
    expect(new Set(ids).size).toBe(25);
  });

  test('an application that changes while somebody pages through is met again at the end', async () => {
    for (const n of [1, 2, 3, 4]) await change(n, n);
    const first = await index.list('acme', { limit: 2 });
    await change(3, 20);
    const rest = await pages((cursor) =>
      index.list('acme', { limit: 2, cursor: cursor ?? first.nextCursor ?? undefined }),
    );
    expect([...first.ids, ...rest]).toEqual([id(1), id(2), id(4), id(3)]);
  });

  test('a replay of older events changes nothing', async () => {
    await change(1, 1);
    await change(2, 2);
    await change(1, 3);
    const before = await index.list('acme', { limit: 10 });
    await change(1, 1);
    await change(2, 2);
    expect(await index.list('acme', { limit: 10 })).toEqual(before);
  });

  test('updated_after leaves out what has not changed since, the instant itself included', async () => {
    for (const n of [1, 2, 3]) await change(n, n);
    expect((await index.list('acme', { limit: 10, updatedAfterMs: start + 2_000 })).ids).toEqual([id(3)]);
  });

  test('a status filter reads the status as it is now', async () => {
    for (let n = 0; n < 40; n += 1) {
      await change(n, n);
      statuses.set(id(n), n % 4 === 0 ? 'refused' : 'received');
    }
    const ids = await pages((cursor) => index.list('acme', { limit: 3, status: 'refused', cursor }));
    expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => id(n * 4)));
  });

  test('a person is found by the partner’s own reference, and the key does not show it', async () => {
    userRefs.set(id(1), '13800138000').set(id(3), '13800138000').set(id(2), 'other');
    for (const n of [1, 2, 3]) await change(n, n);
    expect((await index.list('acme', { limit: 10, partnerUserRef: '13800138000' })).ids).toEqual([id(1), id(3)]);
    expect((await index.list('lantern', { limit: 10, partnerUserRef: '13800138000' })).ids).toEqual([]);
    expect((await redis.client.keys('*')).filter((key) => key.includes('13800138000'))).toEqual([]);
  });

  test('an application that nobody owns, and one that is still undecided, are in no partner’s list', async () => {
    await change(1, 1, sampleContext({ owner_id: null, partner_id: null }));
    await projection.apply(logEvent('application.screening', id(2), '1-0'));
    expect((await index.list('acme', { limit: 10 })).ids).toEqual([]);
  });

  test('a cursor that is none is told apart', () => {
    expect(isIndexCursor(`1767225600000.${id(1)}`)).toBe(true);
    for (const text of ['', '1', `x.${id(1)}`, '1767225600000.app_x']) expect(isIndexCursor(text)).toBe(false);
  });
});

describe('the index of a lender’s applications', () => {
  test('holds what the lender was given, whoever brought it, and not whom our screening refused', async () => {
    await change(1, 1);
    await change(2, 2, sampleContext({ owner_id: null, partner_id: null }));
    await change(3, 3, sampleContext({ lender_id: 'bluewave' }));
    const refused = sampleContext({ accepted_at: null });
    await projection.apply(logEvent('application.refused', id(4), '4-0', { reason: 'blocked' }, { context: refused }));
    expect((await index.listOfLender('quickcredit', { limit: 10 })).ids).toEqual([id(1), id(2)]);
    expect((await index.list('acme', { limit: 10 })).ids).toContain(id(4));
  });
});
