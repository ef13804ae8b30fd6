import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashForms, phoneIdForms } from '../../../src/identity/hash-forms.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';
import type { Subject } from '../../../src/identity/subject.ts';
import type { CustomerStatus } from '../../../src/screening/lists/entry.ts';
import type { ListEntryInput, ListSubject } from '../../../src/screening/lists/entry-schema.ts';
import { judgeLists, type ListView } from '../../../src/screening/lists/judge-lists.ts';
import type { ListStore } from '../../../src/screening/lists/list-store.ts';
import { lookupTokens } from '../../../src/screening/lists/list-tokens.ts';
import { sweepLists } from '../../../src/screening/lists/sweep-lists.ts';
import type { TestClock } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { entryOf, formsOf, openLists, tokenizer, tokensOf } from './lists-support.ts';

const PHONE = '13800138000';
const ID_NUMBER = '11010519491231002X';
const OTHER_ID_NUMBER = '440524188001010014';
const Q = { contributor: 'lender:q' } as const;
const Z = { contributor: 'lender:z' } as const;

let redis: TestRedis;
let store: ListStore;
let clock: TestClock;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.client.flushall();
  ({ store, clock } = openLists(redis));
});

function ask(subject: Subject, more: { ip?: string; regions?: string[] } = {}) {
  const normal = normaliseSubject(subject);
  if (!normal.ok) throw new Error('not a subject');
  const known = tokenizer.tokensOfSubject(normal.subject);
  const tokens = lookupTokens(tokenizer, formsOf('md5,sha256,sm3,phone_id'), known, more);
  if (!tokens.ok) throw new Error(tokens.faults[0]?.code);
  return { tokens: tokens.tokens, known };
}

async function verdict(subject: Subject, view: Partial<ListView> = {}) {
  const { tokens, known } = ask(subject);
  const [memberships = []] = await store.read([tokens]);
  const idTokens = (known.id_number?.all ?? []).filter(({ form }) => form !== 'plain');
  const funders = [{ id: 'harbour', trusts: [] }];
  return judgeLists(memberships, {
    funders,
    lenderId: 'z',
    partnerId: 'acme',
    idTokens,
    nowMs: clock.nowMs(),
    ...view,
  });
}

const blocked = async (subject: Subject) => (await verdict(subject)).blocked;
const upsert = (subject: ListSubject, more: Partial<ListEntryInput> = {}, by: typeof Q | typeof Z = Q) =>
  store.upsert([entryOf(subject, more)], by);

describe('contributions', () => {
  test('the same contribution twice is one entry', async () => {
    const [first] = await upsert({ phone: PHONE });
    const [second] = await upsert({ phone: '+86 138 0013 8000' });
    expect(first).toMatchObject({ result: 'created', id: expect.stringMatching(/^lst_[0-9a-f]{32}$/) });
    expect(second).toEqual({ result: 'updated', id: first?.id });
    expect(await store.count()).toEqual([
      { scope: 'funder:harbour', contributor: 'lender:q', list: 'block', kind: 'phone', form: 'plain', entries: 1 },
    ]);
    expect(await store.find(tokensOf({ phone: PHONE }))).toHaveLength(1);
  });

  test('an entry named twice in one request is created once, and the later one stands', async () => {
    const results = await store.upsert(
      [entryOf({ phone: PHONE }, { note: 'first' }), entryOf({ phone: PHONE }, { note: 'second' })],
      Q,
    );
    expect(results.map(({ result }) => result)).toEqual(['created', 'updated']);
    expect((await store.get(results[0]?.id ?? ''))?.note).toBe('second');
  });

  test('all forms of one plain person agree', async () => {
    await upsert({ phone: PHONE });
    for (const form of ['md5', 'sha256', 'sm3'] as const) {
      expect(await blocked({ phone: { [form]: hashForms(PHONE)[form] } })).toBe(true);
    }
    await store.withdraw([entryOf({ phone: PHONE })], Q);
    for (const form of ['md5', 'sha256', 'sm3'] as const) {
      expect(await blocked({ phone: { [form]: hashForms(PHONE)[form] } })).toBe(false);
    }
  });

  test('hash-only entries answer that form and plain, other forms are provisional', async () => {
    await upsert({ phone: { md5: hashForms(PHONE).md5 } });
    expect(await blocked({ phone: { md5: hashForms(PHONE).md5 } })).toBe(true);
    expect(await blocked({ phone: PHONE })).toBe(true);
    expect(ask({ phone: PHONE }).known.provisional).toBe(false);
    const other = { phone: { sha256: hashForms(PHONE).sha256 } };
    expect(await blocked(other)).toBe(false);
    expect(ask(other).known.provisional).toBe(true);
  });

  test('a person contributed as a hash and later in plain is one entry under every form', async () => {
    const md5 = { md5: hashForms(PHONE).md5 };
    const [hashed] = await upsert({ phone: md5 }, { note: 'by hash' });
    const [plain] = await upsert({ phone: PHONE }, { note: 'in plain' });
    expect([hashed?.result, plain?.result]).toEqual(['created', 'updated']);
    expect(await blocked({ phone: { sm3: hashForms(PHONE).sm3 } })).toBe(true);
    const found = await store.find(tokensOf({ phone: md5 }));
    expect(found.map(({ id }) => id)).toEqual([plain?.id]);
    expect((await store.get(hashed?.id ?? ''))?.state).toBe('withdrawn');
    expect(await store.count()).toMatchObject([{ form: 'plain', entries: 1 }]);
  });

  test('a hash cannot change what is known in plain, and saying the same again changes nothing', async () => {
    await upsert({ phone: PHONE });
    const md5 = { phone: { md5: hashForms(PHONE).md5 } };
    expect(await upsert(md5)).toMatchObject([{ result: 'updated' }]);
    expect(await upsert(md5, { reason: 'fraud' })).toMatchObject([{ result: 'rejected', code: 'plain_needed' }]);
    expect(await store.withdraw([entryOf(md5)], Q)).toMatchObject([{ result: 'rejected', code: 'plain_needed' }]);
    expect(await blocked({ phone: { sm3: hashForms(PHONE).sm3 } })).toBe(true);
  });

  test('withdrawing another’s entry is refused', async () => {
    await upsert({ phone: PHONE });
    expect(await store.withdraw([entryOf({ phone: PHONE })], Z)).toMatchObject([
      { result: 'rejected', code: 'not_contributor' },
    ]);
    expect(await blocked({ phone: PHONE })).toBe(true);
    expect(await store.withdraw([entryOf({ phone: PHONE })], Q)).toMatchObject([{ result: 'removed' }]);
    expect(await store.withdraw([entryOf({ phone: PHONE })], Q)).toMatchObject([{ code: 'not_found' }]);
    expect(await blocked({ phone: PHONE })).toBe(false);
  });

  test('what two lenders say of one person stands until both have withdrawn it', async () => {
    await upsert({ phone: PHONE }, {}, Q);
    await upsert({ phone: PHONE }, {}, Z);
    await store.withdraw([entryOf({ phone: PHONE })], Q);
    expect(await blocked({ phone: PHONE })).toBe(true);
    await store.withdraw([entryOf({ phone: PHONE })], Z);
    expect(await blocked({ phone: PHONE })).toBe(false);
  });

  test('a form that is not indexed is refused, never taken for somebody new', async () => {
    const { store: narrow } = openLists(redis, 'sha256');
    const md5 = { phone: { md5: hashForms(PHONE).md5 } };
    expect(await narrow.upsert([entryOf(md5)], Q)).toMatchObject([{ result: 'rejected', code: 'form_not_indexed' }]);
    const normal = normaliseSubject(md5);
    if (!normal.ok) throw new Error('not a subject');
    const asked = lookupTokens(tokenizer, formsOf('sha256'), tokenizer.tokensOfSubject(normal.subject));
    expect(asked).toMatchObject({ ok: false, faults: [{ pointer: '/phone', code: 'form_not_indexed' }] });
  });

  test('an expired entry no longer blocks, and the sweeper gives its memory back', async () => {
    const [entry] = await upsert({ phone: PHONE }, { expires_on: '2026-03-10', note: 'short' });
    clock.moveTo('2026-03-10T23:59:59.000Z');
    expect(await blocked({ phone: PHONE })).toBe(true);
    clock.moveTo('2026-03-11T00:00:00.000Z');
    expect(await blocked({ phone: PHONE })).toBe(false);
    expect((await store.get(entry?.id ?? ''))?.state).toBe('expired');
    expect(await store.count()).toHaveLength(1);
    expect(await sweepLists(store.parts, { pauseMs: 0 })).toBe(3);
    expect(await store.count()).toEqual([]);
    expect(await store.find(tokensOf({ phone: PHONE }))).toEqual([]);
    expect(await sweepLists(store.parts, { pauseMs: 0 })).toBe(0);
  });

  test('a region counts for everybody in it, an address in whatever spelling', async () => {
    await store.upsert([entryOf({ region: '5401' }, { reason: 'region' }), entryOf({ ip: '2001:DB8::0:7' })], Q);
    const found = async (more: { ip?: string; regions?: string[] }) =>
      (await store.read([ask({ phone: PHONE }, more).tokens])).flat().map(({ kind }) => kind);
    expect(await found({ regions: ['540102'] })).toEqual(['region']);
    expect(await found({ regions: ['540202'] })).toEqual([]);
    expect(await found({ ip: '2001:db8:0:0:0:0:0:7' })).toEqual(['ip']);
  });

  test('an entry is found again by id with its history; the index alone has no document', async () => {
    const [bare] = await upsert({ phone: PHONE });
    expect(await store.get(bare?.id ?? '')).toBeUndefined();
    const kept = await store.upsert([entryOf({ phone: PHONE }, { scope: 'lender:q' })], { ...Q, keepDetails: true });
    clock.advanceMs(60_000);
    await store.upsert([entryOf({ phone: PHONE }, { scope: 'lender:q', reason: 'fraud' })], Q);
    const entry = await store.get(kept[0]?.id ?? '');
    expect(entry).toMatchObject({ reason: 'fraud', state: 'active', contributor: 'lender:q' });
    expect(entry?.history.map(({ what }) => what)).toEqual(['contributed', 'changed']);
    expect(JSON.stringify(entry)).not.toContain(PHONE);
  });

  test('a contributor reads its own changes in order, and nobody else’s', async () => {
    await upsert({ phone: PHONE });
    await upsert({ id_number: ID_NUMBER }, {}, Z);
    await store.withdraw([entryOf({ phone: PHONE })], Q);
    const first = await store.changes('lender:q', undefined, 1);
    expect(first?.data.map(({ change }) => change)).toEqual(['created']);
    const rest = await store.changes('lender:q', first?.nextCursor, 10);
    expect(rest?.data.map(({ change, kind }) => [change, kind])).toEqual([['removed', 'phone']]);
    expect((await store.changes('lender:q', rest?.nextCursor, 10))?.data).toEqual([]);
    expect(await store.changes('lender:q', 'nonsense', 10)).toBeUndefined();
  });
});

describe('a shared-funder block and its appeal', () => {
  const group = 'case-77';
  const contribute = () =>
    store.upsert([entryOf({ phone: PHONE }, { group }), entryOf({ id_number: ID_NUMBER }, { group })], Q);
  const person: Subject = { phone: PHONE, id_number: ID_NUMBER };

  test('the funder that blocks is left out; where it is the only one, nobody lends', async () => {
    await contribute();
    const both = [
      { id: 'harbour', trusts: [] },
      { id: 'north', trusts: [] },
    ];
    expect(await verdict(person, { funders: both })).toMatchObject({ blocked: false, blockedFunders: ['harbour'] });
    expect(await verdict(person)).toMatchObject({ blocked: true, blockedFunders: ['harbour'] });
  });

  test('both entries of a group are suspended together, come back together, and can be withdrawn', async () => {
    await contribute();
    const isPlain = true;
    const step = { by: 'operator:li', isPlain };
    const found = await store.find(ask({ phone: PHONE }).tokens);
    await store.setSuspended('suspend', found, step);
    expect(await blocked({ phone: PHONE })).toBe(false);
    expect(await blocked({ id_number: { sm3: hashForms(ID_NUMBER).sm3 } })).toBe(false);
    expect((await store.find(ask(person).tokens)).map(({ state }) => state)).toEqual(['suspended', 'suspended']);
    await upsert({ device_id: 'abcd-1234' }, { group });
    expect(await blocked({ device_id: 'abcd-1234' })).toBe(false);
    await store.setSuspended('resume', found, step);
    expect(await blocked({ phone: PHONE })).toBe(true);
    expect(await blocked({ device_id: 'abcd-1234' })).toBe(true);
    for (const entry of await store.find(ask(person).tokens)) await store.withdrawFound(entry, step);
    expect(await blocked(person)).toBe(false);
    expect(await store.count()).toMatchObject([{ kind: 'device_id' }]);
  });

  test('contributing again does not lift a suspension', async () => {
    await contribute();
    await store.setGroupSuspended('suspend', { ...Q, group }, { by: 'appeal' });
    await contribute();
    expect(await blocked(person)).toBe(false);
  });

  test('a recycled number is annotated, not blocked', async () => {
    await contribute();
    expect(await verdict({ phone: PHONE, id_number: OTHER_ID_NUMBER })).toMatchObject({
      blocked: false,
      annotations: [{ code: 'recycled_number', list: 'block', scope: 'funder:harbour', reason: 'overdue' }],
    });
    expect(await blocked({ phone: PHONE, id_number: ID_NUMBER })).toBe(true);
    expect(await blocked({ phone: PHONE })).toBe(true);
    const byMd5 = { phone: { md5: hashForms(PHONE).md5 }, id_number: { md5: hashForms(OTHER_ID_NUMBER).md5 } };
    expect(await blocked(byMd5)).toBe(false);
  });

  test('who is known by the hash of phone and id number alone is found too, until the entry is withdrawn', async () => {
    await contribute();
    const joint = { phone_id: { md5: phoneIdForms(PHONE, ID_NUMBER).md5 } };
    expect(await blocked(joint)).toBe(true);
    await store.withdraw([entryOf({ id_number: ID_NUMBER })], Q);
    expect(await blocked(joint)).toBe(false);
    expect(await blocked({ phone: PHONE })).toBe(true);
  });
});

describe('customers of a lender', () => {
  const customer = (status: CustomerStatus, retry_at?: string) =>
    upsert({ phone: PHONE }, { list: 'customer', scope: 'lender:z', reason: 'other', status, retry_at });

  test('are known to it alone, with the day on which they may ask again', async () => {
    await customer('refused', '2026-04-01T00:00:00Z');
    expect((await verdict({ phone: PHONE })).customer).toEqual({
      status: 'refused',
      retryAtMs: Date.parse('2026-04-01T00:00:00Z'),
    });
    expect((await verdict({ phone: PHONE }, { lenderId: 'q' })).customer).toBeNull();
    await customer('has_loan');
    expect((await verdict({ phone: PHONE })).customer).toEqual({ status: 'has_loan', retryAtMs: null });
  });

  test('five hundred subjects are one round', async () => {
    await customer('registered');
    await store.parts.index.read(tokensOf({ phone: PHONE }));
    const subjects = Array.from({ length: 500 }, (_, at) => ask({ phone: `139${String(at).padStart(8, '0')}` }).tokens);
    await store.read(subjects);
    await redis.client.config('RESETSTAT');
    const asked = [...subjects, ask({ phone: PHONE }).tokens];
    const found = await store.read(asked);
    // One command a token and nothing after: all of them were sent in the tick of the call.
    const stats = await redis.client.info('commandstats');
    const calls = [...stats.matchAll(/cmdstat_(\w+)[^:]*:calls=(\d+)/g)].map(([, name, count]) => [
      name,
      Number(count),
    ]);
    expect(Object.fromEntries(calls.filter(([name]) => name !== 'info' && name !== 'config'))).toEqual({
      hmget: asked.flat().length,
    });
    expect(found).toHaveLength(501);
    expect(found[500]?.[0]).toMatchObject({ list: 'customer', status: 'registered' });
    expect(found.slice(0, 500).every((memberships) => memberships.length === 0)).toBe(true);
  });
});
