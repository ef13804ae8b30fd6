import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readClicks } from '../../../src/attribution/clicks/click-log.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createTestAway, someArrival, type TestAway } from '../../support/away-clicks.ts';
import { createDataDir, startTestGateway, type TestGateway } from '../../support/gateway.ts';
import { nextPerson } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let gateway: TestGateway;
/** Another process: it minted ids under the same root secret, and is gone. */
let gone: TestAway;
const kept: string[] = [];

beforeAll(async () => {
  const dataDir = createDataDir();
  redis = await startTestRedis();
  const directory = join(dataDir, 'spool');
  gone = createTestAway(redis, systemClock, { directory, process: 3 });
  kept.push((await gone.spool.keep(someArrival(7), null)).id, (await gone.spool.keep(someArrival(8), Date.now())).id);
  // Its number belongs to nobody now: whoever has it began at another time.
  for (const name of readdirSync(directory)) {
    renameSync(join(directory, name), join(directory, name.replace(/\.\d+\.log$/, '.1.log')));
  }
  gateway = await startTestGateway({ dataDir });
});

afterAll(async () => {
  await gateway.stop();
  await gone.spool.stop();
  await redis.close();
});

test('clicks that a process kept are replayed when it is there no longer', async () => {
  const logged = async () =>
    (await Promise.all([7, 8].map((shard) => readClicks(gateway.redis, gateway.keys, shard, '0-0', 10)))).flat();
  const deadline = Date.now() + 10_000;
  while ((await logged()).length < 2 && Date.now() < deadline) await delay(20);
  expect((await logged()).map(({ id }) => id)).toEqual(kept);
});

test('a click whose spool is lost is attributed all the same: on our page, and when the lender reports its id', async () => {
  const lost = createTestAway(redis, systemClock);
  const { id } = await lost.spool.keep(someArrival(9, { at_ms: gateway.gateway.rooms.intake.clock.nowMs() }), null);
  await lost.spool.stop();
  const page = await fetch(`${gateway.url}/apply/acme-home?click=${id}`, { redirect: 'manual' });
  expect(page.status).toBe(200);
  await gateway.clock('1h');
  const { now } = (await gateway.operator.get('/sandbox/clock')).body;
  const report = (lender_ref: string, click_id: string) => {
    const { phone, idNumber } = nextPerson();
    const subject = { phone, id_number: idNumber };
    const body = { lender_ref, product_id: 'quick-cash', subject, click_id, channel: 'app', applied_at: now };
    return gateway.lender('quickcredit').post('/lender/v1/applications', body);
  };
  expect((await report('LOST-1', id)).body.attribution).toMatchObject({ partner_id: 'acme' });
  const forged = `${id.slice(0, 12)}${id[12] === 'x' ? 'y' : 'x'}${id.slice(13)}`;
  expect((await report('LOST-2', forged)).body.attribution).toMatchObject({ partner_id: null });
});
