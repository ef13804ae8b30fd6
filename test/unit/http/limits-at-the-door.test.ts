import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDoor } from '../../../src/http/app.ts';
import { operatorBearer } from '../../../src/http/bearer.ts';
import { FAILURES } from '../../../src/limits/address-guard.ts';
import type { Admission, Admissions } from '../../../src/limits/admission.ts';
import { policiesOf } from '../../../src/limits/party-limits.ts';
import { ourKeys } from '../../support/signed-exchange.ts';
import {
  acme,
  createTinyDoor,
  memoryAdmissions,
  ORIGIN,
  sendSigned,
  signedHeaders,
  tinyDeps,
} from '../../support/tiny-door.ts';

const ECHO = { path: '/t/echo', body: '{"ref":"a"}' };
const LIMITS = { requests_per_second: 500, burst: 1_000, probes_per_day: 5_000, applications_per_day: 50 };
const limited = { ...acme, limits: LIMITS };

function answering(admission: Admission): Admissions {
  return { admit: async () => admission };
}

describe('what a party is told of its limits', () => {
  test('its policies, and what is left of the rate, on every answer', async () => {
    const admissions = answering({ kind: 'admitted', remaining: 998, fullInSeconds: 1 });
    const door = createTinyDoor({ party: limited, admissions });
    for (const [path, status] of [
      ['/t/things', 200],
      ['/t/things?limit=no', 422],
      ['/t/things/nothing', 404],
    ] as const) {
      const response = await sendSigned(door, { path });
      expect(response.status).toBe(status);
      expect(response.headers.get('ratelimit-policy')).toBe(
        '"requests";q=1000;w=2, "probes";q=5000;w=86400, "applications";q=50;w=86400',
      );
      expect(response.headers.get('ratelimit')).toBe('"requests";r=998;t=1');
    }
  });

  test('a party without limits of its own has those of lenders', async () => {
    const response = await sendSigned(createTinyDoor(), { path: '/t/things' });
    expect(response.headers.get('ratelimit-policy')).toBe('"requests";q=2000;w=4');
  });

  test('the window of a burst is never told shorter than it takes to come back', () => {
    expect(policiesOf({ requests_per_second: 3, burst: 10 }).field).toBe('"requests";q=10;w=4');
    expect(policiesOf({ requests_per_second: 500, burst: 1 }).field).toBe('"requests";q=1;w=1');
  });

  test('over the rate is 429 with the policy and when to come back, and the log names the party', async () => {
    const log: string[] = [];
    const door = createTinyDoor({
      party: limited,
      admissions: answering({ kind: 'limited', retryInSeconds: 3 }),
      log,
    });
    const response = await sendSigned(door, ECHO);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3']);
    expect(response.headers.get('ratelimit')).toBe('"requests";r=0;t=3');
    expect(await response.json()).toMatchObject({ code: 'rate_limited', violated_policies: ['requests'] });
    expect(JSON.parse(log[0] ?? '')).toMatchObject({ party: 'acme', code: 'rate_limited' });
  });

  test('a stranger is told nothing of anybody’s limits', async () => {
    const headers = signedHeaders(ECHO);
    const response = await createTinyDoor({ party: limited }).request(`${ORIGIN}${ECHO.path}`, {
      method: 'POST',
      headers,
      body: '{"ref":"b"}',
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('ratelimit')).toBeNull();
    expect(response.headers.get('ratelimit-policy')).toBeNull();
  });
});

/** Admissions that tell how often they were asked. */
function counted() {
  const admissions = memoryAdmissions();
  const asked = { times: 0 };
  const counting: Admissions = {
    admit: (request) => {
      asked.times += 1;
      return admissions.admit(request);
    },
  };
  return { asked, counting };
}

/** Fails as often as the burst allows. */
async function failInBurst(attempt: () => Response | Promise<Response>): Promise<void> {
  for (let count = 0; count < FAILURES.burst; count += 1) expect((await attempt()).status).toBe(401);
}

describe('an address that fails to authenticate', () => {
  // Time stands still: nothing is refilled meanwhile.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() }));
  afterEach(() => void vi.useRealTimers());

  const unsigned = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"ref":"a"}' };

  test('a hundred times is answered 429 without touching Redis and without a look at its body', async () => {
    const { asked, counting } = counted();
    const door = createTinyDoor({ admissions: counting });
    await failInBurst(() => door.request(`${ORIGIN}${ECHO.path}`, unsigned));
    let isRead = false;
    const body = new ReadableStream(
      {
        pull(controller) {
          isRead = true;
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const request = new Request(`${ORIGIN}${ECHO.path}`, { ...unsigned, body, duplex: 'half' } as RequestInit);
    const response = await door.request(request);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await response.json()).toMatchObject({ code: 'rate_limited', violated_policies: ['address'] });
    expect(isRead).toBe(false);
    // Also who signs well waits, when the address has nothing to show for it.
    expect((await sendSigned(door, ECHO)).status).toBe(429);
    expect(asked.times).toBe(0);
  });

  test('costs us no signature while it is turned away, and is told so', async () => {
    const door = createTinyDoor({ ourKeys });
    const asking = { ...unsigned, headers: { ...unsigned.headers, 'accept-signature': 'sig=()' } };
    const send = () => door.request(`${ORIGIN}${ECHO.path}`, asking);
    expect((await send()).headers.get('signature')).not.toBeNull();
    for (let count = 0; count < FAILURES.burst + 5; count += 1) await door.request(`${ORIGIN}${ECHO.path}`, unsigned);
    const response = await send();
    expect([response.status, response.headers.get('signature')]).toEqual([429, null]);
    expect(response.headers.get('sluice-warnings')).toBe('accept_signature_ignored rate_limited');
  });

  test('is not charged for what is refused for another reason', async () => {
    const door = createTinyDoor();
    for (let count = 0; count < FAILURES.burst + 10; count += 1) {
      expect((await sendSigned(door, { path: ECHO.path, body: '{}' })).status).toBe(422);
    }
    expect((await sendSigned(door, ECHO)).status).toBe(200);
  });

  test('goes on to let in a key that has signed well from there', async () => {
    const door = createTinyDoor();
    expect((await door.request(`${ORIGIN}${ECHO.path}`, unsigned)).status).toBe(401);
    expect((await sendSigned(door, ECHO)).status).toBe(200);
    for (let count = 0; count < FAILURES.burst; count += 1) await door.request(`${ORIGIN}${ECHO.path}`, unsigned);
    expect((await door.request(`${ORIGIN}${ECHO.path}`, unsigned)).status).toBe(429);
    expect((await sendSigned(door, ECHO)).status).toBe(200);
  });

  test('is turned away at the operators’ door too', async () => {
    const found: string[] = [];
    const bearer = operatorBearer(
      { adminToken: 'the-admin-token-of-this-test', findOperator: async (sha) => void found.push(sha) },
      () => 'any',
    );
    const tiny = createTinyDoor();
    const deps = tinyDeps();
    const door = createDoor({ name: 'operator', authenticate: bearer }, deps);
    const [route] = tiny.openAPIRegistry.definitions.flatMap((one) => (one.type === 'route' ? [one.route] : []));
    if (route === undefined) throw new Error('no route');
    door.openapi({ ...route, path: '/t/echo' }, (c) => c.json({}, 200));
    const guess = { ...unsigned, headers: { ...unsigned.headers, authorization: 'Bearer wrong' } };
    await failInBurst(() => door.request(`${ORIGIN}${ECHO.path}`, guess));
    expect((await door.request(`${ORIGIN}${ECHO.path}`, guess)).status).toBe(429);
    expect(found).toHaveLength(FAILURES.burst);
    const text = await deps.metrics.registry.metrics();
    expect(text).toContain('sluice_limited_requests_total{policy="address",door="operator",party=""} 1');
  });
});
