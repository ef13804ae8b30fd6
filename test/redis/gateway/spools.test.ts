import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ClickSpool } from '../../../src/attribution/click-spool.ts';
import { ClickStore } from '../../../src/attribution/click-store.ts';
import { newClickId } from '../../../src/attribution/visitors.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createDataDir, startTestGateway } from '../../support/gateway.ts';
import { startTestRedis } from '../../support/redis.ts';

test('clicks that a process kept are replayed when it is there no longer', async () => {
  const dataDir = createDataDir();
  const redis = await startTestRedis();
  const file = join(dataDir, 'spool', 'clicks-3.ndjson');
  const spool = new ClickSpool(file, new ClickStore(redis.client, redis.keys, systemClock), () => undefined);
  const id = newClickId(7);
  await spool.append({
    id,
    facts: {
      link_code: 'acme-home',
      partner_id: 'acme',
      product_id: 'quick-cash',
      lender_id: 'quickcredit',
      visitor: 'someone',
      bot: false,
      cause: null,
      sub_ids: {},
      at_ms: Date.now(),
    },
    opensWindow: true,
    mayBill: true,
    alias: null,
  });
  await redis.close();
  const gateway = await startTestGateway({ dataDir });
  const deadline = Date.now() + 10_000;
  while (existsSync(file) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await gateway.gateway.rooms.clicks.load(id))?.partner_id).toBe('acme');
  await gateway.stop();
});
