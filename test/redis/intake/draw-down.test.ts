import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { availableCredit } from '../../../src/applications/lifecycle/available.ts';
import type { Application } from '../../../src/applications/model.ts';
import type { SealedRecord } from '../../../src/applications/sealed-record.ts';
import { ApplicationStore } from '../../../src/applications/store.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { drawDown } from '../../../src/intake/draw-down.ts';
import type { IntakeDeps } from '../../../src/intake/intake-deps.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { connectRedis } from '../../../src/redis/connection.ts';
import type { RegisteredProduct } from '../../../src/registry/registry.ts';
import { applicationFor, createTestIntake, nextPerson, type TestIntake } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let intake: TestIntake;
let product: RegisteredProduct;
let counter = 0;

beforeAll(async () => {
  redis = await startTestRedis();
  intake = await createTestIntake(redis);
  const found = intake.registry.products.get('quick-flex');
  if (!found) throw new Error('no product');
  product = { ...found, requirements: { ...found.requirements, consents: [] } };
});
afterAll(() => redis.close());

/** An application with a credit of so many steps above nothing. */
async function granted(amount: number): Promise<Application> {
  counter += 1;
  const submitter = { partner: intake.partner('acme'), origin: 'partner' } as const;
  const input = applicationFor(intake.registry, nextPerson(), `DRAW-${counter}`, product.id);
  const submitted = await submitApplication(intake.deps, submitter, input);
  if (submitted.kind !== 'answered') throw new Error('not answered');
  const changed = await intake.deps.store.change(submitted.application.id, (current) => ({
    application: {
      ...current,
      status: 'credit_granted',
      credit: {
        status: 'active',
        amount,
        min: product.amount.min,
        step: product.amount.step,
        currency: 'CNY',
        terms: null,
        term_unit: 'month',
        pricing: null,
        apr: '0.18',
        expires_at: isoOf(intake.clock.nowMs() + 365 * DAY_MS),
        grade: null,
        funder_id: null,
      },
    },
    events: [],
    result: null,
  }));
  if (!changed) throw new Error('not there');
  return changed.application;
}

function request(ref: string, amount: number) {
  return {
    partner_ref: ref,
    amount: { amount, currency: 'CNY' },
    term: 3,
    term_unit: 'month' as const,
    purpose: 'consumption',
    consents: [{ kind: 'loan_contract', document: ref, version: '1', text_sha256: ref }],
  };
}

describe('drawdowns at the same instant', () => {
  test('never overdraw the credit, and each one that was taken is asked of the lender once', async () => {
    const { min } = product.amount;
    const application = await granted(5 * min);
    const refs = Array.from({ length: 12 }, (_, index) => `L-${index % 8}`);
    const results = await Promise.all(
      refs.map((ref) => drawDown(intake.deps, application, product, request(ref, min))),
    );
    const loanIds = new Set(results.flatMap((result) => (result.ok ? [result.loan.id] : [])));
    expect(loanIds.size).toBe(5);
    const refused = results.flatMap((result) => (result.ok || !('code' in result) ? [] : [result.code]));
    expect(new Set(refused)).toEqual(new Set(['over_available']));
    const after = (await intake.deps.store.load(application.id))?.application;
    expect(after?.loans).toHaveLength(5);
    expect(after && availableCredit(after)).toBe(0);
    const log = await redis.client.xrange(redis.keys.shard(shardOfId(application.id), 'log'), '-', '+');
    const requested = log.filter(([, fields]) => {
      const event = JSON.parse(fields[1] ?? '{}');
      return event.subject === application.id && event.type === 'loan.requested';
    });
    expect(requested).toHaveLength(5);
  });

  test('of two processes, fifty in all, never sum to more than the credit', async () => {
    const { min, step } = product.amount;
    const application = await granted(20 * min);
    const client = await connectRedis({ url: redis.url });
    const other: IntakeDeps = { ...intake.deps, store: new ApplicationStore(client, redis.keys, intake.clock) };
    const wishes = Array.from({ length: 50 }, (_, index) => request(`P-${index}`, min + (index % 5) * step));
    const results = await Promise.all(
      wishes.map((wish, index) => drawDown(index % 2 === 0 ? intake.deps : other, application, product, wish)),
    );
    client.disconnect();
    const drawn = results.flatMap((result) => (result.ok ? [result.loan.amount.amount] : []));
    const after = (await intake.deps.store.load(application.id))?.application;
    expect(after?.loans).toHaveLength(drawn.length);
    const sum = drawn.reduce((total, amount) => total + amount, 0);
    expect(sum).toBeLessThanOrEqual(20 * min);
    // Nobody was refused while there was room for it.
    expect(20 * min - sum).toBeLessThan(min + 4 * step);
    expect(after && availableCredit(after)).toBe(20 * min - sum);
  });

  test('of a product that lends one loan at a time open one', async () => {
    const application = await granted(5 * product.amount.min);
    const single: RegisteredProduct = { ...product, kind: 'instalment' };
    const wishes = Array.from({ length: 6 }, (_, index) => request(`O-${index}`, product.amount.min));
    const results = await Promise.all(wishes.map((wish) => drawDown(intake.deps, application, single, wish)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    const codes = results.flatMap((result) => (result.ok || !('code' in result) ? [] : [result.code]));
    expect(codes).toEqual(Array.from({ length: 5 }, () => 'loan_open'));
  });

  test('keep the consents of every one of them', async () => {
    const { min } = product.amount;
    const application = await granted(6 * min);
    const refs = Array.from({ length: 6 }, (_, index) => `C-${index}`);
    await Promise.all(refs.map((ref) => drawDown(intake.deps, application, product, request(ref, min))));
    const sealed = (await intake.deps.store.sealed(application.id)) ?? '';
    const opened = intake.deps.sealer.openJson(sealed, application.id);
    const { consents } = (opened.ok ? opened.plain : { consents: [] }) as SealedRecord;
    const documents = consents.map((consent) => (consent as { document: string }).document);
    expect(documents).toEqual(expect.arrayContaining(refs));
  });
});
