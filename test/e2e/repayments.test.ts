import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import { cny } from '../support/partner-applications.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

/** Somebody with a running loan of ¥1 400 over three months. */
async function borrower(
  ref: string,
  productId = 'quick-cash',
): Promise<{ readonly id: string; readonly loan: string }> {
  const input = applicationFor(gateway.gateway.rooms.intake.registry(), nextPerson('0000'), ref, productId);
  const { body } = await gateway.acme.post('/v1/applications', input);
  await gateway.clock('1m');
  const loan = await draw(body.id, `${ref}-L1`);
  return { id: body.id, loan };
}

async function draw(id: string, ref: string): Promise<string> {
  const { credit } = (await gateway.acme.get(`/v1/applications/${id}`)).body;
  const drawn = await gateway.acme.post(`/v1/applications/${id}/loans`, {
    partner_ref: ref,
    amount: credit.available,
    term: 3,
    term_unit: 'month',
    purpose: 'consumption',
  });
  expect(drawn.status, JSON.stringify(drawn.body)).toBe(201);
  await gateway.settle();
  await gateway.clock('1m');
  return `/v1/loans/${drawn.body.id}`;
}

describe('a borrower who repays through the partner', () => {
  test('pays the next instalment early, then everything, at just what was quoted, and may borrow again', async () => {
    const { id, loan } = await borrower('PAYS', 'quick-flex');
    const first = await gateway.acme.post(`${loan}/repayments`, { partner_ref: 'R-1', installments: [1] });
    expect(first).toMatchObject({ status: 201, body: { status: 'pending' } });
    await gateway.clock('1m');
    expect((await gateway.acme.get(`/v1/repayments/${first.body.id}`)).body).toMatchObject({ status: 'succeeded' });
    const { schedule } = (await gateway.acme.get(`${loan}/schedule`)).body;
    expect(schedule.map((item: { status: string }) => item.status)).toEqual(['paid', 'not_due', 'not_due']);
    await gateway.clock('35d');
    const quote = await gateway.acme.post(`${loan}/repayments/quote`, { installments: 'all' });
    expect(quote.body).toMatchObject({ installments: 'all', source: 'local', fees: [] });
    const all = await gateway.acme.post(`${loan}/repayments`, { partner_ref: 'R-2', installments: 'all' });
    expect(all.body).toMatchObject({ status: 'pending', amount: quote.body.amount });
    await gateway.clock('1m');
    const done = (await gateway.acme.get(`/v1/repayments/${all.body.id}`)).body;
    expect(done).toMatchObject({ status: 'succeeded', reason: null });
    expect((await gateway.acme.get(loan)).body).toMatchObject({ status: 'settled', outstanding: cny(0) });
    const nothing = await gateway.acme.post(`${loan}/repayments`, { partner_ref: 'R-3', installments: 'all' });
    expect(nothing).toMatchObject({ status: 409, body: { code: 'nothing_due' } });
    const again = await draw(id, 'PAYS-L2');
    expect((await gateway.acme.get(again)).body).toMatchObject({ status: 'active' });
  });
});
