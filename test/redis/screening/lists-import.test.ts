import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkListSettings } from '../../../src/screening/lists/check-list-settings.ts';
import { exportEntries } from '../../../src/screening/lists/export-entries.ts';
import { type ImportReport, importList } from '../../../src/screening/lists/import/import-list.ts';
import type { ImportOptions } from '../../../src/screening/lists/import/import-options.ts';
import { openListFile, standardInput } from '../../../src/screening/lists/import/list-file.ts';
import type { ListStore } from '../../../src/screening/lists/list-store.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { entryOf, formsOf, openLists, tokensOf } from './lists-support.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-lists-'));
const rejectedPath = join(directory, 'rows.csv.rejected');
let redis: TestRedis;
let store: ListStore;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(async () => {
  await redis.close();
  rmSync(directory, { recursive: true });
});
beforeEach(async () => {
  await redis.client.flushall();
  ({ store } = openLists(redis));
});

const usual: ImportOptions = {
  list: 'block',
  scope: 'funder:harbour',
  kind: 'phone',
  form: 'plain',
  reason: 'overdue',
  status: null,
  expiresOn: null,
  contributor: 'operator',
  rejectedPath,
  restart: false,
};

async function enter(content: string | Buffer, more: Partial<ImportOptions> = {}): Promise<ImportReport> {
  const path = join(directory, 'rows.csv');
  writeFileSync(path, content);
  return importList(store.parts, await openListFile(path), { ...usual, ...more });
}

const rejected = () => readFileSync(rejectedPath, 'utf8').trimEnd().split('\n').slice(1);
const phoneAt = (number: number) => `138${String(number).padStart(8, '0')}`;

async function blockedCount(values: readonly string[]): Promise<number> {
  const found = await store.read(values.map((phone) => tokensOf({ phone })));
  return found.filter((memberships) => memberships.length > 0).length;
}

describe('an import', () => {
  test('a bad row goes to the side file with line and reason and the rest is imported', async () => {
    const lines = [
      'value,expires_on',
      phoneAt(1),
      '12345',
      `${phoneAt(2)},2020-01-01`,
      '',
      `${phoneAt(3)},soon`,
      `${phoneAt(4)},,,x`,
      phoneAt(5),
    ];
    const report = await enter(lines.join('\n'));
    expect(report).toMatchObject({ rows: 6, created: 2, updated: 0, rejected: 4 });
    expect(rejected().map((line) => line.split(',').slice(0, 2).join())).toEqual([
      '3,phone_malformed',
      '4,expires_in_past',
      '6,expires_malformed',
      '7,csv_fields',
    ]);
    expect(readFileSync(rejectedPath, 'utf8')).not.toMatch(/12345|138\d/);
    expect(await blockedCount([1, 2, 3, 4, 5].map(phoneAt))).toBe(2);
  });

  test('reads a byte order mark, quotes, CRLF, notes over several lines, and a quote that is never closed', async () => {
    const note = 'said "no"\r\non the phone';
    const lines = [
      '"Value",note',
      `"${phoneAt(1)}","${note.replaceAll('"', '""')}"`,
      `${phoneAt(2)},"never closed`,
      phoneAt(3),
      `${phoneAt(4)},a "quoted" word`,
      `${phoneAt(5)}`,
    ];
    const report = await enter(`\ufeff${lines.join('\r\n')}\r\n`);
    expect(report).toMatchObject({ created: 3, rejected: 2 });
    expect(rejected().map((line) => line.split(',').slice(0, 2).join())).toEqual([
      '4,csv_malformed',
      '6,csv_malformed',
    ]);
    const [entry] = await store.find(tokensOf({ phone: phoneAt(1) }));
    expect(entry?.doc?.note).toBe(note);
  });

  test('reads NDJSON, and says which line is none', async () => {
    const rows = [
      { value: phoneAt(1) },
      { value: phoneAt(2), expires_on: '2026-05-01', note: 'n' },
      { value: 7 },
      { value: phoneAt(3), colour: 'red' },
    ].map((row) => JSON.stringify(row));
    const report = await enter(`${rows.join('\n')}\n{"value":\n\n`);
    expect(report).toMatchObject({ created: 2, rejected: 3 });
    expect(rejected().map((line) => line.split(',').slice(0, 2).join())).toEqual([
      '3,value_missing',
      '4,unknown_field',
      '5,json_invalid',
    ]);
    expect((await store.find(tokensOf({ phone: phoneAt(2) })))[0]).toMatchObject({ expires_on: '2026-05-01' });
  });

  test('a file without the header is refused with the reason', async () => {
    await expect(enter(`${phoneAt(1)}\n`)).rejects.toThrow('line 1 must be the header');
    await expect(enter('value,color\n1,2\n')).rejects.toThrow('line 1 must be the header');
  });

  test('standard input is a file like any other', async () => {
    const input = standardInput(Readable.from([Buffer.from('value\n'), Buffer.from(phoneAt(1)), Buffer.from('\n')]));
    expect(await importList(store.parts, input, usual)).toMatchObject({ created: 1 });
  });

  test('of hashes answers that form and plain; of plain values every form', async () => {
    await enter(`value\n${hash('md5', phoneAt(1)).toUpperCase()}\nxyz\n`, { form: 'md5' });
    expect(await blockedCount([phoneAt(1)])).toBe(1);
    await enter(`value\n${phoneAt(2)}\n`);
    for (const form of ['md5', 'sha256', 'sm3'] as const) {
      const subject = { phone: { [form]: hash(form, phoneAt(2)) } };
      expect((await store.read([tokensOf(subject)]))[0]).toHaveLength(1);
    }
    expect((await store.count()).map(({ form, entries }) => [form, entries])).toEqual([
      ['md5', 1],
      ['plain', 1],
    ]);
  });

  test('the same file again is told as done; begun anew, every row is known already', async () => {
    const content = `value\n${phoneAt(1)}\n${phoneAt(2)}\n`;
    await enter(content);
    const path = join(directory, 'rows.csv');
    const again = await importList(store.parts, await openListFile(path), usual);
    expect(again).toMatchObject({ wasDone: true, created: 2 });
    const anew = await importList(store.parts, await openListFile(path), { ...usual, restart: true });
    expect(anew).toMatchObject({ wasDone: false, created: 0, updated: 2 });
    expect(await store.count()).toMatchObject([{ entries: 2 }]);
  });

  test('wherever an import breaks off, going on counts every row once', async () => {
    // Seven batches: 256 KiB hold some 7 900 hashes.
    const rows = Array.from({ length: 50_000 }, (_, at) => (at % 1_000 === 7 ? 'bad' : hash('md5', `${at % 49_000}`)));
    const path = join(directory, 'rows.csv');
    writeFileSync(path, `value\n${rows.join('\n')}\n`);
    const options = { ...usual, form: 'md5' as const };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 10, max: 500 }), { minLength: 1, maxLength: 3 }), async (breaks) => {
        await redis.client.flushall();
        for (const calls of breaks) {
          const { store: doomed } = openLists(brokenAfter(redis, calls));
          await importList(doomed.parts, await openListFile(path), options).catch(() => undefined);
        }
        const report = await importList(store.parts, await openListFile(path), options);
        expect(report).toMatchObject({ rows: 50_000, created: 48_951, updated: 999, rejected: 50 });
        expect(rejected()).toHaveLength(50);
        expect(await store.count()).toMatchObject([{ form: 'md5', entries: 48_951 }]);
      }),
      { numRuns: 8 },
    );
  });

  test('two processes at the same file: the earlier one stops, and every row is entered', async () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => hash('md5', `${at}`));
    const path = join(directory, 'rows.csv');
    writeFileSync(path, `value\n${rows.join('\n')}\n`);
    const options = { ...usual, form: 'md5' as const };
    const { store: other } = openLists(redis);
    const both = await Promise.allSettled([
      importList(store.parts, await openListFile(path), options),
      importList(other.parts, await openListFile(path), options),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await store.count()).toMatchObject([{ entries: 60_000 }]);
  });

  test('is told to its contributor as one change a part, not a line a row', async () => {
    await enter(`value\n${phoneAt(1)}\n${phoneAt(2)}\n`, { scope: 'lender:q', contributor: 'lender:q' });
    const page = await store.changes('lender:q', undefined, 10);
    expect(page?.data).toMatchObject([{ change: 'imported', id: null, imported: { part: 1, rows: 2, created: 2 } }]);
  });

  test('a hash that is known in plain is rejected where it says something else', async () => {
    await enter(`value\n${phoneAt(1)}\n`);
    const report = await enter(`value\n${hash('md5', phoneAt(1))}\n`, { form: 'md5', expiresOn: '2026-04-01' });
    expect(report).toMatchObject({ rows: 1, created: 0, rejected: 1 });
    expect(rejected()[0]).toMatch(/^2,plain_needed,/);
  });

  test('memory of the importer stays flat', async () => {
    const path = join(directory, 'large.csv');
    const rows = Array.from({ length: 400_000 }, (_, at) => hash('md5', `${at}`));
    writeFileSync(path, `value\n${rows.join('\n')}\n`);
    const child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--import',
        'tsx',
        fileURLToPath(new URL('./lists-memory-child.ts', import.meta.url)),
        redis.url,
        path,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const { early, late, rows: entered } = JSON.parse(await text(child.stdout)) as Record<string, number>;
    expect(entered).toBe(400_000);
    expect((late ?? 0) - (early ?? 0)).toBeLessThan(48 * 1024 * 1024);
  }, 90_000);
});

describe('an export', () => {
  test('gives every form of every entry once, also while buckets split', async () => {
    await enter(`value\n${Array.from({ length: 3_000 }, (_, at) => hash('md5', `${at}`)).join('\n')}\n`, {
      form: 'md5',
    });
    const before = new Set<string>();
    for await (const page of exportEntries(store.parts, {})) for (const { token } of page) before.add(token);
    expect(before.size).toBe(3_000);
    const seen: string[] = [];
    let number = 0;
    for await (const page of exportEntries(store.parts, { scope: 'funder:harbour' })) {
      seen.push(...page.map(({ token }) => token));
      if (number > 20) continue;
      number += 1;
      const more = Array.from({ length: 4_000 }, (_, at) => hash('md5', `more ${number} ${at}`));
      await enter(`value\n${more.join('\n')}\n`, { form: 'md5', scope: 'network', reason: 'fraud', restart: true });
    }
    expect(seen).toHaveLength(3_000);
    expect(new Set(seen)).toEqual(before);
  });

  test('names the id under which an entry is known', async () => {
    const [entry] = await store.upsert([entryOf({ phone: phoneAt(1) })], { contributor: 'lender:q' });
    const exported = [];
    for await (const page of exportEntries(store.parts, { list: 'block' })) exported.push(...page);
    expect(exported).toHaveLength(3);
    expect(exported.find(({ form }) => form === 'sha256')).toMatchObject({
      id: entry?.id,
      contributor: 'lender:q',
      state: 'active',
      known_in_plain: true,
    });
  });
});

describe('the settings that tokens are made with', () => {
  const rootSecret = Buffer.from('a root secret of more than 32 characters');
  const forms = formsOf('md5,sha256,sm3,phone_id');
  const check = (settings: { rootSecret?: Uint8Array; forms?: typeof forms }) =>
    checkListSettings(redis.client, redis.keys, { rootSecret, forms, ...settings });

  test('another secret than the one in use is refused with a clear message', async () => {
    await check({});
    await check({});
    await expect(check({ rootSecret: Buffer.alloc(40, 'x') })).rejects.toThrow('made with another SLUICE_SECRET');
  });

  test('other forms are taken while the lists are empty, and refused once they are not', async () => {
    await check({});
    await check({ forms: formsOf('sha256') });
    await check({});
    await store.upsert([entryOf({ phone: phoneAt(1) })], { contributor: 'lender:q' });
    await expect(check({ forms: formsOf('sha256') })).rejects.toThrow('SLUICE_LIST_FORMS');
    await check({});
  });
});

/** A connection that fails after so many scripts, as a process that is killed stops sending. */
function brokenAfter({ client, ...rest }: TestRedis, calls: number): TestRedis {
  let left = calls;
  const broken = new Proxy(client, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        left -= 1;
        return left < 0 ? Promise.reject(new Error('gone')) : Reflect.apply(value, target, args);
      };
    },
  });
  return { ...rest, client: broken };
}

test('no side file is left where nothing was rejected', async () => {
  await enter('value\nbad\n');
  expect(existsSync(rejectedPath)).toBe(true);
  await enter(`value\n${phoneAt(9)}\n`);
  expect(existsSync(rejectedPath)).toBe(false);
});
