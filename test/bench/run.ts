import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { connectRedis } from '../../src/redis/connection.ts';
import { startEmbeddedServer } from '../../src/redis/embedded-server.ts';
import { ensureServer } from '../../src/redis/find-server.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';
import { testVariables } from '../support/gateway.ts';
import { freePort } from '../support/gateway-child.ts';
import { shippedKey, summitSecret } from '../support/signed-client.ts';
import { startFloor, startGatewayUnderTest } from './bench-child.ts';
import { eventToEffect, idleCpuPercent } from './idle.ts';
import { clicks, floorPrechecks, signedPrechecks } from './requests.ts';
import { type CompareOptions, type Comparison, versusFloor } from './versus-floor.ts';

/** What each row must reach. */
const BARS = { precheck: 0.7, redirect: 0.8, effectMs: 20, idlePercent: 2 } as const;
const IDLE_OVER_MS = 8_000;
const PREFIX = 'bench:';

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    requests: { type: 'string', default: '6000' },
    connections: { type: 'string', default: '32' },
    /** `precheck` or `redirect` alone. */
    only: { type: 'string' },
    /** Folder for a CPU profile of the gateway. */
    profile: { type: 'string' },
  },
});

const report = await run();
if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
else print(report);
process.exit(0);

interface Report {
  readonly node: string;
  readonly options: CompareOptions;
  readonly precheck?: Comparison;
  readonly redirect?: Comparison;
  readonly effectMs?: number;
  readonly idlePercent?: number;
}

async function run(): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const server = await startEmbeddedServer(
    ensureServer((line) => process.stderr.write(`${line}\n`)),
    directory,
  );
  const variables = testVariables(directory, {
    REDIS_URL: server.url,
    SLUICE_REDIS_PREFIX: PREFIX,
    SLUICE_LOG_LEVEL: 'info',
  });
  const profiling = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
  const gateway = await startGatewayUnderTest(await freePort(), variables, profiling);
  const floor = await startFloor(server.url, summitSecret());
  const redis = await connectRedis({ url: server.url });
  const options = {
    rounds: Number(flags.rounds),
    requests: Number(flags.requests),
    connections: Number(flags.connections),
  };
  const key = shippedKey('summit');
  const isWanted = (name: string): boolean => flags.only === undefined || flags.only === name;
  try {
    const idle =
      flags.only === undefined
        ? {
            effectMs: await eventToEffect(gateway, redis, createKeyspace(PREFIX)),
            idlePercent: await idleCpuPercent(gateway, IDLE_OVER_MS),
          }
        : {};
    const precheck = isWanted('precheck')
      ? await versusFloor(
          { child: floor, status: '200', prepare: (count) => floorPrechecks(count, floor.port, key) },
          { child: gateway, status: '200', prepare: (count) => signedPrechecks(count, gateway.port, key) },
          options,
        )
      : undefined;
    const redirect = isWanted('redirect')
      ? await versusFloor(
          { child: floor, status: '302', prepare: (count) => clicks(count, floor.port, 'acme-home') },
          { child: gateway, status: '302', prepare: (count) => clicks(count, gateway.port, 'acme-home') },
          options,
        )
      : undefined;
    return { node: process.version, options, precheck, redirect, ...idle };
  } finally {
    redis.disconnect();
    await floor.stop();
    await gateway.stop();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function print({ precheck, redirect, effectMs, idlePercent, options, node }: Report): void {
  const table = new Table({ head: ['what', 'req/s', 'p50 ms', 'p99 ms', 'CPU µs', 'ratio', 'bar'] });
  for (const [name, comparison, bar] of [
    ['signed precheck', precheck, BARS.precheck],
    ['/r/<code> redirect', redirect, BARS.redirect],
  ] as const) {
    if (comparison === undefined) continue;
    for (const [who, one] of [
      ['floor', comparison.floor],
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
