import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HandoffStore } from '../../../src/attribution/handoffs/handoff-store.ts';
import { TouchStore } from '../../../src/attribution/touch-store.ts';
import { DAY_MS, MINUTE_MS } from '../../../src/base/clock.ts';
import { type HandoffDeps, type HandoffInput, makeHandoff } from '../../../src/intake/make-handoff.ts';
import { holderProof, openHandoffForm } from '../../../src/intake/open-handoff-form.ts';
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
  formIsOpen: () => true,
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

describe('a hand-off to our own form', () => {
  const product = { apply_at: 'hosted' as const };
  /** The same counterparties with the product applied for here. */
  const hosted = (change: object = product) => {
    const now = intake.deps.registry();
    const products = new Map(
      [...now.products].map(([id, one]) => [id, { ...one, ...(id === 'quick-cash' ? change : {}) }]),
    );
    return { ...opening(), registry: () => ({ ...now, products }) };
  };
  const asked: unknown[] = [];
  const silent = {
    ...{ sendNow: async () => ({ kind: 'pending' }) as const },
    ask: async (one: unknown) => {
      asked.push(one);
      return { kind: 'unavailable', cause: 'nobody' } as const;
    },
  };

  test('asks no lender, is opened once, and keeps the person for two hours or until the application', async () => {
    const { name, phone } = nextPerson();
    const { handoff, token } = await made({ subject: { name, phone } });
    const open = () => redeemHandoff({ ...hosted(), calls: silent }, token, false);
    const kinds = (await Promise.all([open(), open(), open(), open()])).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['form', 'gone', 'gone', 'gone']);
    expect(asked).toEqual([]);
    const [person = ''] = await redis.client.keys(`*${handoff.id}:person`);
    expect(await redis.client.pttl(person)).toBeGreaterThan(119 * MINUTE_MS);
    const proof = holderProof(returnKey, handoff.id);
    const form = await openHandoffForm(hosted(), handoff.id, proof);
    expect(form).toMatchObject({ prefill: { name, phone }, target: { code: handoff.id }, appliedAs: null });
    await handoffs.conclude(handoff.id, 'app_1');
    expect(await openHandoffForm(hosted(), handoff.id, proof)).toMatchObject({ prefill: {}, appliedAs: 'app_1' });
    expect(await redis.client.exists(person)).toBe(0);
  });

  test('shows its form to nobody without proof, before it was opened, nor for one that led to the lender', async () => {
    const { handoff, token } = await made();
    const proof = holderProof(returnKey, handoff.id);
    expect(await openHandoffForm(hosted(), handoff.id, proof)).toBeUndefined();
    await redeemHandoff(hosted(), token, false);
    expect(await openHandoffForm(hosted(), handoff.id, proof)).toBeDefined();
    const other = await made();
    const wrong = [
      '',
      `${proof.slice(0, -1)}~`,
      holderProof(returnKey, other.handoff.id),
      holderProof(Buffer.alloc(32), handoff.id),
    ];
    for (const text of wrong) expect(await openHandoffForm(hosted(), handoff.id, text)).toBeUndefined();
    // The proof of the way back is another one: partners' pages see that.
    expect(
      await openHandoffForm(hosted(), handoff.id, returnName(returnKey, handoff.id).split('.')[1] ?? ''),
    ).toBeUndefined();
    await redeemHandoff(opening(), other.token, false);
    expect(await openHandoffForm(hosted(), other.handoff.id, holderProof(returnKey, other.handoff.id))).toBeUndefined();
  });

  test('is not spent while the product takes nobody, the partner may send nobody, or nobody sends codes', async () => {
    const { token } = await made();
    const closed = { ...hosted({ ...product, status: 'closed' }) };
    expect(await redeemHandoff(closed, token, false)).toEqual({ kind: 'closed' });
    expect(await redeemHandoff({ ...hosted(), formIsOpen: () => false }, token, false)).toEqual({ kind: 'closed' });
    const now = hosted().registry();
    const traffic = new Map([...now.traffic].map(([id, one]) => [id, { ...one, status: 'suspended' as const }]));
    const suspended = { ...hosted(), registry: () => ({ ...now, traffic }) };
    expect(await redeemHandoff(suspended, token, false)).toEqual({ kind: 'closed' });
    expect(await redeemHandoff(hosted(), token, false)).toMatchObject({ kind: 'form' });
  });

  test('is not made for a product that asks for what the form cannot take, and believes no time to come', async () => {
    const needy = hosted({
      ...product,
      requirements: { applicant: [], documents: ['face'], verifications: [], consents: [] },
    });
    expect(await make({}, {}, { ...deps, registry: needy.registry })).toMatchObject({
      faults: [{ code: 'not_on_our_form' }],
    });
    const { phone } = nextPerson();
    const at = (ms: number) => new Date(intake.clock.nowMs() + ms).toISOString();
    const verified = (ms: number, subject?: object) =>
      make({ phone_verified_at: at(ms), ...(subject === undefined ? {} : { subject }) });
    expect(await verified(5 * MINUTE_MS, { phone })).toMatchObject({ faults: [{ code: 'in_future' }] });
    expect(await verified(-MINUTE_MS)).toMatchObject({ faults: [{ code: 'needs_phone' }] });
    expect(await verified(-MINUTE_MS, { phone: { masked: `${phone.slice(0, 8)}***` } })).toMatchObject({
      faults: [{ code: 'needs_phone' }],
    });
    expect(await verified(-MINUTE_MS, { phone })).toMatchObject({ ok: true });
  });
});

describe('the way back', () => {
  test('to a page of our own leads there as it is, whatever the partner allows', async () => {
    const { handoff } = await made();
    const back = deps.sealer.seal(
      { return_url: 'https://go.example/apply/a/result', is_ours: true },
      `${handoff.id}/back`,
    );
    const [key = ''] = await redis.client.keys(`*${handoff.id}:back`);
    await redis.client.set(key, back);
    const signing = { ...opening(), callbackSecretOf: () => Buffer.from('x') };
    expect(await returnFromHandoff(signing, returnName(returnKey, handoff.id))).toBe(
      'https://go.example/apply/a/result',
    );
  });

  test('ends where the partner has taken the address off its list meanwhile', async () => {
    const { handoff } = await made();
    const now = intake.deps.registry();
    const traffic = new Map(
      [...now.traffic].map(([id, one]) => [id, { ...one, return_urls: ['https://acme.example/b'] }]),
    );
    const changed = { ...opening(), registry: () => ({ ...now, traffic }) };
    expect(await returnFromHandoff(opening(), returnName(returnKey, handoff.id))).toBeDefined();
    expect(await returnFromHandoff(changed, returnName(returnKey, handoff.id))).toBeUndefined();
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
