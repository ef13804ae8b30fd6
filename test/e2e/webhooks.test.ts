import { createPublicKey, verify } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changedPartners } from '../support/changed-partners.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { type HookReceiver, isSignedWith, type ReceivedHook, startHookReceiver } from '../support/hook-receiver.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import type { PartnerClient } from '../support/partner-door.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let gateway: TestGateway;
let receiver: HookReceiver;
let tracker: HookReceiver;
let partners: string;

beforeAll(async () => {
  receiver = await startHookReceiver();
  tracker = await startHookReceiver();
  const postback = (on: string, method = 'GET') => ({
    on,
    method,
    url: `${tracker.url}/pb?e={event}&app={application_id}&ref={partner_ref}&p={payout}&d={delta_payout}&a={amount}&c={currency}&s={sub1}&ts={ts}&sig={sig}`,
  });
  partners = changedPartners({
    acme: {
      callbacks: { url: `${receiver.url}/hooks`, secret: SECRET, events: ['*'] },
      postbacks: [postback('credit.granted'), postback('loan.disbursed', 'POST'), postback('commission.pending')],
    },
  });
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partners } });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([receiver.close(), tracker.close()]);
  rmSync(partners, { recursive: true, force: true });
});

interface Told {
  readonly id: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: things of many shapes
  readonly data: any;
}

/** The whole feed by its cursor, a few at a time. */
async function walk(client: PartnerClient, types = '*'): Promise<Told[]> {
  const events: Told[] = [];
  let after = '';
  for (;;) {
    const { status, body } = await client.get(`/v1/events?limit=7&types=${types}${after}`);
    expect(status, JSON.stringify(body)).toBe(200);
    if (body.data.length === 0) return events;
    events.push(...body.data);
    after = `&after=${body.next_cursor}`;
  }
}

/** Somebody who is granted a credit and draws it down. */
async function borrower(ref: string): Promise<{ readonly id: string; readonly loan: string }> {
  const input = applicationFor(gateway.gateway.rooms.intake.registry(), nextPerson('0000'), ref, 'quick-cash');
  const { body } = await gateway.acme.post('/v1/applications', { ...input, sub_ids: { sub1: `campaign of ${ref}` } });
  await gateway.clock('1m');
  const { credit } = (await gateway.acme.get(`/v1/applications/${body.id}`)).body;
  const drawn = await gateway.acme.post(`/v1/applications/${body.id}/loans`, {
    partner_ref: `${ref}-L1`,
    amount: credit.available,
    term: 3,
    term_unit: 'month',
    purpose: 'consumption',
  });
  expect(drawn.status, JSON.stringify(drawn.body)).toBe(201);
  await gateway.settle();
  await gateway.clock('1m');
  await gateway.settle();
  return { id: body.id, loan: drawn.body.id };
}

const hooksOf = (hooks: readonly ReceivedHook[], ids: readonly string[]) => hooks.filter(({ id }) => ids.includes(id));

describe('what a partner is told of a borrower', () => {
  let borrowed: { readonly id: string; readonly loan: string };
  beforeAll(async () => {
    borrowed = await borrower('HOOK-1');
    await receiver.until((all) => all.some(({ body }) => body.includes('commission.pending')));
  });

  test('the feed and the webhook tell the same events; each is there once, and signed', async () => {
    const events = await walk(gateway.acme);
    const types = events.map(({ type }) => type);
    for (const type of ['application.received', 'credit.granted', 'loan.disbursed', 'commission.payable']) {
      expect(types, type).toContain(type);
    }
    await receiver.until((all) => all.length >= events.length);
    expect(receiver.received.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort());
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const hook of receiver.received) {
      expect(isSignedWith(SECRET, hook), hook.id).toBe(true);
      expect(isSignedWith(SECRET, { ...hook, body: `${hook.body} ` })).toBe(false);
    }
  });

  test('a webhook can be checked with our public key alone', async () => {
    const { keys } = (await gateway.acme.get('/.well-known/jwks.json')).body;
    const [jwk] = keys;
    const [{ headers, body }] = receiver.received as [ReceivedHook];
    const value = String(headers['webhook-signature']).split(' ')[1]?.replace('v1a,', '') ?? '';
    const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    expect(verify(null, signed, key, Buffer.from(value, 'base64'))).toBe(true);
  });

  test('data is the thing as its own operation shows it, with what the event says', async () => {
    const events = await walk(gateway.acme);
    const granted = events.find(({ type, data }) => type === 'credit.granted' && data.id === borrowed.id);
    const { event, ...application } = granted?.data ?? {};
    expect(application).toEqual((await gateway.acme.get(`/v1/applications/${borrowed.id}`)).body);
    expect(event.amount.currency).toBe('CNY');
    const disbursed = events.find(({ type }) => type === 'loan.disbursed');
    const { event: ofLoan, ...loan } = disbursed?.data ?? {};
    expect(loan).toEqual((await gateway.acme.get(`/v1/loans/${borrowed.loan}`)).body);
    expect(ofLoan.principal).toEqual(loan.amount);
    const commission = events.find(({ type }) => type === 'commission.payable');
    const known = (await gateway.acme.get('/v1/commissions')).body.data;
    const { event: _, ...line } = commission?.data ?? {};
    expect(known).toContainEqual(line);
    const stored = await gateway.redis.xrange(gateway.keys.partner('acme', 'feed'), '-', '+');
    // Neither a phone nor an id number, whoever the applicant was; ids of ours are hexadecimal.
    for (const [, fields] of stored) expect(fields[1]).not.toMatch(/(?<!\w)(1[3-9]\d{9}|\d{17}[\dX])(?!\w)/);
  });

  test('events of one application come in the order of its life', async () => {
    const own = (await walk(gateway.acme)).filter(({ data }) => [data.id, data.application_id].includes(borrowed.id));
    const told = own.filter(({ type }) => !type.startsWith('commission.')).map(({ id }) => id);
    expect(hooksOf(receiver.received, told).map(({ id }) => id)).toEqual(told);
  });

  test('families of events can be asked for, nothing is asked for in vain', async () => {
    const types = new Set((await walk(gateway.acme, 'loan.*,credit.granted')).map(({ type }) => type));
    expect([...types].every((type) => type.startsWith('loan.') || type === 'credit.granted')).toBe(true);
    expect((await gateway.acme.get('/v1/events?types=loan')).status).toBe(422);
    expect((await gateway.acme.get('/v1/events?after=nonsense')).status).toBe(422);
    expect(await walk(gateway.summit, 'application.*')).toEqual([]);
  });

  test('postbacks tell what has been earned so far, and by how much that is more than before', async () => {
    await tracker.until((all) => all.length >= 3);
    const told = tracker.received.map(({ method, url, body }) => ({ method, body, query: new URL(url, tracker.url) }));
    const of = (event: string) => told.find(({ query }) => query.searchParams.get('e') === event);
    const granted = of('credit.granted')?.query.searchParams;
    expect(granted?.get('ref')).toBe('HOOK-1');
    expect(granted?.get('s')).toBe('campaign of HOOK-1');
    expect([granted?.get('p'), granted?.get('d')]).toEqual(['30.00', '30.00']);
    const disbursed = of('loan.disbursed');
    expect([disbursed?.method, disbursed?.body]).toEqual(['POST', '']);
    const lines = (await gateway.acme.get('/v1/commissions')).body.data as { amount: { amount: number } }[];
    const all = lines.reduce((sum, { amount }) => sum + amount.amount, 0);
    expect(disbursed?.query.searchParams.get('p')).toBe((all / 100).toFixed(2));
    expect(disbursed?.query.searchParams.get('d')).toBe(((all - 3_000) / 100).toFixed(2));
    expect(disbursed?.query.searchParams.get('sig')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('looking after a webhook', () => {
  test('a test is sent now, once, and answered with what the endpoint said', async () => {
    const { status, body } = await gateway.acme.post('/v1/webhooks/test', undefined);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ delivered: true, status: 204, error: null, url: `${receiver.url}/hooks` });
    const hook = receiver.received.find(({ id }) => id === body.event_id);
    expect(JSON.parse(hook?.body ?? '{}').type).toBe('webhook.test');
    expect((await gateway.summit.post('/v1/webhooks/test', undefined)).body.code).toBe('webhook_not_set');
  });

  test('what fails is listed, sent again on request, and seen by operators; 410 switches off until they switch on', async () => {
    receiver.answer = () => 500;
    const input = applicationFor(gateway.gateway.rooms.intake.registry(), nextPerson('0003'), 'HOOK-2', 'quick-cash');
    const { body: application } = await gateway.acme.post('/v1/applications', input);
    const retrying = async () => (await gateway.acme.get('/v1/deliveries?status=retrying')).body.data;
    const seen = receiver.received.length;
    await receiver.until((all) => all.length > seen);
    await expect.poll(retrying).toHaveLength(1);
    const [failed] = await retrying();
    expect(failed).toMatchObject({
      about: application.id,
      last_status: 500,
      last_error: 'http_500',
      channel: 'webhook',
    });
    const state = async () => (await gateway.operator.get('/admin/v1/partners/acme/webhook')).body.channels[0];
    expect(await state()).toMatchObject({ channel: 'webhook', state: 'failing', last_status: 500 });

    receiver.answer = () => 410;
    const retried = await gateway.acme.post(`/v1/deliveries/${failed.id}/retry`, undefined);
    expect([retried.status, retried.body.status]).toEqual([202, 'retrying']);
    await expect.poll(async () => (await state()).state).toBe('disabled');
    receiver.answer = () => 204;
    expect((await gateway.operator.post('/admin/v1/partners/acme/webhook/enable', undefined)).status).toBe(200);
    await receiver.until((all) => all.some(({ id, status }) => id === failed.event_id && status === 204));
    await expect.poll(async () => (await state()).state).toBe('active');
    expect((await gateway.acme.post(`/v1/deliveries/${failed.id}/retry`, undefined)).body.code).toBe('delivery_done');
    const dead = await gateway.operator.get('/admin/v1/partners/acme/deliveries?status=dead');
    expect(dead.body.data).toEqual([]);
    const ready = await fetch(`${gateway.url}/readyz`);
    expect(ready.status).toBe(200);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/sluice_callback_attempts_total\{partner="acme",kind="webhook",outcome="gone"\} 1/);
  });
});
