import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import {
  type CheckDeps,
  type CheckedApplications,
  checkApplications,
} from '../applications/rebuild/check-applications.ts';
import type { Difference } from '../applications/rebuild/find-differences.ts';
import { ApplicationStore } from '../applications/store.ts';
import { isId } from '../base/ids.ts';
import { readConfig } from '../config.ts';
import { connectRedis } from '../redis/connection.ts';
import { createKeyspace } from '../redis/keyspace.ts';
import { openCommandRedis } from './command-redis.ts';
import { UsageError } from './usage-error.ts';

/** Applications that are printed one by one; and differences of each. */
const PRINTED_MAX = 50;
const DIFFERENCES_MAX = 20;

/**
 * Rebuilds the applications in the Redis that the environment names from their logs, and prints where they differ.
 * @returns whether nothing does
 * @throws ConfigError when the settings cannot be read; UsageError for an id that is none
 */
export async function runApplicationsCheck(flags: {
  readonly application?: string;
  readonly json?: boolean;
}): Promise<boolean> {
  const { application: only } = flags;
  if (only !== undefined && !isId('app', only)) {
    throw new UsageError(`--application ${only}: is no application id (app_ and 32 hex digits)`);
  }
  const config = readConfig(process.env);
  const redis = await openCommandRedis(config);
  try {
    const client = await connectRedis({ url: redis.url });
    try {
      const keys = createKeyspace(config.redisPrefix);
      // In sandbox, business time may have been moved.
      const offsetMs = config.mode === 'sandbox' ? Number((await client.get(keys.clock())) ?? 0) : 0;
      const nowMs = Date.now() + offsetMs;
      const store = new ApplicationStore(client, keys, { nowMs: () => nowMs });
      const checked = await withProgress({ client, keys, store, nowMs }, only);
      process.stdout.write(flags.json === true ? `${JSON.stringify(asJson(checked), null, 2)}\n` : asLines(checked));
      if (only !== undefined && checked.applications === 0) {
        process.stderr.write(`there is no event of ${only}\n`);
        return false;
      }
      return checked.differing.length === 0;
    } finally {
      client.disconnect();
    }
  } finally {
    await redis.close();
  }
}

/** A bar on a terminal, and nothing elsewhere: the lines of the report must stay readable by programs. */
async function withProgress(deps: CheckDeps, only: string | undefined): Promise<CheckedApplications> {
  if (process.stderr.isTTY !== true) return checkApplications(deps, only);
  const bar = new SingleBar({ format: '{bar} {value}/{total} events', clearOnComplete: true });
  bar.start(1, 0);
  try {
    const progress = (done: number, total: number): void => {
      bar.setTotal(Math.max(1, total));
      bar.update(done);
    };
    return await checkApplications({ ...deps, progress }, only);
  } finally {
    bar.stop();
  }
}

function asLines({ applications, events, differing }: CheckedApplications): string {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const sizes = `${applications} applications, ${events} events`;
  if (differing.length === 0) return `${colours.green('✓')} ${sizes}: every one is what its log comes to\n`;
  const lines = differing
    .slice(0, PRINTED_MAX)
    .flatMap(({ applicationId, differences }) => [
      `${colours.red('✗')} ${colours.bold(applicationId)}`,
      ...differences.slice(0, DIFFERENCES_MAX).map((difference) => `    ${describe(difference)}`),
      ...(differences.length > DIFFERENCES_MAX ? [`    … and ${differences.length - DIFFERENCES_MAX} more`] : []),
    ]);
  const more = differing.length - PRINTED_MAX;
  if (more > 0) lines.push(`… and ${more} more applications`);
  lines.push(`${colours.red('✗')} ${sizes}: ${differing.length} are not what their log comes to`);
  return `${lines.join('\n')}\n`;
}

function describe({ pointer, what, stored, rebuilt }: Difference): string {
  if (pointer === '') {
    return what === 'only_in_log'
      ? 'is in the log, but not stored'
      : 'is stored, but its log does not tell how it began';
  }
  if (what === 'only_stored') return `${pointer} is stored${quoted(pointer, stored)}, but not in the log`;
  if (what === 'only_in_log') return `${pointer} is in the log${quoted(pointer, rebuilt)}, but not stored`;
  return `${pointer} is stored${quoted(pointer, stored)}, the log says${quoted(pointer, rebuilt) || ' otherwise'}`;
}

function asJson({ applications, events, differing }: CheckedApplications): object {
  const told = differing.map(({ applicationId, differences }) => ({
    application_id: applicationId,
    differences: differences.map(({ pointer, what }) => ({ pointer, what })),
  }));
  return { applications, events, differing: told };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** Numbers, statuses and times tell nobody who it is; anything else stays where it lies. */
function quoted(pointer: string, value: unknown): string {
  const isStatus = pointer.endsWith('/status');
  const isTold =
    typeof value === 'string' ? isStatus || INSTANT.test(value) : typeof value !== 'object' || value === null;
  return isTold && value !== undefined ? ` as ${String(value)}` : '';
}
