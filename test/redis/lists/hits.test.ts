import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedId } from '../../../src/base/ids.ts';
import { readListSubject } from '../../../src/doors/lists/check-subjects.ts';
import { hashForms } from '../../../src/identity/hash-forms.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import type { ListSubject } from '../../../src/screening/lists/entry-schema.ts';
import { HitStore } from '../../../src/screening/lists/hits/hit-store.ts';
import { hitsOf } from '../../../src/screening/lists/hits/hits-of.ts';
import type { HitDraft } from '../../../src/screening/lists/hits/list-hit.ts';
import { nextPerson } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { groupOf, openDesk, type TestDesk } from './lists-desk.ts';

let redis: TestRedis;
let hits: HitStore;
let open: TestDesk;
let space = 0;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(() => {
  open = openDesk(redis);
  space += 1;
  const { client } = redis;
  hits = new HitStore({
    client,
    keys: createKeyspace(`hits${space}:`),
    clock: open.clock,
    details: open.lists.parts.details,
  });
});

const draftOf = (entryId: string): HitDraft => ({
  entryId,
  place: null,
  list: 'block',
  scope: 'funder:harbour',
  reason: 'overdue',
  effect: 'block',
});
const application = (name: string) => ({ applicationId: derivedId('app', name) });

/** What an application of this subject for a product of harbour would be told to have met. */
async function draftsFor(subject: ListSubject): Promise<HitDraft[]> {
  const read = readListSubject(subject, open.lists);
  if (!read.ok) throw new Error('no subject');
  const { tokens } = read.value;
  const [memberships = []] = await open.lists.read([tokens]);
  const idTokens = tokens.filter(({ kind }) => kind === 'id_number');
  const funders = [{ id: 'harbour', trusts: [] }];
  const view = { funders, lenderId: 'quickcredit', partnerId: 'acme', idTokens, nowMs: open.clock.nowMs() };
  return hitsOf(memberships, view, tokens);
}

describe('what had a part in a decision', () => {
  test('is each entry once, however many forms it was found under, by the id that its contributor was told', async () => {
    const person = nextPerson();
    const results = await open.lists.upsert(groupOf(person, 'q'), { contributor: 'lender:riverbank' });
    const plain = { subject: { phone: person.phone }, list: 'block', scope: 'network', reason: 'fraud' } as const;
    const [bare] = await open.lists.upsert([plain], { contributor: 'lender:quickcredit' });
    const subject = { phone: person.phone, id_number: person.idNumber };
    await hits.record(application('a'), await draftsFor(subject));
    const kept = await hits.ofApplication(application('a').applicationId);
    expect(kept.map(({ entry_id }) => entry_id).sort()).toEqual([...results, bare].map((one) => one?.id).sort());
    const byHash = await draftsFor({ phone: { md5: hashForms(person.phone).md5 } });
    await hits.record({ precheckId: derivedId('pre', 'b') }, byHash);
    const page = await hits.list({ entryId: results[0]?.id ?? '' }, undefined, 10);
    expect(
      page?.data.map(({ application_id, precheck_id }) => [application_id !== null, precheck_id !== null]),
    ).toEqual([
      [false, true],
      [true, false],
    ]);
    for (const text of [person.phone, person.idNumber, 'riverbank']) expect(JSON.stringify(page)).not.toContain(text);
  });

  test('is an annotation where the phone means somebody else, and nothing where an entry is suspended or not seen', async () => {
    const [former, current] = [nextPerson(), nextPerson()];
    await open.lists.upsert(groupOf(former, 'q'), { contributor: 'lender:riverbank' });
    await open.lists.upsert(groupOf(current, 'private', { scope: 'lender:riverbank' }), {
      contributor: 'lender:riverbank',
    });
    const drafts = await draftsFor({ phone: former.phone, id_number: current.idNumber });
    expect(drafts).toMatchObject([{ effect: 'annotation', scope: 'funder:harbour' }]);
    await open.open({ phone: former.phone });
    expect(await draftsFor({ phone: former.phone, id_number: former.idNumber })).toEqual([]);
  });

  test('is kept exactly for an application: recorded again it is not there twice, and none is trimmed away', async () => {
    const entry = derivedId('lst', 'one');
    const drafts = Array.from({ length: 30 }, (_, at) => draftOf(derivedId('lst', `of ${at}`)));
    await hits.record(application('kept'), drafts);
    await hits.record(application('kept'), drafts);
    for (let at = 0; at < 5_000; at += 500) {
      const names = Array.from({ length: 500 }, (_, one) => `app ${at + one}`);
      await Promise.all(names.map((name) => hits.record({ precheckId: derivedId('pre', name) }, [draftOf(entry)])));
    }
    expect(await hits.ofApplication(application('kept').applicationId)).toHaveLength(30);
    const streams = await redis.client.keys(`hits${space}:*listhits`);
    const sizes = await Promise.all(streams.map((key) => redis.client.xlen(key)));
    expect(Math.max(...sizes)).toBeLessThan(2_200);
  });

  test('is paged newest first, none left out and none told twice', async () => {
    const total = 57;
    for (let at = 0; at < total; at += 1) {
      await hits.record({ precheckId: derivedId('pre', `page ${at}`) }, [draftOf(derivedId('lst', `page ${at % 7}`))]);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await hits.list({}, cursor, 10);
      if (page === undefined) throw new Error('the cursor is not ours');
      seen.push(...page.data.map(({ precheck_id }) => precheck_id ?? ''));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(total);
    expect(new Set(seen).size).toBe(total);
    expect(await hits.list({}, 'nonsense', 10)).toBeUndefined();
  });
});
