import { shardOfId } from '../../src/base/ids.ts';
import { logTail } from '../../src/events/log.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';
import { shippedClient } from '../support/signed-client.ts';
import type { BenchChild } from './bench-child.ts';
import { median } from './versus-floor.ts';

const APPLICATIONS = 40;
const BETWEEN_MS = 60;

/**
 * Median time, ms, from an application's newest event in the log to the effect of the projection that comes last of all:
 * the partner's index names the application. One at a time, on a machine that does nothing else.
 */
export async function eventToEffect(child: BenchChild, redis: RedisClient, keys: Keyspace): Promise<number> {
  const registry = await shippedRegistry();
  const acme = shippedClient(`http://127.0.0.1:${child.port}`, 'acme');
  const index = keys.partner('acme', 'index', 'updated');
  const times: number[] = [];
  for (let count = 0; count < APPLICATIONS; count += 1) {
    const input = applicationFor(registry, nextPerson('0003'), `IDLE-${count}-${Date.now()}`);
    const { body } = await acme.post('/v1/applications', input);
    const [writtenMs = 0] = (await logTail(redis, keys, shardOfId(body.id))).split('-').map(Number);
    while ((await redis.zscore(index, body.id)) === null);
    times.push(Date.now() - writtenMs);
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
  return median(times);
}

/** Processor time of a gateway without any work, in per cent of a core. */
export async function idleCpuPercent(child: BenchChild, overMs: number): Promise<number> {
  // What the load before has left is done first.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const before = child.cpuMs();
  await new Promise((resolve) => setTimeout(resolve, overMs));
  return ((child.cpuMs() - before) / overMs) * 100;
}
