import { createRoute, z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { createDoor } from '../../../src/http/app.ts';
import {
  acme,
  createTinyDoor,
  memoryAdmissions,
  ORIGIN,
  sendSigned,
  signedHeaders,
  tinyDeps,
} from '../../support/tiny-door.ts';

const ECHO = '/t/echo';

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Record<string, unknown>;
}

describe('authentication at a door', () => {
  test('a signed request reaches its operation with party and validated body', async () => {
    const response = await sendSigned(createTinyDoor(), { path: ECHO, body: '{"ref":"a"}' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ party: 'acme', got: { ref: 'a' } });
    expect(response.headers.get('sluice-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('an unsigned request is 401 and told in Accept-Signature what to sign', async () => {
    const response = await createTinyDoor().request(`${ORIGIN}${ECHO}?x=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"ref":"a"}',
    });
    expect(response.status).toBe(401);
    expect((await problemOf(response)).code).toBe('signature_missing');
    expect(response.headers.get('accept-signature')).toMatch(
      /^sig=\("@method" "@authority" "@path" "@query" "content-type" "content-digest"\);created;expires;nonce="[^"]+";tag="sluice"$/,
    );
  });

  test('the same nonce a second time is signature_replayed', async () => {
    const door = createTinyDoor();
    const parts = { path: ECHO, body: '{"ref":"a"}', nonce: 'n-1' };
    expect((await sendSigned(door, parts)).status).toBe(200);
    const again = await sendSigned(door, parts);
    expect(again.status).toBe(401);
    expect((await problemOf(again)).code).toBe('signature_replayed');
    expect(again.headers.get('accept-signature')).not.toBeNull();
  });

  test('an unknown key answers the same whatever else is wrong with the request', async () => {
    const door = createTinyDoor();
    const headers = signedHeaders({ path: ECHO, body: '{"ref":"a"}' });
    const renamed = { ...headers, 'Signature-Input': headers['Signature-Input']?.replace('acme-ed', 'nobody') ?? '' };
    const answers = await Promise.all(
      ['{"ref":"a"}', '{"ref":"b"}'].map((body) =>
        door.request(`${ORIGIN}${ECHO}`, { method: 'POST', headers: renamed, body }),
      ),
    );
    const problems = await Promise.all(answers.map(problemOf));
    const [one, two] = problems.map(({ request_id: _, ...rest }) => rest);
    expect(one).toEqual(two);
    expect(one?.code).toBe('key_unknown');
  });

  test('a refusal of the quota spends no nonce, so the same request may come again', async () => {
    let full = true;
    const roomy = memoryAdmissions();
    const door = createTinyDoor({
      admissions: {
        admit: async (request) => (full ? { kind: 'limited', retryInSeconds: 1 } : roomy.admit(request)),
      },
    });
    const parts = { path: ECHO, body: '{"ref":"a"}', nonce: 'n-2' };
    const turnedAway = await sendSigned(door, parts);
    expect([turnedAway.status, turnedAway.headers.get('retry-after')]).toEqual([429, '1']);
    full = false;
    expect((await sendSigned(door, parts)).status).toBe(200);
  });

  test('a party with allow_ips is forbidden from elsewhere, after its signature was checked', async () => {
    const door = createTinyDoor({ party: { ...acme, allow_ips: ['192.0.2.0/24'] } });
    const response = await sendSigned(door, { path: ECHO, body: '{"ref":"a"}' });
    expect(response.status).toBe(403);
    expect((await problemOf(response)).code).toBe('forbidden');
  });

  test('nonces that cannot be looked up are 503 with Retry-After, never 401', async () => {
    const admissions = { admit: async () => Promise.reject(new Error('Connection is closed.')) };
    const response = await sendSigned(createTinyDoor({ admissions }), { path: ECHO, body: '{"ref":"a"}' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await problemOf(response)).code).toBe('dependency_unavailable');
  });

  test('an operation with empty security is public', async () => {
    expect((await createTinyDoor().request(`${ORIGIN}/t/open`)).status).toBe(200);
  });
});

describe('bodies', () => {
  const send = (body: string, headers?: Record<string, string>, env: 'sandbox' | 'live' = 'sandbox') =>
    sendSigned(createTinyDoor({ env }), { path: ECHO, body, headers });

  test.each([
    ['text/plain', 415],
    ['application/xml', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json; charset=gbk', 415],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON', 200],
  ])('content type %s is %i', async (type, status) => {
    const response = await send('{"ref":"a"}', { 'content-type': type });
    expect(response.status).toBe(status);
  });

  test('a compressed body is 415', async () => {
    const response = await send('{"ref":"a"}', { 'content-encoding': 'gzip' });
    expect((await problemOf(response)).code).toBe('unsupported_media_type');
  });

  test('a duplicate key is json_duplicate_key with its place', async () => {
    const response = await send('{"ref":"a","amount":{"amount":1,"amount":2,"currency":"CNY"}}');
    expect(response.status).toBe(400);
    const problem = await problemOf(response);
    expect(problem.code).toBe('json_duplicate_key');
    expect(problem.errors).toMatchObject([{ pointer: '/amount/amount' }]);
  });

  test('text that is no JSON is json_invalid and does not quote it', async () => {
    const response = await send('{"ref":"13800138000"');
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text).code).toBe('json_invalid');
    expect(text).not.toContain('13800138000');
  });

  test('no body is validation_failed: the handler never runs with an empty object', async () => {
    const response = await sendSigned(createTinyDoor(), { path: ECHO, method: 'POST' });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toEqual([{ pointer: '', code: 'required', message: 'is required' }]);
  });

  test('every fault is named with pointer and code', async () => {
    const response = await send('{"amount":{"amount":1.5,"currency":"rmb"},"items":[{"n":1},{"n":"x"}]}');
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({
      code: 'validation_failed',
      status: 422,
      type: `${ORIGIN}/docs/problems#validation_failed`,
    });
    const errors = problem.errors as { pointer: string; code: string }[];
    expect(errors.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/ref', 'required'],
      ['/amount/amount', 'type'],
      ['/amount/currency', 'format'],
      ['/items/1/n', 'type'],
    ]);
  });

  test('an unknown field is refused in sandbox, with its pointer, at any depth and inside unions', async () => {
    const response = await send(
      '{"ref":"a","x":1,"amount":{"amount":1,"currency":"CNY","y":2},"phone":{"md5":"abcd","z":3}}',
    );
    expect(response.status).toBe(422);
    const errors = (await problemOf(response)).errors as { pointer: string; code: string }[];
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/amount/y', '/phone/z', '/x']);
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['unknown_field']));
  });

  test('an unknown field is ignored in live and named in Sluice-Warnings', async () => {
    const body = '{"ref":"a","x,\\r\\n中":1,"amount":{"amount":1,"currency":"CNY","y":2},"phone":{"md5":"abcd","z":3}}';
    const response = await send(body, undefined, 'live');
    expect(response.status).toBe(200);
    expect(((await response.json()) as { got: unknown }).got).toEqual({
      ref: 'a',
      amount: { amount: 1, currency: 'CNY' },
      phone: { md5: 'abcd' },
    });
    const warnings = response.headers.get('sluice-warnings')?.split(', ').sort();
    expect(warnings).toEqual([
      'unknown_field /amount/y',
      'unknown_field /phone/z',
      'unknown_field /x%2C%0D%0A%E4%B8%AD',
    ]);
  });

  test('in live other faults stay faults beside unknown fields, and only they are told', async () => {
    const response = await send('{"ref":"far too long","x":1}', undefined, 'live');
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ pointer: '/ref', code: 'too_big' }]);
  });

  test('another media type is taken where the operation names it, up to its own limit', async () => {
    const door = createTinyDoor();
    const headers = { 'content-type': 'text/csv' };
    const response = await sendSigned(door, { path: '/t/file', body: 'x'.repeat(500_000), headers });
    expect(await response.json()).toEqual({ n: 500_000 });
    expect((await sendSigned(door, { path: '/t/file', body: '{}' })).status).toBe(415);
  });
});

describe('queries, paths and problems', () => {
  test('a query is coerced, defaulted and held to its limits', async () => {
    const door = createTinyDoor();
    expect(await (await sendSigned(door, { path: '/t/things?limit=7' })).json()).toEqual({ limit: 7 });
    expect(await (await sendSigned(door, { path: '/t/things' })).json()).toEqual({ limit: 50 });
    const faulty = await sendSigned(door, { path: '/t/things?limit=900&owner=me&sort=x' });
    expect((await problemOf(faulty)).errors).toMatchObject([
      { pointer: '/limit', in: 'query', code: 'too_big' },
      { pointer: '/owner', in: 'query', code: 'format' },
      { pointer: '/sort', in: 'query', code: 'unknown_field' },
    ]);
    expect((await sendSigned(door, { path: '/t/things?limit=1&limit=2' })).status).toBe(422);
  });

  test('a path id without the shape of one is 404', async () => {
    const door = createTinyDoor();
    expect((await sendSigned(door, { path: '/t/things/app_nope' })).status).toBe(404);
    const id = `app_${'0'.repeat(32)}`;
    expect(await (await sendSigned(door, { path: `/t/things/${id}` })).json()).toEqual({ id });
  });

  test('an unknown path is 404, a known one with another method is 405 with Allow', async () => {
    const door = createTinyDoor();
    const absent = await door.request(`${ORIGIN}/t/absent`);
    expect([absent.status, (await problemOf(absent)).code]).toEqual([404, 'not_found']);
    const wrong = await door.request(`${ORIGIN}/t/echo`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('a fault of ours is 500 and neither told nor lost', async () => {
    const log: string[] = [];
    const response = await createTinyDoor({ log }).request(`${ORIGIN}/t/fail/fault`);
    expect(response.status).toBe(500);
    const problem = await problemOf(response);
    expect(problem.code).toBe('internal_error');
    expect(JSON.stringify(problem)).not.toContain('phone');
    const logged = log.map((line) => JSON.parse(line));
    expect(logged[0]).toMatchObject({ msg: 'fault', request_id: problem.request_id });
    expect(logged[1]).toMatchObject({ msg: 'request', status: 500, code: 'internal_error' });
  });

  test('an unusable Redis is 503 with Retry-After', async () => {
    const response = await createTinyDoor().request(`${ORIGIN}/t/fail/redis`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });

  test.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', '请求未签名', 'zh'],
    ['en;q=0.5, zh;q=0.4', 'The request is not signed', 'en'],
    ['fr', 'The request is not signed', 'en'],
  ])('the title follows Accept-Language %s', async (accept, title, language) => {
    const response = await createTinyDoor().request(`${ORIGIN}/t/things`, { headers: { 'accept-language': accept } });
    expect((await problemOf(response)).title).toBe(title);
    expect(response.headers.get('content-language')).toBe(language);
  });
});

describe('the log and the metrics', () => {
  test('one line a request, by pattern: no query, no id, no body', async () => {
    const log: string[] = [];
    await sendSigned(createTinyDoor({ log }), { path: `/t/things/app_${'1'.repeat(32)}` });
    await sendSigned(createTinyDoor({ log }), { path: '/t/things?limit=3' });
    expect(log).toHaveLength(2);
    expect(JSON.parse(log[0] ?? '')).toMatchObject({
      door: 'tiny',
      method: 'GET',
      route: '/t/things/{id}',
      status: 200,
      party: 'acme',
      key_id: 'acme-ed',
      bytes_in: 0,
    });
    expect(log.join('')).not.toMatch(/limit=|1{32}/);
  });

  test('durations are counted by door, method, pattern and status', async () => {
    const deps = tinyDeps();
    const door = createDoor({ name: 'tiny' }, deps);
    door.openapi(
      createRoute({
        method: 'get',
        path: '/m/{id}',
        request: { params: z.object({ id: z.string() }) },
        responses: { 200: { description: 'x' } },
      }),
      (c) => c.text('ok'),
    );
    await door.request(`${ORIGIN}/m/1`);
    await door.request(`${ORIGIN}/m/2`);
    await door.request(`${ORIGIN}/absent`);
    const text = await deps.metrics.registry.metrics();
    expect(text).toContain(
      'sluice_http_request_duration_seconds_count{door="tiny",method="GET",route="/m/{id}",status="200"} 2',
    );
    expect(text).toContain(
      'sluice_http_request_duration_seconds_count{door="tiny",method="GET",route="(none)",status="404"} 1',
    );
  });
});

describe('registration', () => {
  const responses = { 200: { description: 'x' } };

  test('a body that is not required is refused at start', () => {
    const door = createDoor({ name: 'x' }, tinyDeps());
    const route = createRoute({
      method: 'post',
      path: '/x',
      request: { body: { content: { 'application/json': { schema: z.object({}) } } } },
      responses,
    });
    expect(() => door.openapi(route, (c) => c.text(''))).toThrow(/POST \/x: a body must be required/);
  });

  test('a hidden route answers and is not in the document', async () => {
    const door = createDoor({ name: 'x' }, tinyDeps());
    door.openapi(createRoute({ method: 'get', path: '/hidden', hide: true, responses }), (c) => c.text('here'));
    expect((await door.request(`${ORIGIN}/hidden`)).status).toBe(200);
    expect(door.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'x', version: '1' } }).paths).toEqual({});
  });
});
