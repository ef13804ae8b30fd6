import { createHmac, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SingleBar } from 'cli-progress';
import { ALL_SHARDS } from '../base/ids.ts';
import { type Config, ConfigError, readConfig } from '../config.ts';
import { readLog } from '../events/log.ts';
import type { RedisClient } from '../redis/connection.ts';
import { connectRedis } from '../redis/connection.ts';
import { createKeyspace, type Keyspace } from '../redis/keyspace.ts';
import { loadRegistry } from '../registry/load-registry.ts';
import { plusDays, startOfLocalDay } from '../revenue/calendar.ts';
import { LedgerReader } from '../revenue/ledger-reader.ts';
import { type ExportFault, exportMoneyEvents } from '../revenue/trial/export-money-events.ts';
import { moneyEventLine } from '../revenue/trial/money-event-line.ts';
import { openCommandRedis } from './command-redis.ts';
import { UsageError } from './usage-error.ts';

export interface TermsEventsFlags {
  readonly partner: string;
  /** Days, both ends included, in the time zone of the partner's terms. */
  readonly from: string;
  readonly to: string;
  readonly out?: string;
}

const PSEUDONYM_BYTES = 12;
const PROGRESS_EVERY = 500;
const NAMED_MAX = 20;
const DEFAULT_TIMEZONE = 'UTC';

/**
 * Writes a partner's money events as NDJSON.
 * @returns whether all of them were written
 * @throws ConfigError, UsageError; Error when the file exists
 */
export async function runTermsEvents(flags: TermsEventsFlags): Promise<boolean> {
  const config = readConfig(process.env);
  const timezone = await timezoneOf(config, flags.partner);
  const wish = {
    partnerId: flags.partner,
    fromMs: startOfLocalDay(flags.from, timezone),
    toMs: startOfLocalDay(plusDays(flags.to, 1), timezone),
  };
  if (wish.toMs <= wish.fromMs) throw new UsageError(`--to ${flags.to} is before --from ${flags.from}`);
  const redis = await openCommandRedis(config);
  try {
    const client = await connectRedis({ url: redis.url });
    try {
      const keys = createKeyspace(config.redisPrefix);
      const faults: ExportFault[] = [];
      const lines = Readable.from(linesOf({ client, keys }, wish, flags.out !== undefined, faults));
      if (flags.out === undefined) await pipeline(lines, process.stdout, { end: false });
      else await pipeline(lines, createWriteStream(flags.out, { flags: 'wx', mode: 0o600 }));
      tellFaults(faults);
      return faults.length === 0;
    } finally {
      client.disconnect();
    }
  } finally {
    await redis.close();
  }
}

async function* linesOf(
  { client, keys }: { readonly client: RedisClient; readonly keys: Keyspace },
  wish: { readonly partnerId: string; readonly fromMs: number; readonly toMs: number },
  isFile: boolean,
  faults: ExportFault[],
): AsyncGenerator<string> {
  // A key of its own and of nobody else: two files cannot be laid beside one another to see who is in both.
  const secret = randomBytes(32);
  const pseudonym = (token: string): string =>
    createHmac('sha256', secret).update(token).digest().subarray(0, PSEUDONYM_BYTES).toString('base64url');
  const bar = isFile || process.stdout.isTTY !== true ? await progressBar(client, keys) : null;
  const deps = {
    readLog: (shard: number, after: string, count: number) => readLog(client, keys, shard, after, count),
    ledger: new LedgerReader(client, keys),
    progress: (done: number) => {
      if (done % PROGRESS_EVERY === 0) bar?.update(done);
    },
  };
  try {
    for await (const event of exportMoneyEvents(deps, wish, (fault) => faults.push(fault))) {
      yield `${moneyEventLine(event, pseudonym)}\n`;
    }
  } finally {
    bar?.stop();
  }
}

/** A bar on a terminal, and nothing elsewhere. */
async function progressBar(client: RedisClient, keys: Keyspace): Promise<SingleBar | null> {
  if (process.stderr.isTTY !== true) return null;
  const sizes = await Promise.all(ALL_SHARDS.map((shard) => client.xlen(keys.shard(shard, 'log'))));
  const bar = new SingleBar({ format: '{bar} {value}/{total} events', clearOnComplete: true });
  bar.start(
    sizes.reduce((sum, size) => sum + size, 0),
    0,
  );
  return bar;
}

function tellFaults(faults: readonly ExportFault[]): void {
  for (const { id, problem } of faults.slice(0, NAMED_MAX)) process.stderr.write(`${id} is left out: ${problem}\n`);
  if (faults.length > NAMED_MAX) process.stderr.write(`… and ${faults.length - NAMED_MAX} more\n`);
}

async function timezoneOf(config: Config, partnerId: string): Promise<string> {
  const loaded = await loadRegistry(config.partnersDir, { environment: config.mode, requireSecrets: false });
  if (!loaded.ok) throw new ConfigError('the counterparty files have errors (sluice partners check)');
  const partner = loaded.registry.traffic.get(partnerId);
  if (partner === undefined) throw new UsageError(`there is no traffic partner ${partnerId} in ${config.partnersDir}`);
  return partner.terms[0]?.timezone ?? DEFAULT_TIMEZONE;
}
