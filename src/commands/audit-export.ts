import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import { AuditReader } from '../audit/audit-reader.ts';
import { readConfig } from '../config.ts';
import { connectRedis } from '../redis/connection.ts';
import { createKeyspace } from '../redis/keyspace.ts';
import { openCommandRedis } from './command-redis.ts';

const PROGRESS_EVERY = 500;

/**
 * Writes the audit log as NDJSON: each line the RFC 8785 form of one entry, byte for byte what Redis holds.
 * @throws ConfigError when the settings cannot be read; Error when the file exists
 */
export async function runAuditExport(flags: { readonly out?: string }): Promise<void> {
  const config = readConfig(process.env);
  const redis = await openCommandRedis(config);
  try {
    const client = await connectRedis({ url: redis.url });
    try {
      const reader = new AuditReader(client, createKeyspace(config.redisPrefix));
      const lines = Readable.from(withProgress(reader, flags.out !== undefined));
      if (flags.out === undefined) await pipeline(lines, process.stdout, { end: false });
      else await pipeline(lines, createWriteStream(flags.out, { flags: 'wx', mode: 0o600 }));
    } finally {
      client.disconnect();
    }
  } finally {
    await redis.close();
  }
}

/** A bar on a terminal, unless the lines themselves go there. */
async function* withProgress(reader: AuditReader, isFile: boolean): AsyncGenerator<string> {
  const bar =
    process.stderr.isTTY === true && (isFile || process.stdout.isTTY !== true)
      ? new SingleBar({ format: 'audit {bar} {value}/{total} entries', clearOnComplete: true })
      : undefined;
  bar?.start((await reader.standing()).highest, 0);
  let written = 0;
  try {
    for await (const { text } of reader.texts()) {
      yield `${text}\n`;
      written += 1;
      if (written % PROGRESS_EVERY === 0) bar?.update(written);
    }
  } finally {
    bar?.stop();
  }
}
