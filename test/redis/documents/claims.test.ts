import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/base/clock.ts';
import { derivedId } from '../../../src/base/ids.ts';
import { claimDocuments, releaseDocuments } from '../../../src/intake/claim-documents.ts';
import { documentForLender } from '../../../src/intake/document-for-lender.ts';
import { type SubmitResult, submitApplication } from '../../../src/intake/submit-application.ts';
import { openTestDocuments, photo, type TestDocuments } from '../../support/documents.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;
let folder: TestDocuments;
let refs = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  folder = openTestDocuments(intake);
});
afterAll(async () => {
  folder.close();
  await redis.close();
});

function apply(
  documents: readonly Record<string, unknown>[],
  change: { partner?: string; person?: ReturnType<typeof nextPerson>; ref?: string } = {},
): Promise<SubmitResult> {
  refs += 1;
  const input = applicationFor(intake.registry, change.person ?? nextPerson(), change.ref ?? `DOC-${refs}`);
  const partner = intake.partner(change.partner ?? 'acme');
  return submitApplication(intake.deps, { partner, origin: 'partner' }, { ...input, documents });
}

async function accepted(documents: readonly Record<string, unknown>[]): Promise<string> {
  const result = await apply(documents);
  if (result.kind !== 'answered' || result.application.status !== 'received') throw new Error(JSON.stringify(result));
  return result.application.id;
}

const front = (id: string) => ({ kind: 'id_front', document_id: id });
const find = (id: string) => intake.deps.documents.find(id);
const UNKNOWN = { kind: 'invalid', faults: [{ pointer: '/documents/0/document_id', code: 'document_unknown' }] };

describe('an upload', () => {
  test('sent again is the same document and waits as long again; as another kind or from another partner it is its own', async () => {
    const bytes = photo('again');
    const first = await folder.upload(bytes);
    intake.clock.advanceMs(HOUR_MS);
    const again = await folder.upload(bytes);
    expect([again.replayed, again.document.id]).toEqual([true, first.document.id]);
    expect((await find(first.document.id))?.expiresMs).toBe(first.document.expiresMs + HOUR_MS);
    const ids = [
      first.document.id,
      (await folder.upload(bytes, 'id_back')).document.id,
      (await folder.upload(bytes, 'id_front', 'summit')).document.id,
      (await folder.upload(photo('other'))).document.id,
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test('sent several times at once is one document and one file', async () => {
    const bytes = photo('at once');
    const answers = await Promise.all(Array.from({ length: 8 }, () => folder.upload(bytes)));
    const ids = new Set(answers.map(({ document }) => document.id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    const [id = ''] = ids;
    const listed = await folder.files.list(Number.parseInt(id.slice(4, 6), 16));
    const known = await intake.deps.documents.areRecorded(listed.flatMap(({ id: one }) => (one === null ? [] : [one])));
    expect(known).not.toContain(false);
  });

  test('that nobody uses is over after a day: it is unknown at once, and gone with the sweep', async () => {
    const bytes = photo('over');
    const { document } = await folder.upload(bytes);
    intake.clock.advanceMs(DAY_MS);
    expect(await apply([front(document.id)])).toMatchObject(UNKNOWN);
    expect(await folder.sweeper.runDue(intake.clock.nowMs())).toBeGreaterThan(0);
    expect([await find(document.id), await folder.files.exists(document.id)]).toEqual([undefined, false]);
    const fresh = await folder.upload(bytes);
    expect([fresh.replayed, fresh.document.id === document.id]).toEqual([false, false]);
    expect(folder.failures).toEqual([]);
  });

  test('whose file was lost is made good by sending it again', async () => {
    const bytes = photo('lost');
    const { document } = await folder.upload(bytes);
    await folder.files.remove(document.id);
    expect((await folder.upload(bytes)).document.id).toBe(document.id);
    expect(await folder.files.check(document.id, document)).toEqual({ kind: 'whole' });
  });
});

describe('an application', () => {
  test('names its documents to the lender in full, and keeps them beyond their day', async () => {
    const { document } = await folder.upload(photo('kept'));
    const url = { kind: 'id_back', url: 'https://acme.example/1', sha256: 'a'.repeat(64) };
    const id = await accepted([front(document.id), url]);
    const sealed = intake.deps.sealer.openJson((await intake.deps.store.sealed(id)) ?? '', id);
    expect(sealed.ok && sealed.plain).toMatchObject({
      documents: [
        {
          kind: 'id_front',
          document_id: document.id,
          sha256: document.sha256,
          content_type: 'image/jpeg',
          bytes: document.bytes,
        },
        url,
      ],
    });
    intake.clock.advanceMs(3 * DAY_MS);
    await folder.sweeper.runDue(intake.clock.nowMs());
    expect(await folder.files.exists(document.id)).toBe(true);
    const lender = (lenderId: string) => documentForLender(intake.deps, lenderId, document.id);
    expect(await lender('quickcredit')).toMatchObject({ applicationId: id, document: { id: document.id } });
    expect(await lender('bluewave')).toBeUndefined();
  });

  test('cannot refer to what is unknown, another partner’s or of another kind: one answer, and nothing is recorded', async () => {
    const theirs = (await folder.upload(photo('theirs'), 'id_front', 'summit')).document.id;
    const back = (await folder.upload(photo('back'), 'id_back')).document.id;
    for (const id of [`doc_${'0'.repeat(32)}`, theirs, back]) {
      const result = await apply([front(id)], { ref: `REF-${id}` });
      expect(result).toMatchObject(UNKNOWN);
      expect(await intake.deps.store.load(derivedId('app', 'acme', `REF-${id}`))).toBeUndefined();
    }
    const messages = await Promise.all([`doc_${'0'.repeat(32)}`, theirs].map((id) => apply([front(id)])));
    expect(messages[0]).toEqual(messages[1]);
  });

  test('says what it says of its documents rightly, or not at all', async () => {
    const { document } = await folder.upload(photo('stated'));
    const wrong = { ...front(document.id), sha256: 'b'.repeat(64), bytes: 1 };
    const result = await apply([wrong]);
    expect(result.kind === 'invalid' && result.faults.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/documents/0/sha256', 'document_mismatch'],
      ['/documents/0/bytes', 'document_mismatch'],
    ]);
    expect(await intake.deps.documents.usersOf(document.id)).toEqual([]);
    await accepted([{ ...front(document.id), sha256: document.sha256, content_type: 'image/jpeg' }]);
  });

  test('with one bad document claims none of the others', async () => {
    const good = (await folder.upload(photo('good'))).document.id;
    const bad = `doc_${'1'.repeat(32)}`;
    expect(await apply([front(good), front(bad)], { ref: 'HALF' })).toMatchObject({
      faults: [{ pointer: '/documents/1/document_id' }],
    });
    expect(await intake.deps.documents.usersOf(good)).toEqual([]);
    expect(await intake.deps.documents.ofApplication(derivedId('app', 'acme', 'HALF'))).toEqual([]);
  });

  test('that fails with a wrong reference later keeps what it had claimed before', async () => {
    const kept = (await folder.upload(photo('kept claim'))).document.id;
    const id = await accepted([front(kept)]);
    const wrongKind = { kind: 'face', document_id: kept };
    expect(await claimDocuments(intake.deps, 'acme', id, [front(kept), wrongKind])).toMatchObject({ ok: false });
    expect(await intake.deps.documents.usersOf(kept)).toEqual([id]);
    expect(await intake.deps.documents.ofApplication(id)).toEqual([kept]);
  });

  test('that is refused gives its documents back: they end with their day, and its lender does not see them', async () => {
    const person = nextPerson();
    const first = await apply([], { person, partner: 'summit' });
    expect(first).toMatchObject({ application: { status: 'received' } });
    const { document } = await folder.upload(photo('refused'));
    const result = await apply([front(document.id)], { person });
    expect(result).toMatchObject({ application: { status: 'refused' } });
    expect(await intake.deps.documents.usersOf(document.id)).toEqual([]);
    // Were it claimed all the same, as after a crash:
    const applicationId = result.kind === 'answered' ? result.application.id : '';
    await claimDocuments(intake.deps, 'acme', applicationId, [front(document.id)]);
    expect(await documentForLender(intake.deps, 'quickcredit', document.id)).toBeUndefined();
    intake.clock.advanceMs(DAY_MS);
    await folder.sweeper.runDue(intake.clock.nowMs());
    expect(await folder.files.exists(document.id)).toBe(false);
  });

  test('that was never recorded loses its claim; one that is being recorded does not', async () => {
    const { documents } = intake.deps;
    const { document } = await folder.upload(photo('abandoned'));
    const app = derivedId('app', 'acme', 'NEVER');
    await claimDocuments(intake.deps, 'acme', app, [front(document.id)]);
    intake.clock.advanceMs(2 * DAY_MS);
    await folder.sweeper.runDue(intake.clock.nowMs());
    expect(await documents.usersOf(document.id)).toEqual([app]);
    const uses = redis.keys.shard(Number.parseInt(document.id.slice(4, 6), 16) % 64, 'docuses', document.id);
    await redis.client.hset(uses, app, Date.now() - HOUR_MS);
    intake.clock.advanceMs(DAY_MS);
    await folder.sweeper.runDue(intake.clock.nowMs());
    expect([await find(document.id), await folder.files.exists(document.id)]).toEqual([undefined, false]);
    expect(await documents.ofApplication(app)).toEqual([]);
  });

  test('may share a document with another one of its partner: it stays until both have given it back', async () => {
    const { document } = await folder.upload(photo('shared'));
    const [one, two] = [await accepted([front(document.id)]), await accepted([front(document.id)])];
    await releaseDocuments(intake.deps, one);
    intake.clock.advanceMs(2 * DAY_MS);
    await folder.sweeper.runDue(intake.clock.nowMs());
    expect(await intake.deps.documents.usersOf(document.id)).toEqual([two]);
    expect(await folder.files.exists(document.id)).toBe(true);
  });
});
