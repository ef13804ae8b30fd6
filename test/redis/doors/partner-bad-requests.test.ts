import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshApplication } from '../../support/partner-applications.ts';
import { partnerClient, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
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

describe('what is not a request of the contract', () => {
  const subject = { phone: '13800138000' };
  const post = '/v1/prechecks';
  const of = (body: unknown) => ({ body: JSON.stringify(body) });

  test.each([
    ['a wrong type', of({ product_id: 7, subject }), 422, 'validation_failed', '/product_id'],
    ['an unknown field', of({ product: 'quick-cash', subject }), 422, 'validation_failed', '/product'],
    [
      'an unknown identifier',
      of({ subject: { phon: '13800138000', ...subject } }),
      422,
      'validation_failed',
      '/subject/phon',
    ],
    [
      'an unknown form of an identifier',
      of({ subject: { phone: { md5: 'a'.repeat(32), sha1: 'x' } } }),
      422,
      'validation_failed',
      '/subject/phone/sha1',
    ],
    ['an unknown profile field', of({ subject, profile: { salary: 1 } }), 422, 'validation_failed', '/profile/salary'],
    ['an empty subject', of({ subject: {} }), 422, 'validation_failed', '/subject'],
    ['a phone that is none', of({ subject: { phone: '123' } }), 422, 'validation_failed', '/subject/phone'],
    [
      'an upper-case hash',
      of({ subject: { phone: { md5: 'A'.repeat(32) } } }),
      422,
      'validation_failed',
      '/subject/phone/md5',
    ],
    [
      'a label that is too long',
      of({ subject, sub_ids: { sub1: 'x'.repeat(129) } }),
      422,
      'validation_failed',
      '/sub_ids/sub1',
    ],
    ['an eleventh label', of({ subject, sub_ids: { sub11: 'x' } }), 422, 'validation_failed', '/sub_ids/sub11'],
    [
      'a user reference that is too long',
      of({ subject, partner_user_ref: 'x'.repeat(65) }),
      422,
      'validation_failed',
      '/partner_user_ref',
    ],
    [
      'both ways to name products',
      of({ subject, product_id: 'a-b', product_ids: ['a-b'] }),
      422,
      'validation_failed',
      '/product_ids',
    ],
    ['an unknown product', of({ product_id: 'no-such', subject }), 422, 'unknown_product', '/product_id'],
    [
      'an unknown product among others',
      of({ product_ids: ['quick-cash', 'no-such'], subject }),
      422,
      'unknown_product',
      '/product_ids/1',
    ],
    [
      'a key given twice',
      { body: '{"subject":{"phone":"13800138000","phone":"13900139000"}}' },
      400,
      'json_duplicate_key',
      undefined,
    ],
    ['text that is no JSON', { body: '{"subject":' }, 400, 'json_invalid', undefined],
    ['300 KiB', of({ subject, x: 'x'.repeat(300 * 1024) }), 413, 'body_too_large', undefined],
    ['no signature', { ...of({ subject }), sign: false }, 401, 'signature_missing', undefined],
    ['a body that was changed on its way', { ...of({ subject }), signedBody: '{}' }, 401, 'digest_mismatch', undefined],
    [
      'a body that is a form',
      { ...of({ subject }), headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_media_type',
      undefined,
    ],
  ])('%s', async (_what, options, status, code, pointer) => {
    const answer = await door.acme.send('POST', post, options);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    if (pointer !== undefined) expect(answer.body.errors[0].pointer).toBe(pointer);
  });

  test('a signature made with another key under this key id is invalid, and says what to sign', async () => {
    const keyObject = generateKeyPairSync('ed25519').privateKey;
    const stranger = partnerClient(door.url, { id: 'acme-ed', alg: 'ed25519', keyObject });
    const { status, body, headers } = await stranger.post(post, { subject });
    expect([status, body.code]).toEqual([401, 'signature_invalid']);
    expect(headers.get('accept-signature')).toContain('tag="sluice"');
  });

  test('a nonce is good once', async () => {
    const sent = { nonce: 'once-only-0123456789abcdef' };
    expect((await door.acme.send('GET', '/v1/whoami', sent)).status).toBe(200);
    const again = await door.acme.send('GET', '/v1/whoami', sent);
    expect([again.status, again.body.code]).toEqual([401, 'signature_replayed']);
  });

  test('500 questions are the most of a batch, and an empty one is none', async () => {
    const items = Array.from({ length: 501 }, () => ({ subject }));
    const many = await door.acme.post('/v1/prechecks/batch', { items });
    expect([many.status, many.body.errors[0].pointer]).toEqual([422, '/items']);
    expect((await door.acme.post('/v1/prechecks/batch', { items: [] })).status).toBe(422);
  });

  test('every field of an application is checked, each fault at its place', async () => {
    const { input } = freshApplication(door);
    const { status, body } = await door.acme.post('/v1/applications', {
      ...input,
      partner_ref: 'has a space',
      requested: { ...input.requested, amount: { amount: 1.5, currency: 'CNY' } },
      applicant: {
        ...input.applicant,
        education: 'kindergarten',
        income: { monthly: { amount: -1, currency: 'CNY' } },
        residence: { region: 'Beijing' },
        contacts: Array.from({ length: 4 }, () => ({ relation: 'friend', name: '李四', phone: '13800138000' })),
        bank_card: { number: '1234567890123456' },
        id_card: { valid_to: 'never' },
      },
      device: { id: 'x', os: 'android' },
      documents: [{ kind: 'id_front' }],
      verifications: [{ kind: 'liveness', provider: 'v', result: 'maybe', at: '2026-01-01' }],
      consents: [{ ...input.consents?.[0], parties: [] }],
      return_url: 'ftp://acme.example',
    });
    expect(status).toBe(422);
    const pointers = body.errors.map((error: { pointer: string }) => error.pointer);
    expect(pointers).toEqual(
      expect.arrayContaining([
        '/partner_ref',
        '/requested/amount/amount',
        '/applicant/education',
        '/applicant/income/monthly/amount',
        '/applicant/residence/region',
        '/applicant/contacts',
        '/applicant/bank_card/number',
        '/applicant/id_card/valid_to',
        '/device/id_kind',
        '/documents/0',
        '/verifications/0/result',
        '/verifications/0/at',
        '/consents/0/parties',
        '/return_url',
      ]),
    );
  });

  test('an unknown path and a wrong method are told apart', async () => {
    expect((await door.acme.get('/v1/nothing')).status).toBe(404);
    const wrong = await door.acme.post('/v1/whoami', {});
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });
});
