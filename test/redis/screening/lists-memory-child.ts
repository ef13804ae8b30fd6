import { connectRedis } from '../../../src/redis/connection.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import { importList } from '../../../src/screening/lists/import/import-list.ts';
import { openListFile } from '../../../src/screening/lists/import/list-file.ts';
import type { TestRedis } from '../../support/redis.ts';
import { openLists } from './lists-support.ts';

/** Imports a file of MD5 hashes and prints the process's memory when a tenth was done and at the end, bytes. */
const [url = '', path = ''] = process.argv.slice(2);
const client = await connectRedis({ url }, { commandTimeout: 60_000, socketTimeout: 60_000 });
const redis: TestRedis = { client, keys: createKeyspace('memory:'), url, pid: 0, close: async () => undefined };
const file = await openListFile(path);
const size = file.size ?? 0;
let early = 0;
const report = await importList(
  openLists(redis).store.parts,
  file,
  {
    list: 'block',
    scope: 'network',
    kind: 'phone',
    form: 'md5',
    reason: 'fraud',
    status: null,
    expiresOn: null,
    contributor: 'operator',
    rejectedPath: `${path}.rejected`,
    restart: false,
  },
  ({ offset }) => {
    if (early === 0 && offset >= size / 10) early = residentBytes();
  },
);
process.stdout.write(JSON.stringify({ early, late: residentBytes(), rows: report.rows }));
client.disconnect();

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
