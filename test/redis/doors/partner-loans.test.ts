import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applicationSchema } from '../../../src/doors/schemas/application-schema.ts';
import { loanSchema, scheduleSchema } from '../../../src/doors/schemas/loan-schema.ts';
import { quoteSchema } from '../../../src/doors/schemas/quote-schema.ts';
import { pageOf } from '../../../src/http/pagination.ts';
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
    expect([over.status, over.body.code]).toEqual([422, 'over_available']);
    expect(over.body.allowed).toMatchObject({ max: 1_000_000, terms: [3, 6] });
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
    expect(opened).toMatchObject({
      ok: true,
      plain: {
        applicant: { bank_card: wish.bank_card, name: person.name },
        drawdowns: { [body.id]: { bank_card: wish.bank_card, consents: [] } },
      },
    });
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
    expect([early.status, early.body.code]).toEqual([409, 'credit_not_active']);
    const purpose = await door.acme.post(`/v1/applications/${id}/loans`, {
      ...wish,
      amount: cny(300_000),
      purpose: 'gambling',
    });
    expect(purpose.body.errors).toMatchObject([{ pointer: '/purpose', code: 'purpose_not_offered' }]);
    const unbound = { ...wish, amount: cny(300_000), card_id: 'card_1f8ac10f23c5b5bc1167bda84b833e5c' };
    const unknown = await door.acme.post(`/v1/applications/${id}/loans`, unbound);
    expect(unknown.body.errors).toMatchObject([{ pointer: '/card_id', code: 'card_unknown' }]);
    const card = { ...wish, bank_card: { number: '6222021234567890120' } };
    const mistyped = await door.acme.post(`/v1/applications/${id}/loans`, card);
    expect(mistyped.body.errors).toMatchObject([{ pointer: '/bank_card/number', code: 'bank_card_checksum' }]);
  });

  test('a drawdown that cites a quote is held to it', async () => {
    const { id } = await grantedApplication(door);
    const terms = { amount: cny(300_000), term: 6, term_unit: 'month' };
    const quote = await door.acme.post(`/v1/applications/${id}/quotes`, terms);
    const draw = (partner_ref: string, change: object = {}) =>
      door.acme.post(`/v1/applications/${id}/loans`, {
        ...terms,
        partner_ref,
        purpose: 'consumption',
        quote_id: quote.body.id,
        ...change,
      });
    const other = await draw('Q-1', { amount: cny(310_000) });
    expect([other.status, other.body.code, other.body.errors[0].pointer]).toEqual([
      422,
      'quote_mismatch',
      '/amount/amount',
    ]);
    const foreign = await draw('Q-1', { quote_id: 'quo_1f8ac10f23c5b5bc1167bda84b833e5c' });
    expect([foreign.status, foreign.body.code]).toEqual([409, 'quote_expired']);
    const loan = await draw('Q-1');
    expect([loan.status, loan.body.quote_id]).toEqual([201, quote.body.id]);
    door.intake.clock.advanceMs(2 * 86_400_000);
    expect((await draw('Q-1')).headers.get('idempotent-replayed')).toBe('true');
    await become(door, id, { loans: [] });
    const late = await draw('Q-2');
    expect([late.status, late.body.code]).toEqual([409, 'quote_expired']);
    door.intake.clock.moveTo(onDay(0));
  });

  test('a product that lends one loan at a time takes no second one; a declined one is asked for again when the lender says', async () => {
    const { id } = await grantedApplication(door);
    const draw = (partner_ref: string) =>
      door.acme.post(`/v1/applications/${id}/loans`, {
        partner_ref,
        amount: cny(300_000),
        term: 6,
        term_unit: 'month',
        purpose: 'consumption',
      });
    const first = await draw('ONE');
    const second = await draw('TWO');
    expect([second.status, second.body.code]).toEqual([409, 'loan_open']);
    expect(second.body.detail).toContain(first.body.id);
    const declined = sampleLoan(id, 'X', { status: 'declined', reason: 'scoring', retry_at: onDay(3) });
    await become(door, id, { loans: [declined] });
    const third = await draw('THREE');
    expect([third.status, third.body.code, third.body.retry_at]).toEqual([409, 'drawdown_declined', onDay(3)]);
    const listed = await door.acme.get(`/v1/loans?application_id=${id}&status=declined`);
    expectConforms(pageOf(loanSchema), listed.body);
    expect(listed.body.data).toMatchObject([{ id: declined.id, status: 'declined', retry_at: onDay(3) }]);
    expect((await door.summit.get(`/v1/loans?application_id=${id}`)).status).toBe(404);
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
