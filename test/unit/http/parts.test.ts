import { createRoute, z } from '@hono/zod-openapi';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acceptLanguage } from '../../../src/http/accept-language.ts';
import { isAllowedAddress } from '../../../src/http/allowed-address.ts';
import { createDoor } from '../../../src/http/app.ts';
import { type Actor, operatorBearer, requireRole } from '../../../src/http/bearer.ts';
import { createLogger, describeError } from '../../../src/http/logger.ts';
import { mountDoors } from '../../../src/http/mount-doors.ts';
import { decodeCursor, encodeCursor } from '../../../src/http/pagination.ts';
import { warningsHeader } from '../../../src/http/parse-body.ts';
import { problems } from '../../../src/http/problem-catalogue.ts';
import { commonProblems, problemResponses } from '../../../src/http/problem-responses.ts';
import { ORIGIN, tinyDeps } from '../../support/tiny-door.ts';

describe('the catalogue of problems', () => {
  test('every problem has titles and advice in both languages', () => {
    for (const [code, { status, title, fix }] of Object.entries(problems)) {
      expect(code).toMatch(/^[a-z0-9_]+$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title.zh + fix.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(Math.min(title.en.length, fix.en.length)).toBeGreaterThan(8);
    }
  });

  test('responses of a route group codes by status and name them', () => {
    const responses = problemResponses('not_found', 'validation_failed', 'idempotency_conflict', 'not_found');
    expect(Object.keys(responses)).toEqual(['404', '422']);
    expect(responses[422].description).toMatch(/`validation_failed`.*`idempotency_conflict`/);
    expect(Object.keys(problemResponses(...commonProblems))).toContain('503');
  });
});

describe('operators', () => {
  const operators = new Map<string, Actor>();
  const door = createDoor(
    {
      name: 'operator',
      authenticate: operatorBearer(
        {
          adminToken: 'bootstrap-token-0001',
          findOperator: async (digest) => operators.get(digest),
        },
        () => 'any',
      ),
    },
    tinyDeps(),
  );
  const answer = z.object({ name: z.string(), role: z.string() });
  const responses = { 200: { description: 'x', content: { 'application/json': { schema: answer } } } };
  door.openapi(createRoute({ method: 'get', path: '/me', responses }), (c) => c.json(requireRole(c, 'finance'), 200));
  const ask = (authorization?: string) =>
    door.request(`${ORIGIN}/me`, { headers: authorization === undefined ? {} : { authorization } });

  test('the bootstrap token is an admin', async () => {
    const response = await ask('Bearer bootstrap-token-0001');
    expect(await response.json()).toEqual({ name: 'bootstrap', role: 'admin' });
  });

  test.each([undefined, 'Bearer', 'Bearer wrong', 'Basic bootstrap-token-0001', 'Bearer bootstrap-token-00010'])(
    '%s is 401 with a challenge',
    async (authorization) => {
      const response = await ask(authorization);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="sluice"']);
    },
  );

  test('an operator is found by the digest of the token and held to the role', async () => {
    const { createHash } = await import('node:crypto');
    const digest = (token: string) => createHash('sha256').update(token).digest('hex');
    operators.set(digest('tok-fin'), { name: 'li', role: 'finance' });
    operators.set(digest('tok-sup'), { name: 'wu', role: 'support' });
    expect((await ask('Bearer tok-fin')).status).toBe(200);
    expect((await ask('Bearer tok-sup')).status).toBe(403);
  });
});

describe('small parts', () => {
  test('cursors come back as they went', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), (parts) => {
        expect(decodeCursor(encodeCursor(parts), parts.length)).toEqual(parts);
      }),
    );
    expect(decodeCursor(undefined, 2)).toBeUndefined();
  });

  test('a cursor that we did not make is a validation problem, whatever it is', () => {
    for (const text of ['', 'x', 'bm90IGpzb24', encodeCursor(['a']), 'WzFd']) {
      expect(() => decodeCursor(text, 2)).toThrow(/next_cursor/);
    }
  });

  test('warnings hold only visible ASCII, whatever the names were', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 40 }), (pointers) => {
        expect(warningsHeader(pointers) ?? '').toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test('any Accept-Language gives a language', () => {
    fc.assert(fc.property(fc.string(), (value) => ['en', 'zh'].includes(acceptLanguage(value))));
    expect(acceptLanguage('zh;q=0')).toBe('en');
    expect(acceptLanguage('en;q=0.1,zh-Hant')).toBe('zh');
  });

  test('addresses are matched by block, IPv4 in IPv6 too', () => {
    const ranges = ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'];
    const inside = ['192.0.2.200', '::ffff:192.0.2.1', '2001:db8::5', '198.51.100.7'];
    const outside = ['192.0.3.1', '2001:db9::1', '198.51.100.8', undefined];
    expect(inside.every((address) => isAllowedAddress(ranges, address))).toBe(true);
    expect(outside.some((address) => isAllowedAddress(ranges, address))).toBe(false);
    expect(isAllowedAddress([], undefined)).toBe(true);
  });

  test('doors are chosen by the whole first segment', async () => {
    const named = (name: string) => ({ fetch: () => new Response(name) });
    const fetch = mountDoors({ v1: named('v1'), r: named('r') }, named('rest'));
    const ask = async (path: string) =>
      (await fetch(new Request(`https://gw.example${path}`), {} as Parameters<typeof fetch>[1])).text();
    const paths = ['/v1/x', '/v1', '/v1?x', '/v12/x', '/r/a', '/', '/readyz'];
    expect(await Promise.all(paths.map(ask))).toEqual(['v1', 'v1', 'v1', 'rest', 'r', 'rest', 'rest']);
  });
});

describe('the logger', () => {
  test('names that carry identities or secrets are cut out, at any depth', () => {
    const lines: string[] = [];
    const logger = createLogger('info', { write: (line) => void lines.push(line) });
    logger.info({ phone: '13800138000', request: { id_number: '11010519491231002X', token: 's3cret' }, ms: 1 }, 'x');
    expect(lines.join('')).not.toMatch(/13800138000|11010519491231002X|s3cret/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', ms: 1, msg: 'x' });
  });

  test('without a destination it writes to standard output', () => {
    expect(() => createLogger('silent')).not.toThrow();
  });

  test('an error shows type, message and stack, not what hangs on it', () => {
    const error = Object.assign(new Error('ERR wrong'), {
      command: { args: ['13800138000'] },
      cause: new Error('why'),
    });
    const described = describeError(error);
    expect(described).toMatchObject({ type: 'Error', message: 'ERR wrong', cause: { message: 'why' } });
    expect(JSON.stringify(described)).not.toContain('13800138000');
  });
});
