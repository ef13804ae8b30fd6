import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changedPartners } from '../support/changed-partners.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { nextPerson } from '../support/intake.ts';

const SECRET = Buffer.from('the callback secret of the hand-off tests');
const BROWSER =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1';

let gateway: TestGateway;
let partners: string;

beforeAll(async () => {
  const callbacks = { url: 'https://acme.example/hooks', secret_env: 'ACME_HOOK', events: ['*'] };
  partners = changedPartners({ acme: { callbacks } });
  const ACME_HOOK = `whsec_${SECRET.toString('base64')}`;
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partners, ACME_HOOK } });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(partners, { recursive: true, force: true });
});

const open = (url: string, headers: Record<string, string> = { 'user-agent': BROWSER }) =>
  fetch(url, { redirect: 'manual', headers });

async function make(change: object = {}) {
  return gateway.acme.post('/v1/handoffs', {
    product_id: 'quick-cash',
    destination: 'apply',
    return_url: 'https://acme.example/back?order=1#top',
    ...change,
  });
}

describe('a hand-off', () => {
  test('takes the applicant to the lender’s page once, and back to the partner with a signature', async () => {
    const { name, phone, idNumber } = nextPerson();
    const { status, body } = await make({ subject: { name, phone, id_number: idNumber } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: expect.stringMatching(/^hnd_/), url: expect.stringContaining('/h/') });

    const opened = await open(body.url);
    expect([opened.status, opened.headers.get('cache-control')]).toEqual([302, 'no-store']);
    const page = await (await fetch(opened.headers.get('location') ?? '')).text();
    expect(page).not.toContain(phone);
    expect((await open(body.url)).status).toBe(410);

    const back = /https?:\/\/[^"]*\/h\/back\/[^"]*/.exec(page)?.[0] ?? '';
    const returned = await open(back);
    expect(returned.status).toBe(302);
    const location = returned.headers.get('location') ?? '';
    const [, base = '', ts = '', sig = '', fragment = ''] =
      /^(.*&ts=(\d+)&sig=)([0-9a-f]{64})(#top)$/.exec(location) ?? [];
    expect(base).toContain(`https://acme.example/back?order=1&handoff=${body.id}`);
    expect(sig).toBe(createHmac('sha256', SECRET).update(`${ts}.${base}`).digest('hex'));
    expect(fragment).toBe('#top');
    expect((await open(back.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).status).toBe(404);
  });

  test('is not spent by bots, browsers that fetch ahead, and whoever guesses its secret', async () => {
    const { body } = await make();
    expect((await open(body.url, { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' })).status).toBe(200);
    expect((await open(body.url, { 'user-agent': BROWSER, 'sec-purpose': 'prefetch' })).status).toBe(200);
    expect((await fetch(body.url, { method: 'HEAD', headers: { 'user-agent': BROWSER } })).status).not.toBe(302);
    const guessed = body.url.replace(/.{4}$/, (end: string) => (end === 'AAAA' ? 'BBBB' : 'AAAA'));
    expect((await open(guessed)).status).toBe(410);
    expect((await open(body.url)).status).toBe(302);
  });

  test('opened by two at once takes one of them on', async () => {
    const { body } = await make();
    const statuses = await Promise.all(Array.from({ length: 6 }, async () => (await open(body.url)).status));
    expect(statuses.toSorted()).toEqual([302, 410, 410, 410, 410, 410]);
  });

  test('is over when its time is, by business time', async () => {
    const { body } = await make({ ttl_seconds: 60 });
    await gateway.clock('2m');
    expect((await open(body.url)).status).toBe(410);
  });

  test('opened, it earns the attribution when the lender reports the person', async () => {
    const { name, phone, idNumber } = nextPerson();
    const subject = { name, phone, id_number: idNumber };
    const { body } = await make({ subject });
    await open(body.url);
    await gateway.clock('1h');
    const now = await gateway.operator.get('/sandbox/clock');
    const report = { lender_ref: `REG-${body.id}`, product_id: 'quick-cash', subject, registered_at: now.body.now };
    const registered = await gateway.lender('quickcredit').post('/lender/v1/registrations', report);
    expect(registered.body.attribution).toMatchObject({ partner_id: 'acme', via: 'handoff' });
    // Whom it took to one lender it has not introduced to another.
    const elsewhere = await gateway
      .lender('bluewave')
      .post('/lender/v1/registrations', { ...report, product_id: 'wave-days' });
    expect(elsewhere.body.attribution).toMatchObject({ partner_id: null, reason: 'direct' });
    const unopened = (await make()).body.id;
    const other = nextPerson();
    const named = { ...report, lender_ref: 'REG-2', subject: { phone: other.phone }, handoff_id: unopened };
    const direct = await gateway.lender('quickcredit').post('/lender/v1/registrations', named);
    expect(direct.body.attribution).toMatchObject({ partner_id: null });
  });

  test('leads nowhere but to the partner’s own pages, and is about its own applications only', async () => {
    const faultOf = async (change: object) => (await make(change)).body.errors?.[0];
    expect(await faultOf({ return_url: 'https://evil.example/back' })).toMatchObject({ pointer: '/return_url' });
    expect(await faultOf({ return_url: 'https://acme.example.evil.example/' })).toMatchObject({
      pointer: '/return_url',
    });
    expect(await faultOf({ destination: 'repay' })).toMatchObject({ pointer: '/loan_id', code: 'required' });
    const unknown = { destination: 'credit', application_id: `app_${'0'.repeat(32)}` };
    expect(await faultOf(unknown)).toMatchObject({ pointer: '/application_id', code: 'unknown' });
    expect(await faultOf({ product_id: 'no-such' })).toMatchObject({ pointer: '/product_id', code: 'unknown_product' });
    expect((await make({ ttl_seconds: 601 })).status).toBe(422);
  });
});
