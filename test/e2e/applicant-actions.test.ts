import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyEvent } from '../support/every-event.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

/** Whatever the product may want agreed to, at all its stages. */
async function consentsOf(productId: string) {
  const product = (await shippedRegistry()).products.get(productId);
  if (product === undefined) throw new Error(`no product ${productId}`);
  const accepted_at = new Date(Date.now() - 60_000).toISOString();
  return product.requirements.consents.map(({ kind, document, version, text_sha256 }) => {
    return { kind, document, version, text_sha256, parties: [product.lender_id, ...product.funders], accepted_at };
  });
}

/** An application of somebody with such a phone, when the lender has done what it does in an hour. */
async function applied(suffix: string, reference: string) {
  const person = nextPerson(suffix, reference);
  const consents = await consentsOf('quick-cash');
  const input = { ...applicationFor(await shippedRegistry(), person, reference), consents };
  const { body } = await gateway.acme.post('/v1/applications', input);
  await gateway.settle();
  await gateway.clock('2m');
  return { id: body.id as string, person, consents };
}

describe('an applicant of the sandbox', () => {
  test('0011 types codes: one binds the card, one draws the loan; a wrong one may be tried again', async () => {
    const { id, person, consents } = await applied('0011', 'ACT-1');
    const { number } = person.bankCard;
    const { acme } = gateway;
    const wish = { number, bank_code: 'ICBC', phone: person.phone, consents };
    const card = await acme.post(`/v1/applications/${id}/cards`, wish);
    expect([card.status, card.body.status, card.body.next_action?.scene]).toEqual([202, 'pending', 'card']);
    const path = `/v1/actions/${card.body.next_action.id}`;
    expect((await acme.post(path, { otp: '111111' })).body.code).toBe('otp_wrong');
    expect((await acme.send('POST', `${path}/resend`, {})).status).toBe(200);
    const soon = await acme.send('POST', `${path}/resend`, {});
    expect([soon.status, Number(soon.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await acme.post(path, { otp: '000000' })).body.status).toBe('accepted');
    const { data } = (await acme.get(`/v1/applications/${id}/cards`)).body;
    expect(data).toMatchObject([{ id: card.body.id, status: 'active', default: true, last4: number.slice(-4) }]);
    const { credit } = (await acme.get(`/v1/applications/${id}`)).body;
    const drawdown = { amount: credit.amount, term: credit.terms[0], term_unit: 'month', purpose: 'consumption' };
    const loan = await acme.post(`/v1/applications/${id}/loans`, { ...drawdown, partner_ref: 'DRAW-1', consents });
    expect(loan.body).toMatchObject({ card_id: card.body.id });
    await gateway.settle();
    await gateway.clock('1m');
    const { next_action: code } = (await acme.get(`/v1/loans/${loan.body.id}`)).body;
    expect(code).toMatchObject({ type: 'otp', scene: 'drawdown' });
    expect((await acme.post(`/v1/actions/${code.id}`, { otp: '000000' })).body.status).toBe('accepted');
    await gateway.clock('1h');
    expect((await acme.get(`/v1/loans/${loan.body.id}`)).body).toMatchObject({ status: 'active', next_action: null });
    expect((await acme.send('DELETE', `/v1/cards/${card.body.id}`, {})).body.code).toBe('card_in_use');
    const logged = JSON.stringify(await everyEvent(gateway.redis, gateway.keys));
    expect(logged.includes(number) || logged.includes('"otp":')).toBe(false);
  });

  test('0002 gives what the lender asks for, and is granted', async () => {
    const { id } = await applied('0002', 'ACT-2');
    const { acme } = gateway;
    const { status, next_action: asked } = (await acme.get(`/v1/applications/${id}`)).body;
    expect([status, asked?.type]).toEqual(['needs_input', 'supplement']);
    const answer = await acme.post(`/v1/actions/${asked.id}`, { applicant: { email: 'zhang@example.com' } });
    expect([answer.status, answer.body.application.next_action]).toEqual([200, null]);
    await gateway.clock('1h');
    expect((await acme.get(`/v1/applications/${id}`)).body.status).toBe('credit_granted');
  });
});
