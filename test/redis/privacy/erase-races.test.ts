import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { DeadLetters } from '../../../src/applications/push/dead-letters.ts';
import { applicationDelivery } from '../../../src/applications/push/delivery.ts';
import { Outbox } from '../../../src/applications/push/outbox.ts';
import { OutboxOverview } from '../../../src/applications/push/outbox-overview.ts';
import { createOutboxWorker } from '../../../src/applications/push/outbox-worker.ts';
import type { SealedRecord } from '../../../src/applications/sealed-record.ts';
import { isoOf, systemClock } from '../../../src/base/clock.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { userIndexKey } from '../../../src/insight/index-keys.ts';
import { drawDown } from '../../../src/intake/draw-down.ts';
import { driveIntent } from '../../../src/intake/drive-intent.ts';
import { ApplicationEraser } from '../../../src/privacy/application-eraser.ts';
import type { RegisteredProduct } from '../../../src/registry/registry.ts';
import { OutboxBench } from '../../support/outbox.ts';
import { createTestPrivacy, openCredit, type TestPrivacy } from '../../support/privacy.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let privacy: TestPrivacy;
let product: RegisteredProduct;

beforeAll(async () => {
  redis = await startTestRedis();
  privacy = await createTestPrivacy(redis);
  const found = privacy.intake.registry.products.get('quick-cash');
  if (!found) throw new Error('no product');
  product = { ...found, requirements: { ...found.requirements, consents: [] } };
});
afterAll(() => redis.close());

async function granted(): Promise<Application> {
  const { id } = await privacy.apply();
  const credit = openCredit(privacy.intake.clock.nowMs(), { amount: 20 * product.amount.min });
  await privacy.put(id, { status: 'credit_granted', credit });
  const read = await privacy.intake.deps.store.load(id);
  if (!read) throw new Error('it is gone');
  return read.application;
}

function draw(application: Application, ref: string) {
  return drawDown(privacy.intake.deps, application, product, {
    partner_ref: ref,
    amount: { amount: product.amount.min, currency: 'CNY' },
    term: 3,
    term_unit: 'month',
    purpose: 'consumption',
    bank_card: { number: '6222021234567890128', bank_code: 'ICBC' },
  });
}

describe('an erasure and a drawdown at the same instant', () => {
  test('never bring the record back, and the loan is opened all the same', async () => {
    for (let round = 0; round < 25; round += 1) {
      const application = await granted();
      const [drawn, erased] = await Promise.all([
        draw(application, `E-${round}`),
        privacy.desk.eraser.erase(application.id, true),
      ]);
      expect(erased).toEqual({ result: 'erased' });
      expect(drawn).toMatchObject({ ok: true });
      expect(await privacy.intake.deps.store.isSealed(application.id)).toBe(false);
      const after = (await privacy.intake.deps.store.load(application.id))?.application;
      expect(after).toMatchObject({ erased_at: expect.any(String), loans: [{ status: 'requested' }] });
    }
  });

  test('a drawdown that has read the record before it was erased finds out', async () => {
    const application = await granted();
    const { deps } = privacy.intake;
    const sealed = deps.store.sealed.bind(deps.store);
    let reads = 0;
    // The record is erased between its reading and the writing of the loan.
    const slow = Object.create(deps.store, {
      sealed: {
        value: async (id: string) => {
          const text = await sealed(id);
          reads += 1;
          if (reads === 1) await privacy.desk.eraser.erase(id, true);
          return text;
        },
      },
      load: { value: deps.store.load.bind(deps.store) },
      change: { value: deps.store.change.bind(deps.store) },
      bindLoan: { value: deps.store.bindLoan.bind(deps.store) },
    });
    const request = { partner_ref: 'SLOW', amount: { amount: product.amount.min, currency: 'CNY' } };
    const drawn = await drawDown({ ...deps, store: slow }, application, product, {
      ...request,
      term: 3,
      term_unit: 'month',
      purpose: 'consumption',
      bank_card: { number: '6222021234567890128' },
    });
    expect(drawn).toMatchObject({ ok: true });
    expect(reads).toBe(2);
    expect(await deps.store.isSealed(application.id)).toBe(false);
  });
});

describe('an erasure and the list of a person as the partner names them', () => {
  test('leave nothing on the list, although it was written from the application as it was before', async () => {
    const { client, keys } = redis;
    const { store } = privacy.intake.deps;
    const { id, owner_id: ownerId, partner_user_ref: userRef } = await privacy.apply();
    const list = userIndexKey(keys, ownerId ?? '', userRef ?? '');
    // The projection has read the name before the erasure, and writes in the middle of it.
    const change = store.change.bind(store);
    const late = Object.create(store, {
      load: { value: store.load.bind(store) },
      change: {
        value: async (...args: Parameters<typeof change>) => {
          await client.zadd(list, 1, id);
          return change(...args);
        },
      },
    });
    const days = { refusedDays: 30, closedDays: 1095 };
    const isRevolving = (): boolean => false;
    const { retention, clock } = privacy.desk;
    const eraser = new ApplicationEraser({
      client,
      keys,
      store: late,
      retention,
      others: [],
      isRevolving,
      days,
      clock,
    });
    expect(await eraser.erase(id, true)).toEqual({ result: 'erased' });
    expect(await client.zscore(list, id)).toBeNull();
  });
});

describe('a push to a lender whose record was erased', () => {
  test('is given up with that reason, also when it is sent again; the other pushes go on', async () => {
    const { client, keys } = redis;
    const { deps } = privacy.intake;
    const letters = new DeadLetters(client, keys);
    const overview = new OutboxOverview(client, keys);
    const dead: string[] = [];
    const worker = createOutboxWorker({
      store: deps.store,
      outbox: new Outbox(client, keys),
      dead: letters,
      overview,
      coreOf: () => ({
        url: 'http://127.0.0.1:9',
        signingKey: { id: 'x', alg: 'hmac-sha256', secret: Buffer.alloc(32) } as never,
      }),
      refusedDaysOf: () => 30,
      openMessage: () => undefined,
      openRecord: (text, id) => {
        const opened = deps.sealer.openJson(text, id);
        return opened.ok ? (opened.plain as SealedRecord) : undefined;
      },
      clock: deps.clock,
      realClock: systemClock,
      observer: {
        delivered: () => undefined,
        retried: () => undefined,
        dead: (_delivery, _lender, error) => void dead.push(error),
        failed: (error) => {
          throw error;
        },
      },
    });
    // What others wait for here is not what this is about.
    await new OutboxBench(redis).clear('quickcredit');
    const application = await privacy.apply();
    const { id } = applicationDelivery(application);
    await privacy.desk.eraser.erase(application.id, true);
    await worker.drain();
    expect(dead).toEqual(['record_erased']);
    const found = await letters.find(id);
    expect(found).toMatchObject({ delivery: { id }, error: 'record_erased' });
    expect(found && (await letters.revive(found, Date.now()))).toBe(true);
    await worker.drain();
    expect(dead).toEqual(['record_erased', 'record_erased']);
    expect(await overview.count()).toEqual({ pending: 0, dead: 1 });
    await worker.stop();
  });
});

describe('an application that is still undecided when its record is erased', () => {
  test('is decided all the same', async () => {
    const application = await privacy.apply();
    const { client, keys } = redis;
    const { store } = privacy.intake.deps;
    await store.change(application.id, (current) => ({
      application: { ...current, status: 'screening', accepted_at: null },
      events: [],
      effects: [{ do: 'ZADD', key: 'intents', score: Date.now() - 60_000, member: current.id }],
      result: null,
    }));
    const [erased, driven] = await Promise.all([
      privacy.desk.eraser.erase(application.id, true),
      driveIntent(privacy.intake.deps, application.id),
    ]);
    expect(erased).toEqual({ result: 'erased' });
    expect(driven.status).toBe('received');
    const read = (await store.load(application.id))?.application;
    expect(read).toMatchObject({ status: 'received', erased_at: isoOf(privacy.intake.clock.nowMs()) });
    expect(await client.zcard(keys.shard(shardOfId(application.id), 'intents'))).toBe(0);
    expect(await store.isSealed(application.id)).toBe(false);
  });
});
