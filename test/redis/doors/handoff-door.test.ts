import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { wayBack } from '../../../src/doors/referral/handoff-form.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import { createLogger } from '../../../src/http/logger.ts';
import { makeHandoff } from '../../../src/intake/make-handoff.ts';
import { nextPerson } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral, type TestReferral } from '../../support/referral.ts';
import { ORIGIN } from '../../support/tiny-door.ts';

const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';
const logged: string[] = [];

let redis: TestRedis;
let referral: TestReferral;
let open: (path: string, headers?: Record<string, string>, method?: string) => Promise<Response>;

beforeAll(async () => {
  redis = await startTestRedis();
  referral = await createTestReferral(redis);
  const registry = () => {
    const now = referral.intake.deps.registry();
    const products = new Map([...now.products].map(([id, one]) => [id, { ...one, apply_at: 'hosted' as const }]));
    return { ...now, products };
  };
  const { deps } = referral;
  const door = createReferralDoor({
    ...deps,
    page: { ...deps.page, registry },
    handoffs: { ...deps.handoffs, registry },
    logger: createLogger('trace', { write: (line: string) => void logged.push(line) }),
  });
  open = async (path, headers = {}, method = 'GET') =>
    door.request(`${ORIGIN}${path}`, { method, headers: { 'user-agent': BROWSER, ...headers } });
});
afterAll(() => redis.close());

async function made() {
  const { name, phone } = nextPerson();
  const answer = await makeHandoff(referral.deps.handoffs, referral.intake.partner('acme'), {
    product_id: 'quick-cash',
    destination: 'apply',
    subject: { name, phone },
    return_url: 'https://acme.example/back',
    ttl_seconds: 300,
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

describe('the address of a hand-off', () => {
  test('is spent by none of those that fetch before a person does', async () => {
    const { token } = await made();
    const fetchers: [Record<string, string>, string?][] = [
      [{ 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' }],
      [{ 'user-agent': 'WhatsApp/2.23' }],
      [{ 'user-agent': 'SomeApp LinkPreview/1.0' }],
      [{ 'user-agent': '' }],
      [{ 'sec-purpose': 'prefetch;prerender' }],
      [{ purpose: 'prefetch' }],
      [{ 'x-moz': 'prefetch' }],
      [{ 'x-purpose': 'preview' }],
      [{}, 'HEAD'],
    ];
    for (const [headers, method] of fetchers) {
      const answer = await open(`/h/${token}`, headers, method);
      expect([headers, answer.status, answer.headers.get('set-cookie')]).toEqual([headers, 200, null]);
    }
    expect((await open(`/h/${token}`)).status).toBe(302);
  });

  test('tells no page where it leads to that it was one, is kept by nobody, and leaves a cookie for its form alone', async () => {
    const { token, handoff } = await made();
    const opened = await open(`/h/${token}`);
    expect(opened.headers.get('referrer-policy')).toBe('no-referrer');
    expect(opened.headers.get('cache-control')).toBe('no-store');
    // On the host that was asked, whichever of ours it is: the cookie is there.
    expect(opened.headers.get('location')).toBe(`/apply/${handoff.id}`);
    const cookie = opened.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(new RegExp(`; Max-Age=7200; Path=/apply/${handoff.id}; HttpOnly; SameSite=Lax`));
    const gone = await open(`/h/${token}`);
    expect([gone.status, gone.headers.get('referrer-policy')]).toEqual([410, 'no-referrer']);
  });

  test('and the proof of its form stand in no line of the log, whatever comes of them', async () => {
    const { token, handoff } = await made();
    const opened = await open(`/h/${token}`);
    const proof = /=([^;]+)/.exec(opened.headers.get('set-cookie') ?? '')?.[1] ?? '';
    expect((await open(`/apply/${handoff.id}`, { cookie: `sluice_h=${proof}` })).status).toBe(200);
    await open(`/apply/${handoff.id}`);
    await open(`/h/${token}x`);
    await open(`/h/${token}`);
    await open(`/h/back/${handoff.id}.${proof}`);
    await open(`/r/acme-home?kid=k&exp=1&sig=${'s'.repeat(43)}`);
    const seen = logged.join('\n');
    expect(seen).toContain('/h/{token}');
    for (const secret of [token.slice(32), proof, 's'.repeat(43)]) expect(seen).not.toContain(secret);
  });

  test('leads back from the result to whoever handed over, under no other partner’s name', () => {
    const { registry } = referral.intake.deps;
    const deps = { handoffs: referral.deps.handoffs, page: { ...referral.deps.page, registry } };
    const id = `hnd_${'0'.repeat(32)}`;
    const candidate = { touch: { kind: 'handoff' as const, id }, partner_id: 'acme' };
    const attribution = { candidates: [candidate] } as unknown as Application['attribution'];
    const back = (owner_id: string) => wayBack(deps, { handoff_id: id, owner_id, attribution });
    expect(back('acme')?.partner).toBe('Acme Loan Supermarket');
    expect(back('lantern')).toBeUndefined();
  });
});
