import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationSchema } from '../../../src/doors/schemas/application-schema.ts';
import { loanSchema, scheduleSchema } from '../../../src/doors/schemas/loan-schema.ts';
import { quoteSchema } from '../../../src/doors/schemas/quote-schema.ts';
import { become, cny, freshApplication, grantedApplication, onDay } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLoan } from '../../support/sample-application.ts';

let redis: TestRedis;
let door: TestPartnerDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

describe('credit and loans', () => {
  test('a quote under the credit follows its limits', async () => {
    const { id } = await grantedApplication(door);
    const path = `/v1/applications/${id}/quotes`;
    const { status, body } = await door.acme.post(path, { amount: cny(300_000), term: 6, term_unit: 'month' });
    expect(status).toBe(200);
    expectConforms(quoteSchema, body);
    const over = await door.acme.post(path, { amount: cny(1_010_000), term: 6, term_unit: 'month' });
    expect([over.status, over.body.errors[0].code]).toEqual([422, 'amount_out_of_range']);
    const term = await door.acme.post(path, { amount: cny(300_000), term: 12, term_unit: 'month' });
    expect([term.status, term.body.errors[0].code]).toEqual([422, 'term_not_offered']);
  });

  test('a drawdown opens a loan once, and its card and consents are sealed', async () => {
    const { id, person } = await grantedApplication(door);
    const wish = {
      partner_ref: 'DRAW-1',
      amount: cny(400_000),
      term: 6,
      term_unit: 'month',
      purpose: 'consumption',
      bank_card: { number: person.bankCard.number, bank_code: 'ICBC', phone: person.phone },
    };
    const { status, body } = await door.acme.post(`/v1/applications/${id}/loans`, wish);
    expect(status).toBe(201);
    expectConforms(loanSchema, body);
    expect(body).toMatchObject({ status: 'requested', partner_ref: 'DRAW-1', application_id: id });
    const again = await door.acme.post(`/v1/applications/${id}/loans`, wish);
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, body, 'true']);
    const other = await door.acme.post(`/v1/applications/${id}/loans`, { ...wish, term: 3 });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_conflict']);
    expect((await door.acme.get(`/v1/loans/${body.id}`)).body).toEqual(body);
    const schedule = await door.acme.get(`/v1/loans/${body.id}/schedule`);
    expectConforms(scheduleSchema, schedule.body);
    expect(schedule.body).toEqual({ loan_id: body.id, schedule: [] });
    expect((await door.summit.get(`/v1/loans/${body.id}`)).status).toBe(404);
    const { store, sealer } = door.intake.deps;
    const opened = sealer.openJson((await store.sealed(id)) ?? '', id);
    expect(opened).toMatchObject({ ok: true, plain: { applicant: { bank_card: wish.bank_card, name: person.name } } });
    const application = await door.acme.get(`/v1/applications/${id}`);
    expectConforms(applicationSchema, application.body);
    expect(application.body.credit.available).toEqual(cny(600_000));
  });

  test('what cannot be drawn is refused: too much, before a grant, with a card number that is mistyped', async () => {
    const { id } = await grantedApplication(door);
    const wish = { partner_ref: 'D', amount: cny(1_010_000), term: 6, term_unit: 'month', purpose: 'consumption' };
    const over = await door.acme.post(`/v1/applications/${id}/loans`, wish);
    expect([over.status, over.body.code]).toEqual([422, 'over_available']);
    const { input } = freshApplication(door);
    const undecided = await door.acme.post('/v1/applications', input);
    const early = await door.acme.post(`/v1/applications/${undecided.body.id}/loans`, wish);
    expect([early.status, early.body.code]).toEqual([409, 'illegal_transition']);
    const card = { ...wish, bank_card: { number: '6222021234567890120' } };
    const mistyped = await door.acme.post(`/v1/applications/${id}/loans`, card);
    expect(mistyped.body.errors).toMatchObject([{ pointer: '/bank_card/number', code: 'bank_card_checksum' }]);
  });

  test('a schedule shows what is due, as far as the partner may see', async () => {
    const { id } = await grantedApplication(door);
    const paid = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
    const item = { principal: 100_000, interest: 1_500, fees: [], paid, paid_at: null };
    const schedule = [
      { no: 1, due_on: '2026-03-02', ...item },
      { no: 2, due_on: '2026-04-02', ...item },
    ];
    const loan = sampleLoan(id, 'S', { status: 'active', disbursed_at: onDay(-1), received: 200_000, schedule });
    await door.intake.deps.store.bindLoan(loan.id, id);
    await become(door, id, { loans: [loan] });
    const { body } = await door.acme.get(`/v1/loans/${loan.id}/schedule`);
    expectConforms(scheduleSchema, body);
    expect(body.schedule.map((one: { status: string }) => one.status)).toEqual(['due', 'not_due']);
    expect(body.schedule[0].penalty).toBeNull();
    expectConforms(loanSchema, (await door.acme.get(`/v1/loans/${loan.id}`)).body);
  });
});
