import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DocumentFiles } from '../../../src/applications/documents/document-files.ts';
import { findStrays } from '../../../src/applications/documents/find-strays.ts';
import { DAY_MS } from '../../../src/base/clock.ts';
import { randomIdInShard } from '../../../src/base/ids.ts';
import { createSealer } from '../../../src/identity/seal.ts';
import { createFrameSealer } from '../../../src/identity/seal-frames.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { ApplicationEraser } from '../../../src/privacy/application-eraser.ts';
import { createPersonalDocuments } from '../../../src/privacy/personal-documents.ts';
import { createResealer } from '../../../src/privacy/resealer.ts';
import { RetentionStore } from '../../../src/privacy/retention-store.ts';
import { createSealedDocuments } from '../../../src/privacy/sealed-documents.ts';
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

async function applicationWith(...ids: readonly string[]): Promise<string> {
  refs += 1;
  const documents = ids.map((id) => ({ kind: 'id_front', document_id: id }));
  const input = { ...applicationFor(intake.registry, nextPerson(), `LIFE-${refs}`), documents };
  const partner = intake.partner('acme');
  const result = await submitApplication(intake.deps, { partner, origin: 'partner' }, input);
  if (result.kind !== 'answered') throw new Error(result.kind);
  return result.application.id;
}

const personal = (files: Pick<DocumentFiles, 'remove'> = folder.files) =>
  createPersonalDocuments({ documents: intake.deps.documents, files, clock: intake.clock });

function eraser(files?: Pick<DocumentFiles, 'remove'>): ApplicationEraser {
  const { client, keys } = redis;
  const { store, clock } = intake.deps;
  const retention = new RetentionStore(client, keys);
  const days = { refusedDays: 30, closedDays: 1095 };
  const isRevolving = () => false;
  return new ApplicationEraser({ client, keys, store, retention, others: [personal(files)], isRevolving, days, clock });
}

const upload = async (text: string) => (await folder.upload(photo(text))).document.id;
const exists = (id: string) => folder.files.exists(id);

/** Every key and value that Redis holds. */
async function everything(): Promise<string> {
  const texts = await Promise.all(
    (await redis.client.keys('*')).map(
      async (key) => `${key} ${(await redis.client.dumpBuffer(key))?.toString('latin1')}`,
    ),
  );
  return texts.join('\n');
}

describe('the personal data of an application', () => {
  test('names its documents by kind and hash, without their bytes', async () => {
    const { document } = await folder.upload(photo('exported'));
    const app = await applicationWith(document.id);
    expect(await personal().read(app, 'root')).toMatchObject([
      { document_id: document.id, kind: 'id_front', sha256: document.sha256, content_type: 'image/jpeg', bytes: 12 },
    ]);
  });

  test('goes with its documents: nobody finds them any more, on disk or in Redis; doing it again changes nothing', async () => {
    const [own, shared] = [await upload('own'), await upload('shared')];
    const [app, other] = [await applicationWith(own, shared), await applicationWith(shared)];
    expect(await eraser().erase(app, true)).toEqual({ result: 'erased' });
    expect([await exists(own), await exists(shared)]).toEqual([false, true]);
    expect(await everything()).not.toContain(own);
    expect(await eraser().erase(app, true)).toEqual({ result: 'already_erased' });
    await eraser().erase(other, true);
    expect(await exists(shared)).toBe(false);
    expect(await everything()).not.toContain(shared);
  });

  test('goes also when the disk failed or the process died in the middle', async () => {
    const id = await upload('cut off');
    const app = await applicationWith(id);
    const dying = { remove: () => Promise.reject(new Error('died')) };
    await expect(eraser(dying).erase(app, true)).rejects.toThrow('died');
    // Whatever happens next, nobody gets it.
    expect(await intake.deps.documents.find(id)).toBeUndefined();
    expect(await exists(id)).toBe(true);
    await folder.sweeper.runDue(intake.clock.nowMs());
    expect(await exists(id)).toBe(false);
    expect(await eraser().erase(app, true)).toEqual({ result: 'already_erased' });
    expect(await everything()).not.toContain(id);
  });

  test('takes documents along that were claimed while it was erased', async () => {
    const id = await upload('late');
    const app = await applicationWith();
    await eraser().erase(app, true);
    const by = { partnerId: 'acme', kind: 'id_front', applicationId: app };
    await intake.deps.documents.use(id, by, intake.clock.nowMs());
    intake.clock.advanceMs(2 * DAY_MS);
    await folder.sweeper.runDue(intake.clock.nowMs());
    expect(await exists(id)).toBe(false);
  });
});

describe('folder and records', () => {
  const old = new Date(Date.now() - 2 * 3_600_000);
  const put = (name: string, age: Date | null): string => {
    const path = join(folder.root, name.slice(4, 6), name);
    mkdirSync(join(folder.root, name.slice(4, 6)), { recursive: true });
    writeFileSync(path, 'x');
    if (age) utimesSync(path, age, age);
    return path;
  };
  const compare = (root = folder.files) => findStrays({ documents: intake.deps.documents, files: root }, Date.now());

  test('are compared: files that nobody was told of go once they are old, what is lost is named and left', async () => {
    const [kept, lost] = [await upload('kept'), await upload('lost')];
    await folder.files.remove(lost);
    const [stray, fresh, part] = [0, 1, 2].map((shard) => randomIdInShard('doc', shard));
    put(stray ?? '', old);
    put(fresh ?? '', null);
    put(`${part}.1.part`, old);
    put(`${part}.2.part`, null);
    put('doc_00.notes', old);
    expect(await compare()).toEqual({ discarded: 2, suspect: 0, missing: [lost] });
    expect([await exists(kept), await exists(stray ?? ''), await exists(fresh ?? '')]).toEqual([true, false, true]);
    expect(await intake.deps.documents.find(lost)).toBeDefined();
  });

  test('of two installations are not: where no file is on record, none is removed', async () => {
    const root = join(folder.root, 'elsewhere');
    const elsewhere = new DocumentFiles(
      root,
      createFrameSealer({ keys: [{ id: 'k', key: Buffer.alloc(32) }], activeId: 'k' }),
    );
    for (let shard = 0; shard < 10; shard += 1) {
      const id = randomIdInShard('doc', shard);
      await elsewhere.write(id, photo('foreign'));
      utimesSync(join(root, id.slice(4, 6), id), old, old);
    }
    expect(await compare(elsewhere)).toMatchObject({ discarded: 0, suspect: 10 });
  });
});

describe('re-sealing after a rotation', () => {
  test('covers documents: their files open without the old key, and it is told unused', async () => {
    const { client, keys } = redis;
    const ids = [await upload('rotate 1'), await upload('rotate 2')];
    const [k1, k2] = [1, 2].map((fill) => ({ id: `k${fill}`, key: Buffer.alloc(32, fill) }));
    if (k1 === undefined || k2 === undefined) throw new Error('no keys');
    const rotated = new DocumentFiles(folder.root, createFrameSealer({ keys: [k2, k1], activeId: 'k2' }));
    const unused: string[] = [];
    const resealer = createResealer({
      client,
      keys,
      sealer: createSealer({ keys: [k2, k1], activeId: 'k2' }),
      sources: [createSealedDocuments(rotated, intake.deps.documents)],
      isComplete: async () => true,
      onKeyUnused: (id) => void unused.push(id),
      onUnreadable: () => undefined,
      onError: (error) => {
        throw error;
      },
      perSecond: 1_000_000,
    });
    expect(await resealer.round()).toMatchObject({ kind: 'done', isComplete: true });
    const alone = new DocumentFiles(folder.root, createFrameSealer({ keys: [k2], activeId: 'k2' }));
    for (const id of ids) {
      const document = await intake.deps.documents.find(id);
      expect(document && (await alone.check(id, document))).toEqual({ kind: 'whole' });
    }
  });
});
