import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applicationSchema } from '../../src/doors/schemas/application-schema.ts';
import { loanSchema, scheduleSchema } from '../../src/doors/schemas/loan-schema.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson, shippedRegistry } from '../support/intake.ts';
import { expectConforms } from '../support/partner-door.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());

const WAIT = { timeout: 20_000, interval: 50 };

describe('a platform’s applicant, from the first question to the repayment schedule', () => {
  test('precheck, application, credit, quote, drawdown, payout', async () => {
    const { acme } = gateway;
    const person = nextPerson('0000');
    const subject = { phone: person.phone, id_number: person.idNumber };
    const asked = await acme.post('/v1/prechecks', { product_id: 'quick-cash', subject, reserve: true });
    expect(asked.body).toMatchObject({ decision: 'accept', reason: null });

    const input = applicationFor(await shippedRegistry(), person, 'ORDER-1');
    const submitted = await acme.post('/v1/applications', { ...input, precheck_id: asked.body.id });
    expect([submitted.status, submitted.body.status]).toEqual([201, 'received']);
    const path = `/v1/applications/${submitted.body.id}`;
    await vi.waitFor(async () => expect((await acme.get(path)).body.status).toBe('credit_granted'), WAIT);
    const granted = (await acme.get(path)).body;
    expectConforms(applicationSchema, granted);

    const wish = { amount: granted.credit.available, term: input.requested.term, term_unit: 'month' };
    const quote = await acme.post(`${path}/quotes`, wish);
    expect(quote.status).toBe(200);
    const card = { number: person.bankCard.number };
    const draw = { ...wish, partner_ref: 'DRAW-1', purpose: 'consumption', bank_card: card };
    const opened = await acme.post(`${path}/loans`, draw);
    expect(opened.status).toBe(201);
    const loanPath = `/v1/loans/${opened.body.id}`;
    await vi.waitFor(async () => expect((await acme.get(loanPath)).body.status).toBe('active'), WAIT);
    expectConforms(loanSchema, (await acme.get(loanPath)).body);

    const { body } = await acme.get(`${loanPath}/schedule`);
    expectConforms(scheduleSchema, body);
    const principal = body.schedule.reduce((sum: number, item: { principal: { amount: number } }) => {
      return sum + item.principal.amount;
    }, 0);
    expect(principal).toBe(granted.credit.available.amount);
    expect(body.schedule).toHaveLength(quote.body.schedule.length);
    expectConforms(applicationSchema, (await acme.get(path)).body);
  });
});
