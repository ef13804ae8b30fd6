import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LinkStore } from '../../../src/attribution/link-store.ts';
import { redirectDirectly } from '../../../src/doors/referral/redirect-directly.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import type { DoorDeps } from '../../../src/http/app.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { loggedClicks } from '../../support/click-counter.ts';
import { type OpenDoor, openDoor } from '../../support/open-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';

let redis: TestRedis;
let referral: TestReferral;
/** As a gateway has it: redirects are answered before the door. */
let door: OpenDoor;
/** The door alone. */
let plain: OpenDoor;
/** The door alone, with hand-offs. */
let whole: OpenDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
  const { deps } = referral;
  const create = (common: DoorDeps) => createReferralDoor({ ...deps, ...common });
  const segments = ['r', 'apply'];
  door = await openDoor(create, segments, 'sandbox', (common) => redirectDirectly({ ...deps, ...common }));
  plain = await openDoor(create, segments);
  whole = await openDoor(create, [...segments, 'h']);
});
afterAll(async () => {
  await door.close();
  await plain.close();
  await whole.close();
  await redis.close();
});

/** Status of the answer to a request written out by hand. */
function statusOf(target: string, headers: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(door.origin).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(Number(answer.split(' ')[1])));
    socket.on('error', reject);
    socket.write(`GET ${target} HTTP/1.1\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  });
}

describe('ambiguous HTTP is refused at the pages of links too', () => {
  const paths = ['/r/acme-home', `/apply/acme-home?click=clk_${'0'.repeat(32)}`, '/apply/acme-home/result?t=x'];

  test.each(paths)('%s with two Host headers', async (path) => {
    expect(await statusOf(path, ['Host: a.example', 'Host: b.example'])).toBe(400);
  });

  test.each(paths)('%s in absolute form to somebody else', async (path) => {
    expect(await statusOf(`http://evil.example${path}`, ['Host: evil.example'])).toBe(400);
  });

  test.each(paths)('%s by a path with dot segments', async (path) => {
    expect(await statusOf(`/x/..${path}`, ['Host: a.example'])).toBe(400);
  });

  test('a plain request under any one name is answered', async () => {
    expect(await statusOf('/r/acme-home', ['Host: a.example'])).toBe(302);
  });
});

describe('a redirect is answered on the socket as the door answers it', () => {
  const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';
  let visitors = 0;

  test.each([
    ['a plain one', 'GET', '/r/acme-home', {}],
    ['with sub ids', 'GET', '/r/acme-home?sub1=a%20b&sub2=%E4%B8%AD&next=https://evil.example', {}],
    ['HEAD', 'HEAD', '/r/acme-home?sub3=x', {}],
    ['of a prefetch', 'GET', '/r/acme-home', { 'Sec-Purpose': 'prefetch' }],
    ['of an old prefetch', 'GET', '/r/acme-home', { 'X-Moz': 'prefetch' }],
    ['of a bot', 'GET', '/r/acme-home', { 'User-Agent': 'Googlebot/2.1' }],
    ['without a user agent', 'GET', '/r/acme-home', { 'User-Agent': '' }],
    ['with a cookie that is none of ours', 'GET', '/r/acme-home', { Cookie: 'sluice_v=; a=b' }],
    ['of an unknown code', 'GET', '/r/no-such-link', {}],
    ['below a code', 'GET', '/r/acme-home/more', {}],
    ['by another method', 'DELETE', '/r/acme-home', {}],
  ])('%s', async (_, method, path, headers) => {
    const [direct, door_] = [await ask(door, method, path, headers), await ask(plain, method, path, headers)];
    expect(direct).toEqual(door_);
  });

  test('a request with a body is left to the door', async () => {
    expect((await ask(door, 'POST', '/r/acme-home', { 'Content-Type': 'text/plain' }, 'x')).status).toBe(405);
  });

  test('when recording fails for no known reason, the door says so', async () => {
    const { deps } = referral;
    const broken = { ...deps.click, clicks: { record: () => Promise.reject(new Error('a fault')) } };
    const failing = await openDoor(
      (common) => createReferralDoor({ ...deps, ...common, click: broken }),
      ['r'],
      'sandbox',
      (common) => redirectDirectly({ ...deps, ...common, click: broken }),
    );
    const response = await fetch(`${failing.origin}/r/acme-home`, { redirect: 'manual' });
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'text/html; charset=utf-8']);
    await failing.close();
  });

  test.each(['/r/acme-home/', '/r/', '/apply/acme-home/', '/h/x/y'])(
    '%s leads nowhere, and says so on a page',
    async (path) => {
      const answer = await fetch(`${whole.origin}${path}`, { headers: { 'accept-language': 'zh-CN' } });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
      expect(await answer.text()).toContain('链接');
    },
  );

  test.each([
    ['/r/not-in-memory', 503, '请稍候'],
    [`/h/${'0'.repeat(32)}${'A'.repeat(22)}`, 503, '请稍候'],
    ['/r/%zz', 400, '链接'],
  ])('%s, when there is trouble, is a page for people in their language', async (path, status, words) => {
    let lookUps = 0;
    const away = () => {
      lookUps += 1;
      return Promise.reject(new Error('Connection is closed.'));
    };
    const { deps } = referral;
    const links = new LinkStore(Object.assign(Object.create(redis.client), { get: away }), redis.keys);
    const handoffs = Object.assign(Object.create(deps.handoffs.handoffs), { find: away });
    const click = { ...deps.click, links };
    const troubled = await openDoor(
      (common) => createReferralDoor({ ...deps, ...common, click, handoffs: { ...deps.handoffs, handoffs } }),
      ['r', 'h'],
      'sandbox',
      (common) => redirectDirectly({ ...deps, ...common, click }),
    );
    const response = await fetch(`${troubled.origin}${path}`, { headers: { 'accept-language': 'zh-CN' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'text/html; charset=utf-8']);
    expect(await response.text()).toContain(words);
    // One that nobody waits for would end the process.
    expect(lookUps).toBeLessThanOrEqual(1);
    await troubled.close();
  });

  test('counted by the same metric', async () => {
    const metrics = createMetrics();
    const { deps } = referral;
    const own = await openDoor(
      (common) => createReferralDoor({ ...deps, ...common, metrics }),
      ['r'],
      'sandbox',
      (common) => redirectDirectly({ ...deps, ...common, metrics }),
    );
    await fetch(`${own.origin}/r/acme-home`, { redirect: 'manual' });
    await own.close();
    expect(await metrics.registry.metrics()).toMatch(
      /sluice_http_request_duration_seconds_count\{door="referral",method="GET",route="\/r\/\{code\}",status="302"\} 1/,
    );
  });

  /** What an answer says, but for what is another one each time. */
  async function ask(
    { origin }: OpenDoor,
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ) {
    visitors += 1;
    const known = (await loggedClicks(redis)).map(({ id }) => id);
    const response = await fetch(`${origin}${path}`, {
      method,
      headers: { 'User-Agent': `${BROWSER} ${visitors}`, ...headers },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    const location = response.headers
      .get('location')
      ?.replace(/clk_[0-9a-f]{32}/, 'clk_')
      .replace(origin, '');
    const cookie = response.headers.get('set-cookie')?.replace(/[0-9a-f]{64}/, '');
    const logged = (await loggedClicks(redis)).filter(({ id }) => !known.includes(id));
    const facts = logged.map(({ facts: { visitor, ip, ...rest } }) => rest);
    return { status: response.status, location, cookie, cache: response.headers.get('cache-control'), facts };
  }
});
