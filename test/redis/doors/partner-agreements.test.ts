import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withdrawalSchema } from '../../../src/doors/partner/consents/withdrawal-schema.ts';
import { productSchema } from '../../../src/doors/partner/products/product-schema.ts';
import { agreementSchema, applicationAgreementSchema } from '../../../src/doors/schemas/consent-schema.ts';
import { become, cny, creditOf, freshApplication } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { productIn, registryVariant } from '../../support/registry-variant.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

const EVERYBODY = ['quickcredit', 'harbour', 'north'];
const SHA = 'c'.repeat(64);
const text = (kind: string, stage: string) => ({
  kind,
  document: `${kind}-text`,
  version: '1',
  text_sha256: SHA,
  stage,
});

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  door.intake.use(
    await registryVariant({
      'lending/quickcredit/lender.yaml': (content) => {
        productIn(content, 'quick-flex').requirements = {
          consents: [
            text('data_sharing', 'apply'),
            text('marketing', 'apply'),
            { ...text('credit_inquiry', 'apply'), valid_days: 30 },
            text('card_debit', 'card'),
            text('loan_contract', 'drawdown'),
            text('guarantee', 'repay'),
          ],
        };
      },
    }),
  );
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

/** An application of quick-flex with the consents of its own stage. */
async function applied(): Promise<string> {
  const { input } = freshApplication(door, 'quick-flex');
  const consents = input.consents?.filter(
    ({ kind }) => !['card_debit', 'loan_contract', 'guarantee'].includes(`${kind}`),
  );
  const { status, body } = await door.acme.post('/v1/applications', { ...input, consents });
  expect([status, body.status]).toEqual([201, 'received']);
  return body.id;
}

const agreementsOf = async (path: string) => {
  const { status, body } = await door.acme.get(path);
  expect(status).toBe(200);
  return body.data;
};

describe('agreements', () => {
  test('of a product are listed by stage, each naming the lender and its funders', async () => {
    const all = await agreementsOf('/v1/products/quick-flex/agreements');
    expect(all).toHaveLength(6);
    for (const one of all) {
      expectConforms(agreementSchema, one);
      expect(one.parties).toEqual(EVERYBODY);
    }
    const product = (await door.acme.get('/v1/products/quick-flex')).body;
    expectConforms(productSchema, product);
    expect(product.requirements.consents).toEqual(all);
    for (const stage of ['apply', 'card', 'drawdown', 'repay']) {
      const listed = await agreementsOf(`/v1/products/quick-flex/agreements?stage=${stage}`);
      expect(listed).toEqual(all.filter((one: { stage: string }) => one.stage === stage));
      expect(product.requirements.agreements[stage]).toEqual(listed);
    }
    const precheck = await door.acme.post('/v1/prechecks', {
      product_id: 'quick-flex',
      subject: { phone: '13812340000' },
    });
    expect(precheck.body.agreements).toEqual(all);
    expect((await door.acme.get('/v1/products/no-such/agreements')).status).toBe(404);
    expect((await door.acme.get('/v1/products/quick-flex/agreements?stage=never')).status).toBe(422);
  });

  test('of an application say what was accepted, and who may lend by now', async () => {
    const id = await applied();
    const before = await agreementsOf(`/v1/applications/${id}/agreements?stage=apply`);
    for (const one of before) expectConforms(applicationAgreementSchema, one);
    expect(before.map(({ accepted_at: at }: { accepted_at: string }) => at)).toEqual(
      Array(3).fill('2026-03-02T03:59:00.000Z'),
    );
    const card = await agreementsOf(`/v1/applications/${id}/agreements?stage=card`);
    expect(card).toMatchObject([{ kind: 'card_debit', accepted_at: null, lapsed: null, each_time: false }]);
    await become(door, id, { status: 'credit_granted', funder_id: 'north', credit: creditOf({ funder_id: 'north' }) });
    const [drawdown] = await agreementsOf(`/v1/applications/${id}/agreements?stage=drawdown`);
    expect(drawdown).toMatchObject({ parties: ['quickcredit', 'north'], accepted_at: null, each_time: true });
    expect((await door.summit.get(`/v1/applications/${id}/agreements`)).status).toBe(404);
  });

  test('accepted with a drawdown are noted, and asked for anew with the next one', async () => {
    const id = await applied();
    await become(door, id, { status: 'credit_granted', credit: creditOf({ funder_id: null }), lender_ref: `L-${id}` });
    const wish = { amount: cny(100_000), term: 3, term_unit: 'month', purpose: 'consumption' };
    const bank_card = { number: '6222021234567890128', phone: '13800138000' };
    const consent = (kind: string, parties: string[]) => ({
      kind,
      document: `${kind}-text`,
      version: '1',
      text_sha256: SHA,
      parties,
      accepted_at: '2026-03-02T03:59:30Z',
    });
    const draw = (partnerRef: string, parties: string[] = []) => {
      const consents =
        parties.length === 0 ? [] : [consent('loan_contract', parties), consent('card_debit', EVERYBODY)];
      return door.acme.post(`/v1/applications/${id}/loans`, { ...wish, partner_ref: partnerRef, bank_card, consents });
    };
    const partial = await draw('D-1', ['quickcredit', 'harbour']);
    expect([partial.status, partial.body.code]).toEqual([422, 'consent_missing']);
    expect(partial.body.errors).toMatchObject([{ pointer: '/consents/0', missing: 'consents.loan_contract' }]);
    expect(partial.body.errors[0].message).toContain('north');
    expect((await draw('D-1', EVERYBODY)).status).toBe(201);
    const [shown] = await agreementsOf(`/v1/applications/${id}/agreements?stage=drawdown`);
    expect(shown).toMatchObject({ accepted_at: '2026-03-02T03:59:30.000Z', each_time: true });
    expect((await draw('D-2')).body.errors).toMatchObject([{ missing: 'consents.loan_contract' }]);
  });
});

describe('taking consents back', () => {
  const withdraw = (id: string, kinds: string[]) =>
    door.acme.post(`/v1/applications/${id}/consents/withdrawals`, { kinds, reason: 'not_needed' });

  test('ends an undecided application that needs them, once', async () => {
    const id = await applied();
    const first = await withdraw(id, ['credit_inquiry', 'face']);
    expect(first.status).toBe(200);
    expectConforms(withdrawalSchema, first.body);
    expect(first.body).toMatchObject({
      effect: 'application_cancelled',
      status: 'cancelled',
      reason: 'consent_withdrawn',
      withdrawn: [{ kind: 'credit_inquiry', withdrawn_at: expect.any(String) }],
      not_given: ['face'],
    });
    const again = await withdraw(id, ['credit_inquiry', 'face']);
    expect([again.body, again.headers.get('idempotent-replayed')]).toEqual([first.body, 'true']);
    expect((await door.acme.get(`/v1/applications/${id}`)).body).toMatchObject({ status: 'cancelled' });
  });

  test('of marketing has no consequence', async () => {
    const id = await applied();
    const { body } = await withdraw(id, ['marketing']);
    expect(body).toMatchObject({ effect: 'recorded', status: 'received' });
    const [, marketing] = await agreementsOf(`/v1/applications/${id}/agreements?stage=apply`);
    expect(marketing).toMatchObject({ kind: 'marketing', accepted_at: null, lapsed: 'withdrawn' });
  });

  test('after the credit is noted, and nothing else changes', async () => {
    const id = await applied();
    await become(door, id, { status: 'credit_granted', credit: creditOf(), lender_ref: `L-${id}` });
    expect((await withdraw(id, ['credit_inquiry'])).body).toMatchObject({
      effect: 'recorded',
      status: 'credit_granted',
    });
    expect((await withdraw(id, ['face'])).body).toMatchObject({ effect: 'none', not_given: ['face'] });
    expect((await door.acme.get(`/v1/applications/${id}`)).body).toMatchObject({ credit: { status: 'active' } });
    const stored = await door.intake.deps.store.load(id);
    const noted = stored?.application.consents?.find(({ kind }) => kind === 'credit_inquiry');
    expect(noted?.withdrawn_at).toEqual(expect.any(String));
  });

  test('is nobody else’s to do', async () => {
    const id = await applied();
    const path = `/v1/applications/${id}/consents/withdrawals`;
    expect((await door.summit.post(path, { kinds: ['marketing'] })).status).toBe(404);
    expect((await door.acme.post(path, { kinds: [] })).status).toBe(422);
    expect((await door.acme.post(path, { kinds: ['marketing'], reason: 'Because 13800138000' })).status).toBe(422);
  });
});
