import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application, Loan } from '../../../src/applications/model.ts';
import { precheckAnswerSchema, precheckResponseSchema } from '../../../src/doors/partner/prechecks/precheck-schema.ts';
import { nextPerson } from '../../support/intake.ts';
import { become, cny, creditOf, DAY_ZERO, freshApplication, onDay } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLoan } from '../../support/sample-application.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

describe('prechecks', () => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

  test('a new subject is accepted with terms, commission, limits and agreements', async () => {
    const { phone, idNumber: id_number } = nextPerson();
    const { status, body } = await door.acme.post('/v1/prechecks', {
      product_id: 'quick-cash',
      subject: { phone, id_number },
      partner_user_ref: 'U7',
      sub_ids: { sub1: 'a' },
    });
    expect(status).toBe(200);
    expectConforms(precheckAnswerSchema, body);
    expect(body).toMatchObject({
      product_id: 'quick-cash',
      decision: 'accept',
      reason: null,
      customer: 'new',
      provisional: false,
      partner_user_ref: 'U7',
      sub_ids: { sub1: 'a' },
      terms_id: 'acme-2026',
      limits: { min: cny(100_000), max: cny(5_000_000), terms: [3, 6, 12], term_unit: 'month' },
    });
    expect(body.commission).toContainEqual({
      rule: 'first',
      on: 'loan.disbursed',
      pay: { percent: '1.5', of: 'principal' },
    });
    expect(body.agreements).toMatchObject([{ kind: 'credit_inquiry', version: '3', stage: 'apply' }]);
  });

  test('a hashed subject gets a provisional answer', async () => {
    const { phone } = nextPerson();
    const subject = { phone: { md5: md5(phone) } };
    const { body } = await door.acme.post('/v1/prechecks', { product_id: 'quick-cash', subject });
    expect(body).toMatchObject({ decision: 'accept', provisional: true });
  });

  test('without a product every open one is answered', async () => {
    const { phone, idNumber: id_number } = nextPerson();
    const { status, body } = await door.acme.post('/v1/prechecks', { subject: { phone, id_number } });
    expect(status).toBe(200);
    expectConforms(precheckResponseSchema, body);
    expect(body.products.map((answer: { product_id: string }) => answer.product_id)).toEqual([
      ...door.intake.registry.products.keys(),
    ]);
  });

  test('named products are answered in their order', async () => {
    const { phone } = nextPerson();
    const asked = { product_ids: ['wave-days', 'quick-cash'], subject: { phone } };
    const { body } = await door.acme.post('/v1/prechecks', asked);
    expect(body.products.map((answer: { product_id: string }) => answer.product_id)).toEqual([
      'wave-days',
      'quick-cash',
    ]);
  });

  test('a coarse partner reads of a refusal only that it is one, and when to ask again', async () => {
    const { phone } = nextPerson();
    const asked = { product_id: 'quick-cash', subject: { phone }, reserve: true };
    const reserved = await door.summit.post('/v1/prechecks', asked);
    expect(reserved.body.reserved_until).toBe('2026-03-02T04:10:00.000Z');
    const { body } = await door.acme.post('/v1/prechecks', { product_id: 'quick-cash', subject: { phone } });
    expectConforms(precheckAnswerSchema, body);
    expect(body).toMatchObject({
      decision: 'refuse',
      reason: null,
      detail: null,
      retry_at: '2026-03-02T04:10:00.000Z',
      customer: null,
      commission: [],
    });
  });

  test('a stated residence in an excluded region is refused', async () => {
    const { phone } = nextPerson();
    const { body } = await door.acme.post('/v1/prechecks', {
      product_id: 'quick-cash',
      subject: { phone },
      profile: { residence: { region: '540102' }, income: { monthly: cny(800_000) } },
    });
    expect(body.decision).toBe('refuse');
  });

  test('a batch answers in order', async () => {
    const items = Array.from({ length: 40 }, (_, index) => ({
      product_id: index % 2 === 0 ? 'quick-cash' : 'wave-days',
      subject: { phone: nextPerson().phone },
      partner_user_ref: `U${index}`,
    }));
    const { status, body } = await door.acme.post('/v1/prechecks/batch', { items });
    expect(status).toBe(200);
    expectConforms(z.object({ results: z.array(precheckAnswerSchema) }), body);
    expect(body.results.map((one: { partner_user_ref: string }) => one.partner_user_ref)).toEqual(
      items.map((item) => item.partner_user_ref),
    );
  });

  test('a batch with one bad identity names its place, and asks nothing', async () => {
    const items = [{ subject: { phone: '13800138000' } }, { subject: { id_number: '110105194912310021' } }];
    const { status, body } = await door.acme.post('/v1/prechecks/batch', { items });
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ pointer: '/items/1/subject/id_number', code: 'id_number_checksum' }]);
  });
});

describe('walk-through D: on day 40 the borrower comes back through another partner', () => {
  const over = (change: Partial<Loan>) => (id: string) => [
    sampleLoan(id, 'D', { status: 'settled', disbursed_at: onDay(1), settled_at: onDay(35), ordinal: 1, ...change }),
  ];
  const cases: [string, string, (id: string) => Partial<Application>, object][] = [
    [
      'declined, retry day 30',
      'quick-cash',
      () => ({ status: 'credit_declined', retry_at: onDay(30) }),
      { decision: 'accept', reason: null, customer: 'new' },
    ],
    [
      'declined, retry day 60',
      'quick-cash',
      () => ({ status: 'credit_declined', retry_at: onDay(60) }),
      { decision: 'refuse', retry_at: onDay(60) },
    ],
    [
      'granted, undrawn, credit to day 90',
      'quick-cash',
      () => ({ status: 'credit_granted', credit: creditOf() }),
      { decision: 'refuse', retry_at: null },
    ],
    [
      'loan running',
      'quick-cash',
      (id) => ({
        status: 'credit_granted',
        credit: creditOf(),
        loans: over({ status: 'active', settled_at: null })(id),
      }),
      { decision: 'refuse', retry_at: null },
    ],
    [
      'settled day 35, revolving credit open',
      'quick-flex',
      (id) => ({ status: 'credit_granted', credit: creditOf(), loans: over({})(id) }),
      { decision: 'refuse', retry_at: null },
    ],
    [
      'settled day 35, credit closed',
      'quick-cash',
      (id) => ({ status: 'credit_granted', credit: creditOf({ status: 'closed' }), loans: over({})(id) }),
      { decision: 'accept', reason: null, customer: 'returning' },
    ],
  ];

  test.each(cases)('%s', async (_state, productId, state, told) => {
    door.intake.clock.moveTo(DAY_ZERO);
    const { person, input } = freshApplication(door, productId);
    const { body: first } = await door.acme.post('/v1/applications', input);
    expect(first.status).toBe('received');
    await become(door, first.id, state(first.id));
    door.intake.clock.moveTo(onDay(40));
    const subject = { phone: person.phone, id_number: person.idNumber };
    const { body } = await door.summit.post('/v1/prechecks', { product_id: productId, subject });
    door.intake.clock.moveTo(DAY_ZERO);
    expect(body).toMatchObject(told);
  });
});
