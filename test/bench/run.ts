import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { ensureServer } from '../../src/redis/find-server.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';
import { testVariables } from '../support/gateway.ts';
import { freePort } from '../support/gateway-child.ts';
import { SHIPPED_PARTNERS } from '../support/intake.ts';
import { shippedKey, summitSecret } from '../support/signed-client.ts';
import { type BenchChild, startFloor, startGatewayUnderTest, untilCounted } from './bench-child.ts';
import { eventToEffect, idleCpuPercent } from './idle.ts';
import { clicks, floorPrechecks, signedPrechecks } from './requests.ts';
import { type CompareOptions, type Comparison, type Side, versusFloor } from './versus-floor.ts';
import { buildGateway } from './without-limits.ts';

/** What each row must reach. */
const BARS = { precheck: 0.7, redirect: 0.8, limits: 0.95, effectMs: 20, idlePercent: 2 } as const;
const IDLE_OVER_MS = 8_000;
const PREFIX = 'bench:';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '6000' },
    connections: { type: 'string', default: '32' },
    /** `precheck`, `redirect` or `limits` alone. */
    only: { type: 'string' },
    /** Folder for a CPU profile of the gateway. */
    profile: { type: 'string' },
    /** Flags of node for gateway and floor alike; by default those of `npm start`. */
    'node-flags': { type: 'string' },
  },
});

const report = await run();
if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
else print(report);
process.exit(0);

interface Report {
  readonly node: string;
  readonly options: CompareOptions;
  precheck?: Comparison;
  redirect?: Comparison;
  /** Signed prechecks against a gateway without limits. */
  limits?: Comparison;
  effectMs?: number;
  idlePercent?: number;
}

async function run(): Promise<Report> {
  const cleanups: (() => unknown)[] = [];
  try {
    return await measure((cleanup) => cleanups.push(cleanup));
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

async function measure(later: (cleanup: () => unknown) => void): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  later(() => rmSync(directory, { recursive: true, force: true }));
  const server = await startEmbeddedServer(
    ensureServer((line) => process.stderr.write(`${line}\n`)),
    directory,
  );
  later(() => server.stop());
  const variables = testVariables(directory, {
    REDIS_URL: server.url,
    SLUICE_REDIS_PREFIX: PREFIX,
    SLUICE_LOG_LEVEL: 'info',
    SLUICE_PARTNERS: unlimitedPartners(directory),
  });
  const nodeFlags = flags['node-flags']?.split(' ') ?? flagsOfNpmStart();
  const profiling = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
  const gateway = await startGatewayUnderTest(await freePort(), variables, [...nodeFlags, ...profiling]);
  later(() => gateway.stop());
  const floor = await startFloor(server.url, summitSecret(), nodeFlags);
  later(() => floor.stop());
  const redis = await connectRedis({ url: server.url });
  later(() => redis.disconnect());
  const options = {
    rounds: Number(flags.rounds),
    requests: Number(flags.requests),
    connections: Number(flags.connections),
  };
  const isWanted = (name: string): boolean => flags.only === undefined || flags.only === name;
  const report: Report = { node: [process.version, ...nodeFlags].join(' '), options };
  if (flags.only === undefined) {
    report.effectMs = await eventToEffect(gateway, redis, createKeyspace(PREFIX));
    report.idlePercent = await idleCpuPercent(gateway, IDLE_OVER_MS);
  }
  if (isWanted('precheck')) report.precheck = await prechecksVersusFloor(floor, gateway, options);
  if (isWanted('redirect')) report.redirect = await redirectsVersusFloor(floor, gateway, redis, options);
  if (isWanted('limits')) {
    await Promise.all([floor.stop(), gateway.stop()]);
    report.limits = await limitsVersusNone({ variables, nodeFlags, later }, options);
  }
  return report;
}

/** The shipped counterparties, their limits so high that a bench does not reach them. */
function unlimitedPartners(directory: string): string {
  const target = join(directory, 'partners');
  cpSync(SHIPPED_PARTNERS, target, { recursive: true });
  const file = join(target, 'traffic/summit/partner.yaml');
  const high =
    'limits: { requests_per_second: 1000000, burst: 1000000, applications_per_day: 50000, probes_per_day: 1000000000 }';
  const text = readFileSync(file, 'utf8');
  const raised = text.replace(/^limits:(\n? +.*)+/m, high);
  if (raised === text) throw new Error(`${file} has no limits to raise`);
  writeFileSync(file, raised);
  return target;
}

interface Ground {
  readonly variables: Readonly<Record<string, string>>;
  readonly nodeFlags: readonly string[];
  readonly later: (cleanup: () => unknown) => void;
}

/** The same gateway without and with limits, on one Redis, in turn. */
async function limitsVersusNone({ variables, nodeFlags, later }: Ground, options: CompareOptions): Promise<Comparison> {
  const key = shippedKey('summit');
  const start = async (limits: 'with' | 'without'): Promise<Side> => {
    const build = await buildGateway(limits);
    later(() => build.remove());
    const data = join(variables.SLUICE_DATA ?? '', limits);
    const own = { ...variables, SLUICE_REDIS_PREFIX: `bench-${limits}:`, SLUICE_DATA: data };
    const profiling = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}/${limits}`];
    const child = await startGatewayUnderTest(await freePort(), own, [...nodeFlags, ...profiling], build.entry);
    later(() => child.stop());
    return { child, status: '200', prepare: (count) => signedPrechecks(count, child.port, key) };
  };
  return versusFloor(await start('without'), await start('with'), options);
}

/** What stands between `node` and the script in `npm start`. */
function flagsOfNpmStart(): string[] {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { scripts } = JSON.parse(text) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

function prechecksVersusFloor(floor: BenchChild, gateway: BenchChild, options: CompareOptions): Promise<Comparison> {
  const key = shippedKey('summit');
  return versusFloor(
    { child: floor, status: '200', prepare: (count) => floorPrechecks(count, floor.port, key) },
    { child: gateway, status: '200', prepare: (count) => signedPrechecks(count, gateway.port, key) },
    options,
  );
}

function redirectsVersusFloor(
  floor: BenchChild,
  gateway: BenchChild,
  redis: RedisClient,
  options: CompareOptions,
): Promise<Comparison> {
  let sent = 0;
  return versusFloor(
    { child: floor, status: '302', prepare: (count) => clicks(count, floor.port, 'acme-home') },
    {
      child: gateway,
      status: '302',
      prepare: (count) => {
        sent += count;
        return clicks(count, gateway.port, 'acme-home');
      },
      settled: () => untilCounted(redis, createKeyspace(PREFIX), 'acme', sent),
    },
    options,
  );
}

function print({ precheck, redirect, limits, effectMs, idlePercent, options, node }: Report): void {
  const table = new Table({ head: ['what', 'req/s', 'p50 ms', 'p99 ms', 'CPU µs', 'ratio', 'bar'] });
  for (const [name, comparison, bar, other] of [
    ['signed precheck', precheck, BARS.precheck, 'floor'],
    ['/r/<code> redirect', redirect, BARS.redirect, 'floor'],
    ['precheck, limits', limits, BARS.limits, 'without'],
  ] as const) {
    if (comparison === undefined) continue;
    for (const [who, one] of [
      [other, comparison.floor],
      ['ours', comparison.ours],
    ] as const) {
      const numbers = [
        one.requestsPerSecond.toFixed(0),
        one.p50Ms.toFixed(2),
        one.p99Ms.toFixed(2),
        one.cpuUs.toFixed(0),
      ];
      const verdict =
        who === 'ours' ? [comparison.ratio.toFixed(3), mark(comparison.ratio >= bar, `≥ ${bar}`)] : ['', ''];
      table.push([`${name}, ${who}`, ...numbers, ...verdict]);
    }
  }
  if (redirect !== undefined) {
    table.push(['counting a click, behind it', '', '', '', redirect.ours.afterUs.toFixed(0), '', '']);
  }
  if (effectMs !== undefined) {
    table.push([
      'event to effect',
      '',
      effectMs.toFixed(1),
      '',
      '',
      '',
      mark(effectMs <= BARS.effectMs, `≤ ${BARS.effectMs} ms`),
    ]);
  }
  if (idlePercent !== undefined) {
    const bar = mark(idlePercent <= BARS.idlePercent, `≤ ${BARS.idlePercent} %`);
    table.push(['idle, of a core', '', '', '', `${idlePercent.toFixed(1)} %`, '', bar]);
  }
  const { rounds, requests, connections } = options;
  process.stdout.write(`${table.toString()}\n`);
  process.stdout.write(
    `node ${node}, medians of ${rounds} rounds of ${requests} requests over ${connections} connections, appendfsync always\n`,
  );
}

function mark(isReached: boolean, bar: string): string {
  return `${bar} ${isReached ? 'ok' : 'MISSED'}`;
}
