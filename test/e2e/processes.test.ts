import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHARD_COUNT } from '../../src/base/ids.ts';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';
import { ADMIN_TOKEN, createDataDir } from '../support/gateway.ts';
import { embeddedPid } from '../support/gateway-child.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';
import { type ServeCommand, startServeCommand } from '../support/serve-command.ts';
import { operatorClient, shippedClient } from '../support/signed-client.ts';

let dataDir: string;
let served: ServeCommand;
let redis: RedisClient;
const keys = createKeyspace('sluice:');

beforeAll(async () => {
  dataDir = createDataDir();
  served = await startServeCommand(dataDir, { SLUICE_PROCESSES: '2' });
  redis = await connectRedis({ url: `unix:${join(dataDir, 'redis', 'redis.sock')}` });
});
afterAll(async () => {
  redis.disconnect();
  await served.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** How many shards each living worker holds. */
async function shardsByOwner(): Promise<Map<string, number>> {
  const shards = Array.from({ length: SHARD_COUNT }, (_, shard) => shard);
  const owners = await Promise.all(shards.map((shard) => redis.hget(keys.shard(shard, 'lease'), 'owner')));
  const held = new Map<string, number>();
  for (const owner of owners) if (owner) held.set(owner, (held.get(owner) ?? 0) + 1);
  return held;
}

/** The processes that serve: the embedded Redis is a child too. */
function workers(): number[] {
  const redisPid = embeddedPid(dataDir);
  return served.children().filter((pid) => pid !== redisPid);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('two processes on one machine', () => {
  test('share the shards evenly', async () => {
    expect(workers()).toHaveLength(2);
    expect([...(await shardsByOwner()).values()]).toEqual([SHARD_COUNT / 2, SHARD_COUNT / 2]);
  });

  test('of two partners that bring the same person at the same instant exactly one is refused, fifty times over', async () => {
    const registry = await shippedRegistry();
    const [acme, summit] = [shippedClient(served.url, 'acme'), shippedClient(served.url, 'summit')];
    const pairs = Array.from({ length: 50 }, (_, index) => applicationFor(registry, nextPerson(), `PAIR-${index}`));
    const answers = await Promise.all(
      pairs.map((input) => Promise.all([acme.post('/v1/applications', input), summit.post('/v1/applications', input)])),
    );
    for (const pair of answers) {
      expect(pair.map(({ status }) => status)).toEqual([201, 201]);
      expect(pair.filter(({ body }) => body.status === 'refused')).toHaveLength(1);
    }
  });

  test('go by one clock: whoever is asked after a move has moved', async () => {
    const operator = operatorClient(served.url, ADMIN_TOKEN);
    const { status, body } = await operator.post('/sandbox/clock', { advance: '2d' });
    expect(status).toBe(200);
    const movedMs = Date.parse(body.now);
    const seen = await Promise.all(Array.from({ length: 16 }, () => operator.get('/sandbox/clock')));
    for (const answer of seen) expect(Date.parse(answer.body.now)).toBeGreaterThanOrEqual(movedMs);
  });

  test('what the lenders report in one is applied whichever asked for it', async () => {
    const registry = await shippedRegistry();
    const acme = shippedClient(served.url, 'acme');
    const inputs = Array.from({ length: 8 }, (_, index) => applicationFor(registry, nextPerson('0000'), `GO-${index}`));
    const made = await Promise.all(inputs.map((input) => acme.post('/v1/applications', input)));
    await operatorClient(served.url, ADMIN_TOKEN).post('/sandbox/clock', { advance: '1h' });
    const now = await Promise.all(made.map(({ body }) => acme.get(`/v1/applications/${body.id}`)));
    expect(now.map(({ body }) => body.status)).toEqual(inputs.map(() => 'credit_granted'));
  });

  test('one that is killed is started again and takes its share', async () => {
    const before = await shardsByOwner();
    const [victim = 0] = workers();
    process.kill(victim, 'SIGKILL');
    await until(async () => {
      const now = await shardsByOwner();
      const halves = [...now.values()].every((count) => count === SHARD_COUNT / 2) && now.size === 2;
      return halves && [...now.keys()].some((owner) => !before.has(owner));
    });
    expect(served.said()).toContain('starting it again');
    expect((await shippedClient(served.url, 'acme').get('/v1/whoami')).status).toBe(200);
  });

  test('a signal drains both and stops their Redis', async () => {
    const pids = [...workers(), embeddedPid(dataDir)];
    expect(await served.stop()).toBe(0);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow();
  });
});
