import { hash, randomFillSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/base/clock.ts';
import { ALL_SHARDS } from '../../src/base/ids.ts';
import { createTokenizer } from '../../src/identity/token.ts';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';
import type { ListToken } from '../../src/screening/lists/entry.ts';
import { importList } from '../../src/screening/lists/import/import-list.ts';
import { openListFile } from '../../src/screening/lists/import/list-file.ts';
import { BUCKET_LOAD, bucketKey, tokenText } from '../../src/screening/lists/index-layout.ts';
import { IndexWriter, PUT_RECORD_BYTES } from '../../src/screening/lists/index-writer.ts';
import { ListIndex } from '../../src/screening/lists/list-index.ts';
import { ListStore } from '../../src/screening/lists/list-store.ts';
import { packMembership } from '../../src/screening/lists/membership.ts';
import { startTestRedis } from '../support/redis.ts';

/**
 * Shared lists: bytes an entry and form, lookups in a short and a long list, imports against a bare pipelined writer of the
 * same data in the same run, and the importer's memory. The server is the embedded one (`appendfsync always`).
 *
 *     node --expose-gc --import tsx test/bench/lists.ts [--sizes 1000,10000,100000,1000000] [--rows 1000000] [--form md5] [--alone]
 */
const { values: flags } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000,1000000' },
    rows: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    /** The import alone, for its memory over a very long file. */
    alone: { type: 'boolean', default: false },
    /** `md5` or `plain`. */
    form: { type: 'string', default: 'md5' },
  },
});
const BARS = { bytes: 32, bytesFrom: 100_000, rowsPerSecond: 150_000, ofBare: 0.8, lookups: 1.15 } as const;
const sizes = flags.sizes === '' ? [] : flags.sizes.split(',').map(Number);
const rows = Number(flags.rows);
const form = flags.form === 'plain' ? 'plain' : 'md5';
const BATCH_A_TABLE = 256;
const SAMPLE = 4_000;
const LOOKUP_ROUNDS = 9;
const BETWEEN = Buffer.from('\r\n$5\r\n');
const END = Buffer.from('\r\n');

const membership = {
  list: 'block',
  source: 1,
  reason: 'overdue',
  status: null,
  isPlain: true,
  hasDetails: false,
  hasGroup: false,
  isSuspended: false,
  expiresDay: 20_600,
} as const;
const importing = {
  list: 'block',
  scope: 'funder:harbour',
  kind: 'phone',
  form,
  reason: 'overdue',
  status: null,
  expiresOn: null,
  contributor: 'operator',
  restart: false,
} as const;

const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
const redis = await startTestRedis();
const client = await connectRedis({ url: redis.url }, { commandTimeout: 120_000, socketTimeout: 120_000 });
try {
  if (sizes.length > 0) await memoryAndLookups();
  if (rows > 0) await imports();
} finally {
  client.disconnect();
  await redis.close();
  rmSync(directory, { recursive: true });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

async function usedMemory(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
}

/** All lists stand side by side, so that lookups in short and long ones meet the same machine, turn about. */
async function memoryAndLookups(): Promise<void> {
  const lists = [];
  for (const size of sizes) {
    const before = await usedMemory();
    const list = await fill(size);
    const bytes = ((await usedMemory()) - before) / list.count;
    const verdict = size < BARS.bytesFrom ? '' : bytes <= BARS.bytes ? ' ok' : ' MISSED';
    say(`${list.count} entries of one form: ${bytes.toFixed(1)} bytes each (bar ${BARS.bytes})${verdict}`);
    lists.push({ size, ...list, p50s: [] as number[] });
  }
  for (let round = 0; round < LOOKUP_ROUNDS; round += 1) {
    for (const list of lists) list.p50s.push(await lookupP50(list.index, list.known));
  }
  const [base] = lists.filter(({ size }) => size >= 10_000);
  for (const { count, p50s } of lists) {
    const ratios = p50s.map((p50, round) => p50 / (base?.p50s[round] ?? p50));
    say(
      `lookup among ${count}: p50 ${(median(p50s) * 1_000).toFixed(1)} µs, ${median(ratios).toFixed(3)} of ` +
        `${base?.count} (bar ${BARS.lookups})`,
    );
  }
}

interface Filled {
  readonly count: number;
  readonly index: ListIndex;
  /** Some that are on the list and as many that are not, mixed. */
  readonly known: readonly ListToken[];
}

async function fill(size: number): Promise<Filled> {
  const keys = createKeyspace(`size${size}:`);
  const writer = new IndexWriter(client, keys);
  const perTable = Math.ceil(size / ALL_SHARDS.length);
  const known: ListToken[] = [];
  for (let done = 0; done < perTable; done += BATCH_A_TABLE) {
    const count = Math.min(BATCH_A_TABLE, perTable - done);
    await Promise.all(
      ALL_SHARDS.map((shard) => {
        const records = randomRecords(shard, count);
        if (known.length < SAMPLE / 2) known.push(tokenOf(records.subarray(0, 16)), tokenOf(randomRecords(shard, 1)));
        return writer.putPacked('phone.md5', shard, records, { importId: 'x', batch: done + 1, buckets: 0 });
      }),
    );
  }
  const index = new ListIndex(client, keys);
  await index.warm('phone.md5');
  return { count: perTable * ALL_SHARDS.length, index, known };
}

function tokenOf(bytes: Buffer): ListToken {
  return { kind: 'phone', form: 'md5', token: tokenText(bytes.subarray(0, 16)) };
}

function randomRecords(shard: number, count: number): Buffer {
  const records = randomFillSync(Buffer.alloc(count * PUT_RECORD_BYTES));
  for (let at = 0; at < records.length; at += PUT_RECORD_BYTES) {
    records[at] = (records.readUInt8(at) & 0xc0) | shard;
    packMembership(membership, records, at + 16);
  }
  return records;
}

/** Milliseconds of one lookup, asked one after the other. */
async function lookupP50(index: ListIndex, known: readonly ListToken[]): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < SAMPLE; at += 1) {
    const token = known[at % known.length];
    if (token === undefined) break;
    const started = performance.now();
    await index.read([token]);
    times.push(performance.now() - started);
  }
  return median(times);
}

async function imports(): Promise<void> {
  const path = join(directory, 'rows.csv');
  writeRows(path, rows);
  const ratios: number[] = [];
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    const bare = flags.alone ? Number.NaN : await bareWriter(`bare${round}:`);
    const raw = flags.alone ? Number.NaN : await rawWriter(`raw${round}:`);
    const ours = await importFile(path, `import${round}:`);
    const floors = flags.alone
      ? ''
      : `, bare writer ${Math.round(bare)}/s, ${(ours.perSecond / bare).toFixed(2)} (bytes to the socket ${Math.round(raw)}/s)`;
    ratios.push(ours.perSecond / bare);
    say(
      `import of ${rows} ${form} rows: ${Math.round(ours.perSecond)} entries/s${floors}; importer's memory ` +
        `${ours.earlyMb.toFixed(0)} MB at a tenth, ${ours.lateMb.toFixed(0)} MB at the end`,
    );
    await client.flushall();
  }
  if (flags.alone) return;
  say(`import of a bare writer: ${median(ratios).toFixed(2)} (bar ${BARS.ofBare}, or ${BARS.rowsPerSecond}/s)`);
}

function writeRows(path: string, count: number): void {
  const file = openSync(path, 'w');
  writeSync(file, 'value\n');
  for (let from = 0; from < count; from += 10_000) {
    const length = Math.min(10_000, count - from);
    const lines = Array.from({ length }, (_, at) => `1${3_900_000_000 + (from + at) * 37}`);
    writeSync(file, `${(form === 'md5' ? lines.map((line) => hash('md5', line)) : lines).join('\n')}\n`);
  }
  closeSync(file);
}

/** The same fields in the same buckets by HSET, as a pipeline of ioredis: nothing read, parsed, hashed, split or counted. */
async function bareWriter(prefix: string): Promise<number> {
  const keys = createKeyspace(prefix);
  const forms = form === 'plain' ? 3 : 1;
  const buckets = Math.max(1, Math.round((rows * forms) / ALL_SHARDS.length / BUCKET_LOAD));
  const started = performance.now();
  let pending: Promise<unknown>[] = [];
  for (let done = 0; done < rows * forms; ) {
    const pipeline = client.pipeline();
    const records = randomRecords(0, 8_000);
    for (let at = 0; at < records.length && done < rows * forms; at += PUT_RECORD_BYTES, done += 1) {
      const shard = records.readUInt8(at + 5) % ALL_SHARDS.length;
      const key = bucketKey(keys, 'phone.md5', shard, records.readUInt32LE(at + 1) % buckets);
      pipeline.hset(key, records.subarray(at, at + 16), records.subarray(at + 16, at + PUT_RECORD_BYTES));
    }
    if (pending.length === 2) {
      await pending[0];
      pending = pending.slice(1);
    }
    pending.push(pipeline.exec());
  }
  await Promise.all(pending);
  return (rows / (performance.now() - started)) * 1_000;
}

/** The same commands as bytes made ready and written to the socket by themselves, replies counted: what Redis can take. */
async function rawWriter(prefix: string): Promise<number> {
  const keys = createKeyspace(prefix);
  const count = rows * (form === 'plain' ? 3 : 1);
  const buckets = Math.max(1, Math.round(count / ALL_SHARDS.length / BUCKET_LOAD));
  const socket = connect(redis.url.slice('unix:'.length));
  let [answered, wanted] = [0, 0];
  let tell = (): void => undefined;
  socket.on('data', (data: Buffer) => {
    for (const byte of data) if (byte === 0x0a) answered += 1;
    if (answered >= wanted) tell();
  });
  const until = (number: number) =>
    new Promise<void>((done) => {
      wanted = number;
      tell = done;
      if (answered >= wanted) done();
    });
  let ms = 0;
  for (let done = 0; done < count; ) {
    const records = randomRecords(0, Math.min(8_000, count - done));
    const commands: Buffer[] = [];
    for (let at = 0; at < records.length; at += PUT_RECORD_BYTES, done += 1) {
      const shard = records.readUInt8(at + 5) % ALL_SHARDS.length;
      const key = bucketKey(keys, 'phone.md5', shard, records.readUInt32LE(at + 1) % buckets);
      const name = Buffer.from(`*4\r\n$4\r\nHSET\r\n$${key.length}\r\n${key}\r\n$16\r\n`);
      commands.push(
        name,
        records.subarray(at, at + 16),
        BETWEEN,
        records.subarray(at + 16, at + PUT_RECORD_BYTES),
        END,
      );
    }
    const bytes = Buffer.concat(commands);
    // Making the bytes is not counted: another process could do it.
    const started = performance.now();
    socket.write(bytes);
    await until(done);
    ms += performance.now() - started;
  }
  socket.destroy();
  return (rows / ms) * 1_000;
}

async function importFile(
  path: string,
  prefix: string,
): Promise<{ perSecond: number; earlyMb: number; lateMb: number }> {
  const forms = { hashes: ['md5', 'sha256', 'sm3'] as const, phoneId: true };
  const store = storeOf(client, prefix, forms);
  const file = await openListFile(path);
  let early = 0;
  const started = performance.now();
  const { rows: entered } = await importList(
    store.parts,
    file,
    { ...importing, rejectedPath: join(directory, 'rejected') },
    ({ offset }) => {
      if (early === 0 && offset > (file.size ?? 0) / 10) early = residentMb();
    },
  );
  const perSecond = (entered / (performance.now() - started)) * 1_000;
  return { perSecond, earlyMb: early, lateMb: residentMb() };
}

function storeOf(redisClient: RedisClient, prefix: string, forms: ListStore['parts']['forms']): ListStore {
  const tokenizer = createTokenizer(Buffer.alloc(32, 1));
  return new ListStore({ client: redisClient, keys: createKeyspace(prefix), tokenizer, clock: systemClock, forms });
}

function residentMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1024 / 1024;
}
