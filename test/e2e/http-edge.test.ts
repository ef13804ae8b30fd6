import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDoor, type Door } from '../../src/http/app.ts';
import type { SigningParty } from '../../src/http/authenticate.ts';
import { mountDoors } from '../../src/http/mount-doors.ts';
import { type RunningServer, startServer } from '../../src/http/server.ts';
import { toFieldLines } from '../../src/trust/field-lines.ts';
import { signMessage } from '../../src/trust/sign-message.ts';
import { acme, acmeKey, admittedAfter, createTinyDoor, ORIGIN, signedHeaders, tinyDeps } from '../support/tiny-door.ts';

const HOST = 'gw.example';
let server: RunningServer;

function mount(door: Door<SigningParty>): Parameters<typeof startServer>[0] {
  const fallback = createDoor({ name: 'fallback' }, tinyDeps());
  return { fetch: mountDoors({ t: door }, fallback), host: '127.0.0.1', port: 0, publicUrl: () => ORIGIN };
}

beforeAll(async () => {
  server = await startServer(mount(createTinyDoor({ env: 'live' })));
});

afterAll(async () => {
  await server.close(0);
});

interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends bytes as they are and reads until the server closes or the answer is complete. */
function raw(text: string | readonly string[], to: RunningServer = server): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(to.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const finish = (): void => {
      socket.destroy();
      const [head = '', ...rest] = Buffer.concat(chunks).toString('utf8').split('\r\n\r\n');
      const [line = '', ...fields] = head.split('\r\n');
      const headers = fields.map((field) => [field.split(':')[0]?.toLowerCase(), field.split(': ')[1]]);
      resolve({
        status: Number(line.split(' ')[1]),
        headers: Object.fromEntries(headers),
        body: rest.join('\r\n\r\n'),
      });
    };
    socket.setTimeout(10_000, () => reject(new Error('no answer in 10 s')));
    socket.on('error', (error) => (chunks.length > 0 ? finish() : reject(error)));
    socket.on('close', finish);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      const answer = Buffer.concat(chunks).toString('utf8');
      const length = /content-length: (\d+)/i.exec(answer)?.[1];
      const start = answer.indexOf('\r\n\r\n') + 4;
      if (length !== undefined && Buffer.byteLength(answer.slice(start)) >= Number(length)) finish();
    });
    socket.on('connect', () => {
      for (const part of typeof text === 'string' ? [text] : text) socket.write(part);
    });
  });
}

function request(line: string, headers: Record<string, string> | readonly string[], body = ''): string {
  const fields = Array.isArray(headers) ? headers : Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${line} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body}`;
}

function codeOf(answer: RawAnswer): unknown {
  return JSON.parse(answer.body).code;
}

/** A signed POST in raw form; `extra` headers are not signed. */
function signedPost(body: string, options: { path?: string; type?: string; chunked?: boolean } = {}): string {
  const { path = '/t/echo', type, chunked = false } = options;
  const headers = signedHeaders({ path, body, headers: type === undefined ? {} : { 'content-type': type } });
  const length = Buffer.byteLength(body);
  if (!chunked) return request(`POST ${path}`, { Host: HOST, ...headers, 'Content-Length': String(length) }, body);
  const text = `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  return request(`POST ${path}`, { Host: HOST, ...headers, 'Transfer-Encoding': 'chunked' }, text);
}

describe('a signed request over a socket', () => {
  test('is answered, with its request id', async () => {
    const answer = await raw(signedPost('{"ref":"a"}'));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ party: 'acme', got: { ref: 'a' } });
    expect(answer.headers['sluice-request-id']).toMatch(/^req_/);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  test('is the same in chunks', async () => {
    expect((await raw(signedPost('{"ref":"a"}', { chunked: true }))).status).toBe(200);
  });

  test('is verified over the raw target: percent-encoding and quotes as they were sent', async () => {
    const [path, query] = ['/t/things', "?limit=7&cursor=a'b%2fc|^d"];
    const target = `${path}${query}`;
    const fields = toFieldLines([]);
    const created = Math.floor(Date.now() / 1_000);
    const signature = signMessage(
      { kind: 'request', method: 'GET', scheme: 'https', authority: HOST, target, path, query, fields },
      acmeKey,
      {
        covered: ['@method', '@authority', '@path', '@query'],
        created,
        expires: created + 60,
        nonce: 'raw',
        tag: 'sluice',
      },
    );
    const answer = await raw(request(`GET ${target}`, { Host: HOST, ...signature }));
    expect(answer.status).toBe(200);
  });

  test('tells ignored fields in Sluice-Warnings', async () => {
    const answer = await raw(signedPost('{"ref":"a","extra":1}'));
    expect([answer.status, answer.headers['sluice-warnings']]).toEqual([200, 'unknown_field /extra']);
  });

  test('in absolute form to our own name is the same request', async () => {
    const path = '/t/things?limit=3';
    const answer = await raw(request(`GET http://${HOST}${path}`, { Host: HOST, ...signedHeaders({ path }) }));
    expect(answer.status).toBe(200);
  });

  test('with a body changed on the way is digest_mismatch', async () => {
    const answer = await raw(signedPost('{"ref":"a"}').replace('{"ref":"a"}', '{"ref":"b"}'));
    expect([answer.status, codeOf(answer)]).toEqual([401, 'digest_mismatch']);
  });

  test('to a host that is not ours is refused even when the signature fits that host', async () => {
    const path = '/t/things';
    const headers = signedHeaders({ path, origin: 'https://evil.example' });
    const answer = await raw(request(`GET ${path}`, { Host: 'evil.example', ...headers }));
    expect([answer.status, codeOf(answer)]).toEqual([401, 'signature_invalid']);
  });

  test('from an address that the party does not call from is 403', async () => {
    const other = await startServer(mount(createTinyDoor({ party: { ...acme, allow_ips: ['192.0.2.1'] } })));
    const own = await startServer(mount(createTinyDoor({ party: { ...acme, allow_ips: ['127.0.0.0/8'] } })));
    expect((await raw(signedPost('{"ref":"a"}'), other)).status).toBe(403);
    expect((await raw(signedPost('{"ref":"a"}'), own)).status).toBe(200);
    await Promise.all([other.close(0), own.close(0)]);
  });
});

describe('ambiguous HTTP is 400 request_malformed', () => {
  test.each([
    ['two Host headers', request('GET /t/open', [`Host: ${HOST}`, 'Host: evil.example'])],
    ['the same Host twice', request('GET /t/open', [`Host: ${HOST}`, `Host: ${HOST}`])],
    ['absolute form to another authority', request('GET http://evil.example/t/open', { Host: HOST })],
    ['a dot segment', request('GET /t/../t/open', { Host: HOST })],
    ['an encoded dot segment', request('GET /t/%2e%2e/t/open', { Host: HOST })],
    ['a dot segment to nowhere', request('GET /x/../y', { Host: HOST })],
    ['an empty segment', request('GET //t/open', { Host: HOST })],
    [
      'two Content-Types',
      request('POST /t/echo', [`Host: ${HOST}`, 'Content-Type: a/b', 'Content-Type: a/c', 'Content-Length: 0']),
    ],
    ['a Host that is no host', request('GET /t/open', { Host: 'a b/c' })],
    ['no Host', 'GET /t/open HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'a second Host far down',
      request('GET /t/open', [
        `Host: ${HOST}`,
        ...Array.from({ length: 400 }, (_, i) => `X${i}: a`),
        'Host: evil.example',
      ]),
    ],
  ])('%s', async (_name, text) => {
    const answer = await raw(text);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'request_malformed']);
    expect(answer.headers['sluice-request-id']).toBe(JSON.parse(answer.body).request_id);
  });

  test.each([
    ['two lengths', request('POST /t/echo', [`Host: ${HOST}`, 'Content-Length: 1', 'Content-Length: 2'], 'ab')],
    [
      'length and chunks',
      request('POST /t/echo', [`Host: ${HOST}`, 'Content-Length: 3', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    ],
    ['no HTTP at all', 'hello there\r\n\r\n'],
  ])('%s is refused by the parser, in the same form', async (_name, text) => {
    const answer = await raw(text);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'request_malformed']);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['sluice-request-id']).toBe(JSON.parse(answer.body).request_id);
  });
});

describe('limits', () => {
  const big = `{"ref":"${'a'.repeat(300 * 1024)}"}`;

  test('300 KiB are 413, announced or in chunks', async () => {
    for (const chunked of [false, true]) {
      const answer = await raw(signedPost(big, { chunked }));
      expect([answer.status, codeOf(answer)]).toEqual([413, 'body_too_large']);
    }
  });

  test('an endless body is answered 413 before it ends', async () => {
    const head = request('POST /t/echo', { Host: HOST, 'Transfer-Encoding': 'chunked' });
    const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`;
    expect((await raw([head, ...Array.from({ length: 6 }, () => chunk)])).status).toBe(413);
  });

  test('a full 256 KiB pass the limit', async () => {
    const body = `{"ref":"${'a'.repeat(256 * 1024 - 10)}"}`;
    expect(Buffer.byteLength(body)).toBe(256 * 1024);
    expect((await raw(signedPost(body))).status).toBe(422);
  });

  test('headers beyond 16 KiB are 431', async () => {
    expect((await raw(request('GET /t/open', { Host: HOST, 'X-Long': 'a'.repeat(17_000) }))).status).toBe(431);
  });
});

describe('bodies and paths over a socket', () => {
  test.each([
    ['a duplicate key', signedPost('{"ref":"a","ref":"b"}'), 400, 'json_duplicate_key'],
    ['broken JSON', signedPost('{"ref":'), 400, 'json_invalid'],
    ['another media type', signedPost('{"ref":"a"}', { type: 'text/plain' }), 415, 'unsupported_media_type'],
    [
      'no body',
      request('POST /t/echo', {
        Host: HOST,
        ...signedHeaders({ path: '/t/echo', method: 'POST' }),
        'Content-Length': '0',
      }),
      422,
      'validation_failed',
    ],
    [
      'no signature',
      request('POST /t/echo', { Host: HOST, 'Content-Type': 'application/json', 'Content-Length': '2' }, '{}'),
      401,
      'signature_missing',
    ],
    ['an unknown path', request('GET /t/absent', { Host: HOST }), 404, 'not_found'],
    ['an unknown door', request('GET /absent', { Host: HOST }), 404, 'not_found'],
  ])('%s', async (_name, text, status, code) => {
    const answer = await raw(text);
    expect([answer.status, codeOf(answer)]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['sluice-request-id']).toBe(JSON.parse(answer.body).request_id);
  });

  test('a connection goes on after an error', async () => {
    const answer = await raw([
      request('GET /t/absent', { Host: HOST }),
      request('GET /t/open', { Host: HOST, Connection: 'close' }),
    ]);
    expect(answer.status).toBe(404);
  });
});

describe('clients that hold on', () => {
  /** Closed for good, both ways: what a client writes then is refused. */
  const isCut = (socket: Socket): Promise<boolean> =>
    new Promise((resolve) => {
      socket.once('error', () => resolve(true));
      socket.once('close', () => resolve(true));
      const probe = setInterval(() => socket.write('x'), 100);
      setTimeout(() => resolve(false), 5_000).unref();
      socket.once('close', () => clearInterval(probe));
    });

  test('who is refused and does not close is cut off all the same', async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('CONNECT gw.example:443 HTTP/1.1\r\nHost: gw.example\r\n\r\n');
    await once(socket, 'data');
    expect(await isCut(socket)).toBe(true);
    socket.destroy();
  });

  test('who asks and never reads the answer is cut off', async () => {
    const length = 64 * 1_024 * 1_024;
    const door = createTinyDoor({ env: 'live' });
    door.get('/t/long', () => new Response(new Uint8Array(length)));
    const stalling = await startServer({ ...mount(door), stalledMs: 300 });
    const socket = connect({ port: stalling.port, host: '127.0.0.1' });
    socket.pause();
    socket.write('GET /t/long HTTP/1.1\r\nHost: gw.example\r\n\r\n');
    await delay(1_500);
    let got = 0;
    socket.on('data', (chunk) => {
      got += chunk.length;
    });
    socket.on('error', () => undefined);
    socket.resume();
    await once(socket, 'close');
    expect(got).toBeLessThan(length);
    await stalling.close(0);
  });
});

describe('closing', () => {
  test('a request under way is finished, new connections are refused, idle ones do not hold it up', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = await startServer(mount(createTinyDoor({ admissions: admittedAfter(held) })));
    const idle = connect(slow.port, '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    const answer = raw(signedPost('{"ref":"a"}'), slow);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = slow.close(5_000);
    await expect(raw(signedPost('{"ref":"a"}'), slow)).rejects.toThrow();
    release();
    expect((await answer).status).toBe(200);
    const before = Date.now();
    await closed;
    expect(Date.now() - before).toBeLessThan(2_000);
    idle.destroy();
  });

  test('a request that does not finish is cut at the deadline', async () => {
    const stuck = await startServer(mount(createTinyDoor({ admissions: admittedAfter(new Promise(() => undefined)) })));
    const answer = raw(signedPost('{"ref":"a"}'), stuck).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = Date.now();
    await stuck.close(200);
    expect(Date.now() - before).toBeLessThan(1_000);
    await answer;
  });
});
