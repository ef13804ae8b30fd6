import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isoOf } from '../../../src/base/clock.ts';
import { applyLenderEvents } from '../../../src/intake/lender-events.ts';
import { reportApplication } from '../../../src/intake/report-application.ts';
import { shippedRegistry } from '../../support/intake.ts';
import { become, cny, creditOf, freshApplication } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral } from '../../support/referral.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
});
beforeEach(async () => {
  door.intake.use(await shippedRegistry());
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

const FILE = 'lending/quickcredit/lender.yaml';

/** The files with another quick-cash in every field that a running application could be judged by. */
const changed = () =>
  registryVariant({
    [FILE]: (content) => {
      const product = productIn(content, 'quick-cash');
      Object.assign(product, {
        name: { en: 'Other', zh: '别的' },
        status: 'closed',
        funders: ['north'],
        kind: 'revolving',
        amount: { min: 300_000, max: 400_000, step: 50_000 },
        term: { options: [24], unit: 'month' },
        repayment: 'equal_principal',
        due_day: 5,
        rate: { annual: '0.01' },
        fees: [{ kind: 'service', payee: 'lender', percent: '1', when: 'upfront' }],
        apr_cap: '0.05',
        timezone: 'America/New_York',
        fpd_days: 1,
        refused_days: 1,
        cooling_off_days: 9,
        lock_days: 1,
        hours: ['01:00-01:01'],
      });
      product.eligibility.purposes = ['travel'];
      product.requirements.consents = [
        { kind: 'loan_contract', document: 'new', version: '9', text_sha256: 'a'.repeat(64), stage: 'drawdown' },
      ];
    },
  });

/** The files without the product. */
const removed = async () => {
  const registry = await shippedRegistry();
  const products = new Map(registry.products);
  products.delete('quick-cash');
  return { ...registry, products };
};

async function accepted(): Promise<string> {
  const { input } = freshApplication(door);
  const { body } = await door.acme.post('/v1/applications', input);
  expect(body.status).toBe('received');
  return body.id;
}

function lenderSays(id: string, type: string, data: object) {
  const { deps, registry } = door.intake;
  const facts = { store: deps.store, clock: deps.clock, products: (product: string) => registry.products.get(product) };
  const event = { id: `${type} ${id}`, type, occurred_at: isoOf(deps.clock.nowMs()), application_id: id, data };
  return applyLenderEvents(facts, { id: 'quickcredit' }, [event]);
}

describe.each([
  ['changed in every field', changed],
  ['removed', removed],
])('a product that is %s after acceptance', (_how, files) => {
  test('is quoted and drawn down as it was offered', async () => {
    const id = await accepted();
    await become(door, id, {
      status: 'credit_granted',
      lender_ref: `L-${id}`,
      credit: creditOf({ min: null, step: null, terms: null }),
    });
    const wish = { amount: cny(210_000), term: 12, term_unit: 'month' };
    const before = await door.acme.post(`/v1/applications/${id}/quotes`, wish);
    expect(before.status).toBe(200);
    door.intake.use(await files());
    const after = await door.acme.post(`/v1/applications/${id}/quotes`, wish);
    expect(after.status).toBe(200);
    const { id: _, valid_until: __, ...quoted } = before.body;
    expect(after.body).toMatchObject(quoted);
    const drawn = await door.acme.post(`/v1/applications/${id}/loans`, {
      ...wish,
      partner_ref: 'DRAW',
      purpose: 'consumption',
    });
    expect([drawn.status, drawn.body.status]).toEqual([201, 'requested']);
    expect((await door.acme.get(`/v1/loans/${drawn.body.id}/schedule`)).status).toBe(200);
    expect((await door.acme.get(`/v1/applications/${id}/agreements`)).body.data).toMatchObject([
      { document: 'credit-authorisation', version: '3' },
    ]);
  });

  test('is granted under the cap that stood, and declined for the days that stood', async () => {
    const [granted, declined] = [await accepted(), await accepted()];
    for (const id of [granted, declined]) await become(door, id, { status: 'submitted', lender_ref: `L-${id}` });
    door.intake.use(await files());
    const nowMs = door.intake.clock.nowMs();
    const data = { amount: cny(500_000), apr: '0.18', expires_at: isoOf(nowMs + 86_400_000) };
    expect(await lenderSays(granted, 'credit.granted', data)).toMatchObject([{ result: 'applied' }]);
    expect(await lenderSays(declined, 'credit.declined', { reason: 'score' })).toMatchObject([{ result: 'applied' }]);
    const { body } = await door.acme.get(`/v1/applications/${declined}`);
    expect(body.retry_at).toBe(isoOf(nowMs + 30 * 86_400_000));
  });
});

test('an application that began at the lender keeps its offer too, and a refused one keeps none', async () => {
  const { reports, intake } = await createTestReferral(redis);
  const reported = await reportApplication(reports, 'quickcredit', {
    lender_ref: 'OWN-1',
    product_id: 'quick-cash',
    subject: { phone: '13800138077' },
    channel: 'app',
    applied_at: '2026-03-02T04:00:00.000Z',
  });
  if (reported.kind !== 'reported') throw new Error('not reported');
  expect(reported.application.offer).toMatchObject({ apr_cap: '0.24', rate: { annual: '0.18' } });
  expect(reported.application.offer?.revision).toBe(intake.registry.revision);
  door.intake.use(await changed());
  const { input } = freshApplication(door);
  const refused = await door.acme.post('/v1/applications', { ...input, consents: [] });
  expect(refused.body.status).toBe('refused');
  const stored = await door.intake.deps.store.load(refused.body.id);
  expect(stored?.application.offer).toBeUndefined();
});
