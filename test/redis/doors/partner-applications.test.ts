import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { derivedId } from '../../../src/base/ids.ts';
import { applicationSchema } from '../../../src/doors/schemas/application-schema.ts';
import { attributionSchema } from '../../../src/doors/schemas/attribution-schema.ts';
import { pageOf } from '../../../src/http/pagination.ts';
import { freshApplication } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

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

describe('applications', () => {
  test('an application is received, shown, found by its reference and attributed to who sent it', async () => {
    const { input } = freshApplication(door);
    const { status, body } = await door.acme.post('/v1/applications', {
      ...input,
      partner_user_ref: 'U1',
      sub_ids: { sub1: 'a' },
      device: { id: 'abcdef', id_kind: 'web', ip: '203.0.113.7' },
      return_url: 'https://acme.example/back',
    });
    expect(status).toBe(201);
    expectConforms(applicationSchema, body);
    expect(body).toMatchObject({ status: 'received', partner_ref: input.partner_ref, sub_ids: { sub1: 'a' } });
    expect(body.attribution).toEqual({ partner_id: 'acme', via: 'api', reason: 'submitted_by' });
    expect((await door.acme.get(`/v1/applications/${body.id}`)).body).toEqual(body);
    const found = await door.acme.get(`/v1/applications?partner_ref=${input.partner_ref}`);
    expect(found.body).toEqual({ data: [body], next_cursor: null });
    const verdict = await door.acme.get(`/v1/applications/${body.id}/attribution`);
    expectConforms(attributionSchema, verdict.body);
    expect(verdict.body.winner).toMatchObject({ partner_id: 'acme', via: 'api' });
  });

  test('the same again is the same answer, marked as a replay; other content is a conflict', async () => {
    const { input } = freshApplication(door);
    const first = await door.acme.post('/v1/applications', input);
    const again = await door.acme.post('/v1/applications', { ...input, partner_user_ref: 'not compared' });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    const other = { ...input, requested: { ...input.requested, term: 6 } };
    const conflict = await door.acme.post('/v1/applications', other);
    expect([conflict.status, conflict.body.code]).toEqual([422, 'idempotency_conflict']);
  });

  test('a refused application is an answer: 201 with as much of the reason as the partner may know', async () => {
    const { person, input } = freshApplication(door);
    await door.summit.post('/v1/applications', input);
    const { status, body } = await door.acme.post('/v1/applications', { ...input, applicant: { ...input.applicant } });
    expect(status).toBe(201);
    expectConforms(applicationSchema, body);
    expect(body).toMatchObject({ status: 'refused', reason: null, detail: null });
    const stored = await door.intake.deps.store.load(body.id);
    expect(stored?.application.reason).toBe('other_channel');
    expect(JSON.stringify(body)).not.toContain(person.phone);
  });

  test('what the product requires and is missing is named by code and place', async () => {
    const { input } = freshApplication(door);
    const { name: _, ...withoutName } = input.applicant;
    const field = await door.acme.post('/v1/applications', { ...input, applicant: withoutName });
    expect([field.status, field.body.code]).toEqual([422, 'field_missing']);
    expect(field.body.errors).toMatchObject([{ pointer: '/applicant/name', code: 'field_missing' }]);
    const stale = [{ ...input.consents?.[0], version: '2' }];
    const consent = await door.acme.post('/v1/applications', { ...input, consents: stale });
    expect([consent.status, consent.body.code]).toEqual([422, 'consent_missing']);
    expect(consent.body.errors).toMatchObject([{ pointer: '/consents/0' }]);
  });

  test('another partner’s application and one that does not exist cannot be told apart', async () => {
    const { input } = freshApplication(door);
    const { body } = await door.acme.post('/v1/applications', input);
    const foreign = await door.summit.get(`/v1/applications/${body.id}`);
    const unknown = await door.summit.get(`/v1/applications/${derivedId('app', 'nobody')}`);
    const malformed = await door.summit.get('/v1/applications/app_1');
    const shape = ({ status, body: { request_id: _, ...rest } }: typeof foreign) => ({ status, rest });
    expect(shape(foreign)).toEqual(shape(unknown));
    expect(shape(malformed)).toEqual(shape(unknown));
    expect(foreign.status).toBe(404);
  });

  test('the list finds a user’s applications by status', async () => {
    const { input } = freshApplication(door);
    const { body } = await door.acme.post('/v1/applications', { ...input, partner_user_ref: 'user of the list' });
    await vi.waitFor(async () => {
      const query = new URLSearchParams({ partner_user_ref: 'user of the list', status: 'received' });
      const { body: page } = await door.acme.get(`/v1/applications?${query}`);
      expectConforms(pageOf(applicationSchema), page);
      expect(page.data.map((one: { id: string }) => one.id)).toEqual([body.id]);
    });
    const none = await door.acme.get('/v1/applications?partner_user_ref=nobody');
    expect(none.body).toEqual({ data: [], next_cursor: null });
    const bad = await door.acme.get('/v1/applications?cursor=abc');
    expect([bad.status, bad.body.errors[0].pointer]).toEqual([422, '/cursor']);
  });
});
