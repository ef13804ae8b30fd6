import { hash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOCUMENT_MAX_BYTES } from '../../src/applications/documents/document.ts';
import { LARGE_BODIES_LIMIT_BYTES } from '../../src/http/large-bodies.ts';
import { sandboxSigningKey } from '../../src/sandbox/sandbox-keys.ts';
import { contentDigest } from '../../src/trust/content-digest.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { FORM_TYPE, photo, sendSigned, uploadForm } from '../support/documents.ts';
import { editedPartners } from '../support/edited-partners.ts';
import { type FakeCore, startFakeCore } from '../support/fake-core.ts';
import { createDataDir, testVariables } from '../support/gateway.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';
import { type LoggedGateway, startLoggedGateway } from '../support/logged-gateway.ts';
import { freshKey } from '../support/open-door.ts';
import { shippedKey } from '../support/signed-client.ts';

const quickcredit = freshKey('quickcredit-docs');
const bluewave = sandboxSigningKey(Buffer.from(testVariables('').SLUICE_SECRET ?? ''), 'bluewave');
const acme = shippedKey('acme');

let dataDir: string;
let partners: string;
let core: FakeCore;
let gateway: LoggedGateway;

beforeAll(async () => {
  dataDir = createDataDir();
  core = await startFakeCore((push) => ({ status: 202, body: { result: 'accepted', lender_ref: `Q-${push.key}` } }));
  const { kty, crv, x } = quickcredit.keyObject.export({ format: 'jwk' }) as Record<string, string>;
  const key = `{ id: ${quickcredit.id}, alg: ed25519, jwk: { kty: ${kty}, crv: ${crv}, x: "${x}" } }`;
  partners = editedPartners([
    'lending/quickcredit/lender.yaml',
    '\ncore: sandbox\nkeys: []',
    `\ncore: { url: "${core.url}" }\nkeys: [${key}]`,
  ]);
  gateway = await start();
});
afterAll(async () => {
  await gateway.stop();
  await core.close();
  rmSync(partners, { recursive: true });
  rmSync(dataDir, { recursive: true, force: true });
});

const start = (): Promise<LoggedGateway> =>
  startLoggedGateway(dataDir, { SLUICE_PARTNERS: partners, SLUICE_LOG_LEVEL: 'info' });
const upload = (file: Buffer, kind = 'id_front', key = acme) =>
  sendSigned(`${gateway.url}/v1/documents`, key, uploadForm({ kind, file }));
const fetchAs = (key: typeof acme, id: string) => sendSigned(`${gateway.url}/lender/v1/documents/${id}`, key);
const fileOf = (id: string): string => join(dataDir, 'documents', id.slice(4, 6), id);

async function uploaded(file: Buffer): Promise<string> {
  const answer = await upload(file);
  if (answer.status !== 201) throw new Error(answer.bytes.toString());
  return String(answer.json().id);
}

async function apply(documents: readonly object[], ref: string, person = nextPerson()) {
  const input = applicationFor(await shippedRegistry(), person, ref);
  return gateway.acme.post('/v1/applications', { ...input, documents });
}

async function pushOf(applicationId: string): Promise<Record<string, unknown>> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const push = core.received.find(({ body }) => body.application_id === applicationId);
    if (push) return push.body;
    await delay(20);
  }
  throw new Error('nothing was pushed');
}

describe('a photo from the partner to the lender', () => {
  const bytes = photo('from end to end ', 200_000);
  const person = nextPerson();
  let id: string;
  let applicationId: string;

  test('is taken in, named in the push, and fetched by the lender as it was sent', async () => {
    const answer = await upload(bytes);
    const known = { kind: 'id_front', sha256: hash('sha256', bytes), content_type: 'image/jpeg', bytes: bytes.length };
    expect([answer.status, answer.json()]).toEqual([
      201,
      { ...known, id: expect.any(String), expires_at: expect.any(String) },
    ]);
    id = String(answer.json().id);
    const again = await upload(bytes);
    expect([again.status, again.json().id, again.headers.get('idempotent-replayed')]).toEqual([201, id, 'true']);
    const applied = await apply([{ kind: 'id_front', document_id: id }], 'DOC-1', person);
    expect(applied).toMatchObject({ status: 201, body: { status: 'received' } });
    applicationId = applied.body.id;
    expect((await pushOf(applicationId)).documents).toEqual([{ ...known, document_id: id }]);
    const fetched = await fetchAs(quickcredit, id);
    expect([fetched.status, fetched.bytes.equals(bytes)]).toEqual([200, true]);
    expect(Object.fromEntries(fetched.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(bytes.length),
      'content-digest': contentDigest(bytes),
      'cache-control': 'no-store',
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
    });
  });

  test('is nobody else’s: another partner cannot use it, another lender does not find it, nor anybody an unknown one', async () => {
    const input = applicationFor(await shippedRegistry(), nextPerson(), 'DOC-2');
    const theirs = await gateway.summit.post('/v1/applications', {
      ...input,
      documents: [{ kind: 'id_front', document_id: id }],
    });
    expect(theirs).toMatchObject({
      status: 422,
      body: { code: 'document_unknown', errors: [{ pointer: '/documents/0/document_id', code: 'document_unknown' }] },
    });
    const [foreign, unknown] = [await fetchAs(bluewave, id), await fetchAs(quickcredit, `doc_${'0'.repeat(32)}`)];
    const unused = await fetchAs(quickcredit, await uploaded(photo('nobody applied with it')));
    for (const { status, json } of [foreign, unknown, unused])
      expect([status, json().code]).toEqual([404, 'not_found']);
  });

  test('was on disk when it was answered: kill -9 of the gateway loses nothing', async () => {
    const late = photo('just before the end ', 700_000);
    const lateId = await uploaded(late);
    await gateway.kill();
    gateway = await start();
    expect((await fetchAs(quickcredit, id)).bytes.equals(bytes)).toBe(true);
    const applied = await apply([{ kind: 'id_front', document_id: lateId }], 'DOC-3');
    expect(applied.body.status).toBe('received');
    const fetched = await fetchAs(quickcredit, lateId);
    expect([fetched.status, fetched.bytes.equals(late)]).toEqual([200, true]);
  });

  test('is never in Redis, and its reading is a line that names ids alone', async () => {
    const redis = await gateway.redis();
    const keys = await redis.keys('*');
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    redis.disconnect();
    const all = Buffer.concat([Buffer.from(keys.join('\n')), ...values.map((value) => value ?? Buffer.alloc(0))]);
    expect(all.includes('from end to end')).toBe(false);
    expect(all.includes('person.jpg')).toBe(false);
    expect(all.includes(hash('sha256', bytes))).toBe(true);
    await delay(300);
    const read = gateway.lines().filter(({ access }) => access?.purpose === 'lender_document');
    expect(read.map(({ access }) => access)).toContainEqual({
      purpose: 'lender_document',
      application_id: applicationId,
      actor: 'quickcredit',
      outcome: 'opened',
    });
    expect(gateway.output()).not.toContain('person.jpg');
  });

  test('that was damaged on disk is 410, never a part of it; one that is not there now is 503', async () => {
    const [cut, gone] = [await uploaded(photo('cut ', 150_000)), await uploaded(photo('gone '))];
    await apply(
      [cut, gone].map((one) => ({ kind: 'id_front', document_id: one })),
      'DOC-4',
    );
    writeFileSync(fileOf(cut), Buffer.alloc(100_000));
    rmSync(fileOf(gone));
    const [damaged, missing] = [await fetchAs(quickcredit, cut), await fetchAs(quickcredit, gone)];
    expect([damaged.status, damaged.json().code]).toEqual([410, 'document_damaged']);
    expect([missing.status, missing.headers.get('retry-after')]).toEqual([503, '30']);
  });

  test('goes when the person is erased: from the disk, and from the lender’s reach', async () => {
    expect(existsSync(fileOf(id))).toBe(true);
    const subject = { phone: person.phone, id_number: person.idNumber };
    const ask = (verb: string, more: object = {}) =>
      gateway.operator.post(`/admin/v1/subjects/${verb}`, { subject, reason: 'request 1', ...more });
    const exported = await ask('export');
    expect(exported.body.applications[0].others.documents).toMatchObject([{ document_id: id, kind: 'id_front' }]);
    expect((await ask('erase', { force: true })).body.applications).toMatchObject([{ result: 'erased' }]);
    expect(existsSync(fileOf(id))).toBe(false);
    expect((await fetchAs(quickcredit, id)).status).toBe(404);
  });
});

describe('what is not taken in', () => {
  const send = (body: Buffer, type?: string) => sendSigned(`${gateway.url}/v1/documents`, acme, body, type);

  test('10 MiB are, one byte more is 413', async () => {
    expect((await upload(photo('x', DOCUMENT_MAX_BYTES))).status).toBe(201);
    const over = await upload(photo('x', DOCUMENT_MAX_BYTES + 1));
    expect([over.status, over.json().code]).toEqual([413, 'body_too_large']);
    const much = await send(photo('x', DOCUMENT_MAX_BYTES + 1_000_000));
    expect([much.status, much.json().code]).toEqual([413, 'body_too_large']);
  });

  test.each([
    ['no file', { kind: 'face' }, 422, '/file', 'required'],
    ['no kind', { file: photo('a') }, 422, '/kind', 'required'],
    ['an unknown kind', { kind: 'selfie', file: photo('a') }, 422, '/kind', 'not_allowed'],
    ['an empty file', { kind: 'face', file: Buffer.alloc(0) }, 422, '/file', 'too_small'],
    [
      'a PDF that says it is a JPEG',
      { kind: 'face', file: Buffer.from('%PDF-1.7') },
      422,
      '/file',
      'content_type_mismatch',
    ],
  ])('%s', async (_, form, status, pointer, code) => {
    const answer = await send(uploadForm(form));
    expect([answer.status, answer.json().errors]).toEqual([status, [expect.objectContaining({ pointer, code })]]);
  });

  test('several files at once, other fields, other media types, JSON, a body that was not what was signed', async () => {
    const one = uploadForm({ file: photo('a') }).subarray(0, -'--a-boundary-of-the-tests--\r\n'.length);
    const twice = await send(Buffer.concat([one, uploadForm({ kind: 'face', file: photo('b') })]));
    expect(twice.json().errors).toMatchObject([{ pointer: '/file', code: 'not_allowed' }]);
    const renamed = Buffer.from(uploadForm({ kind: 'face' }).toString().replace('"kind"', '"sort"'));
    expect((await send(renamed)).json().errors).toContainEqual(
      expect.objectContaining({ pointer: '/sort', code: 'unknown_field' }),
    );
    const html = uploadForm({ kind: 'face', file: Buffer.from('<html>'), type: 'image/jpeg' });
    const gif = uploadForm({ kind: 'face', file: photo('a'), type: 'image/gif' });
    const refused = [await send(html), await send(gif), await send(Buffer.from('{}'), 'application/json')];
    expect(refused.map(({ status }) => status)).toEqual([415, 415, 415]);
    const url = `${gateway.url}/v1/documents`;
    const headers = { 'content-type': FORM_TYPE };
    const [signed, sent] = [
      uploadForm({ kind: 'face', file: photo('a') }),
      uploadForm({ kind: 'face', file: photo('b') }),
    ];
    const signature = signRequest({
      method: 'POST',
      url,
      headers,
      body: signed,
      key: acme,
      createdSeconds: Date.now() / 1_000,
    });
    const swapped = await fetch(url, {
      method: 'POST',
      headers: { ...headers, ...signature },
      body: new Uint8Array(sent),
    });
    expect([swapped.status, ((await swapped.json()) as { code: string }).code]).toEqual([401, 'digest_mismatch']);
    const folders = readdirSync(join(dataDir, 'documents'));
    expect(
      folders
        .flatMap((name) => readdirSync(join(dataDir, 'documents', name)))
        .filter((name) => !/^doc_[0-9a-f]{32}$/.test(name)),
    ).toEqual([]);
  });
});

describe('uploads at once', () => {
  /** Announces so many bytes and waits; what is signed of the body is looked at when it is here. */
  const begin = (bytes: number, isSigned: boolean): ClientRequest => {
    const url = `${gateway.url}/v1/documents`;
    const content = { 'content-type': FORM_TYPE };
    const signed = { method: 'POST', url, headers: content, body: 'x', key: acme, createdSeconds: Date.now() / 1_000 };
    const headers = { ...content, ...(isSigned ? signRequest(signed) : {}), 'content-length': String(bytes) };
    const begun = request(url, { method: 'POST', headers: { ...headers, expect: '100-continue' } });
    begun.on('error', () => undefined);
    begun.flushHeaders();
    return begun;
  };
  const small = photo('one more ', 100_000);
  const statusBecomes = async (status: number) => {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      const answer = await upload(small);
      if (answer.status === status) return answer;
      await delay(20);
    }
    throw new Error(`no upload was answered ${status}`);
  };

  test('hold a bounded memory: one too many is told to come back, strangers hold none of it', async () => {
    const stranger = begin(DOCUMENT_MAX_BYTES, false);
    const turnedAway = await new Promise<number | undefined>((resolve) =>
      stranger.on('response', ({ statusCode }) => resolve(statusCode)),
    );
    expect(turnedAway).toBe(401);
    stranger.destroy();
    const whole = Math.floor(LARGE_BODIES_LIMIT_BYTES / DOCUMENT_MAX_BYTES);
    const rest = LARGE_BODIES_LIMIT_BYTES - whole * DOCUMENT_MAX_BYTES - small.length;
    const slow = [...Array<number>(whole).fill(DOCUMENT_MAX_BYTES), rest].map((bytes) => begin(bytes, true));
    // The server says so when it has seen the head.
    await Promise.all(slow.map((one) => once(one, 'continue')));
    const refused = await statusBecomes(503);
    expect([refused.json().code, refused.headers.get('retry-after')]).toEqual(['dependency_unavailable', '1']);
    for (const one of slow) one.destroy();
    await statusBecomes(201);
  });
});
