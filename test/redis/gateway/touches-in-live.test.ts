import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { TouchStore } from '../../../src/attribution/touch-store.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { randomIdInShard } from '../../../src/base/ids.ts';
import { startTestGateway } from '../../support/gateway.ts';
import { SHIPPED_PARTNERS } from '../../support/intake.ts';

const partners = mkdtempSync(join(tmpdir(), 'sluice-none-'));
copyFileSync(join(SHIPPED_PARTNERS, 'operator.yaml'), join(partners, 'operator.yaml'));
afterAll(() => rmSync(partners, { recursive: true, force: true }));

test('in live, too, what binds a click to a person ends after its days, although the person has clicked since', async () => {
  const gateway = await startTestGateway({ variables: { SLUICE_ENV: 'live', SLUICE_PARTNERS: partners } });
  try {
    const { redis, keys } = gateway;
    const touches = new TouchStore(redis, keys);
    const touchAt = (atMs: number) =>
      ({
        kind: 'click',
        id: randomIdInShard('clk', 9),
        partner_id: 'acme',
        link_code: 'acme-home',
        at_ms: atMs,
      }) as const;
    const now = Date.now();
    const old = touchAt(now - 402 * DAY_MS);
    const recent = touchAt(now - DAY_MS);
    for (const touch of [old, recent]) {
      await touches.bind(['token-1'], touch);
      const at = isoOf(touch.at_ms);
      const data = { tokens: ['token-1'], touch };
      const event = { type: 'click.bound', subject: touch.id, occurred_at: at, recorded_at: at, data, context: null };
      await redis.xadd(keys.shard(9, 'log'), '*', 'e', JSON.stringify(event));
    }
    await gateway.gateway.workers.personal.sweeper.runDue(now);
    expect(await touches.touchesOf(['token-1'])).toEqual([recent]);
  } finally {
    await gateway.stop();
  }
});
