import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HandoffStore } from '../../../src/attribution/handoffs/handoff-store.ts';
import { TouchStore } from '../../../src/attribution/touch-store.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/base/clock.ts';
import { type HandoffDeps, type HandoffInput, makeHandoff } from '../../../src/intake/make-handoff.ts';
import { redeemHandoff } from '../../../src/intake/redeem-handoff.ts';
import { returnFromHandoff, returnName } from '../../../src/intake/return-from-handoff.ts';
import type { TrafficPartner } from '../../../src/registry/schema/traffic-partner.ts';
import { createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;
let handoffs: HandoffStore;
let deps: HandoffDeps;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  handoffs = new HandoffStore(redis.client, redis.keys);
  const calls = {
    sendNow: async () => ({ kind: 'pending' }) as const,
    ask: async () => {
      return { kind: 'answered', status: 200, json: { url: 'https://quickcredit.example/h5' } } as const;
    },
  };
  deps = { ...intake.deps, calls, handoffs, environment: 'sandbox' };
});
afterAll(() => redis.close());

const make = (change: Partial<HandoffInput> = {}, partner: Partial<TrafficPartner> = {}, given = deps) =>
  makeHandoff(
    given,
    { ...intake.partner('acme'), ...partner },
    {
      product_id: 'quick-cash',
      destination: 'apply',
      return_url: 'https://acme.example/back?phone=13812345678',
      ttl_seconds: 300,
      ...change,
    },
  );

async function made(change: Partial<HandoffInput> = {}) {
  const handoff = await make(change);
  if (!handoff.ok) throw new Error(JSON.stringify(handoff));
  return handoff;
}

const returnKey = Buffer.alloc(32, 3);
const opening = () => ({
  ...deps,
  touches: new TouchStore(redis.client, redis.keys),
  returnAddress: (id: string) => `https://sluice.example/h/back/${returnName(returnKey, id)}`,
  returnKey,
  callbackSecretOf: () => undefined,
  nowSeconds: () => 0,
});

describe('what a hand-off holds of the person', () => {
  test('lies sealed, no longer than it can be used', async () => {
    const { name, phone, idNumber: id_number } = nextPerson();
    const { handoff } = await made({ subject: { name, phone, id_number } });
    const keys = (await redis.client.keys(`*${handoff.id}*`)).sort();
    expect(keys.map((key) => key.split(handoff.id)[1])).toEqual(['', ':back', ':person']);
    const [whole = '', back = '', person = ''] = keys;
    const open = JSON.stringify(await redis.client.hgetall(whole));
    for (const text of [name, phone, id_number, 'acme.example', '13812345678']) expect(open).not.toContain(text);
    expect(await redis.client.pttl(person)).toBeLessThanOrEqual(6 * MINUTE_MS);
    expect(await redis.client.pttl(back)).toBeLessThanOrEqual(DAY_MS);
    expect(await redis.client.pttl(whole)).toBeLessThanOrEqual(2 * DAY_MS);
  });

  test('is gone once it is opened; the way back stays open for a day', async () => {
    const { phone } = nextPerson();
    const { handoff, token } = await made({ subject: { phone } });
    expect(await redeemHandoff(opening(), token, false)).toMatchObject({ kind: 'open' });
    expect((await redis.client.keys(`*${handoff.id}:person`)).length).toBe(0);
    const location = await returnFromHandoff(opening(), returnName(returnKey, handoff.id));
    expect(location).toBe(`https://acme.example/back?phone=13812345678&handoff=${handoff.id}`);
    await redis.client.del(...(await redis.client.keys(`*${handoff.id}:back`)));
    expect(await returnFromHandoff(opening(), returnName(returnKey, handoff.id))).toBeUndefined();
  });

  test('is forgotten on request, though that there was one stays known', async () => {
    const { phone } = nextPerson();
    const { handoff, token } = await made({ subject: { phone }, partner_user_ref: 'U-77' });
    await redeemHandoff(opening(), token, false);
    expect(await handoffs.forget(handoff.id)).toBe(true);
    expect((await handoffs.load(handoff.id))?.handoff).toEqual({ ...handoff, tokens: [], partner_user_ref: null });
    expect(await redis.client.keys(`*${handoff.id}:*`)).toEqual([]);
  });
});

describe('a hand-off to an application', () => {
  test('is made for nobody while the partner is suspended, or the product takes nobody', async () => {
    expect(await make({}, { status: 'suspended' })).toMatchObject({ ok: false, closed: 'suspended' });
    expect(await make({}, { status: 'terminated' })).toMatchObject({ ok: false, closed: 'suspended' });
    const pauses = { ...deps.pauses, stopOf: () => ({ untilMs: 1_000 }) } as unknown as HandoffDeps['pauses'];
    expect(await make({}, {}, { ...deps, pauses })).toMatchObject({ ok: false, closed: 'paused' });
  });

  test('is made so many times a day, and again on the next', async () => {
    const limits = { ...intake.partner('summit').limits, handoffs_per_day: 3 };
    const summit = { ...intake.partner('summit'), limits, return_urls: ['https://acme.example/'] };
    const all = await Promise.all(Array.from({ length: 10 }, () => make({}, summit)));
    expect(all.filter(({ ok }) => ok)).toHaveLength(3);
    expect(all.find(({ ok }) => !ok)).toMatchObject({ overBudget: true, resetInSeconds: expect.any(Number) });
    intake.clock.advanceMs(DAY_MS);
    expect((await make({}, summit)).ok).toBe(true);
  });
});
