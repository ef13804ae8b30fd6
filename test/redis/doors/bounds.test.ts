import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { APPLICATION_MAX_CHARACTERS } from '../../../src/applications/application-full-error.ts';
import { CARDS_MAX } from '../../../src/applications/lifecycle/cards.ts';
import { LOANS_MAX } from '../../../src/applications/lifecycle/request-loan.ts';
import type { Action, Card, Loan } from '../../../src/applications/model.ts';
import type { Repayment } from '../../../src/applications/repayments/repayment.ts';
import { REPAYMENTS_MAX } from '../../../src/applications/repayments/request-repayment.ts';
import { MINUTE_MS } from '../../../src/base/clock.ts';
import { luhnDigit } from '../../../src/identity/normalise-bank-card.ts';
import { CODES_TRIED_MAX } from '../../../src/intake/answer-otp.ts';
import { RESENDS_MAX } from '../../../src/intake/resend-code.ts';
import { SUPPLEMENTS_MAX } from '../../../src/intake/submit-supplement.ts';
import { askedApplication, inMinutes, submittedApplication, WANTED } from '../../support/asked-applicants.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import type { CoreAnswer, ReceivedPush } from '../../support/fake-core.ts';
import { become, cny, grantedApplication, onDay } from '../../support/partner-applications.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLoan } from '../../support/sample-application.ts';
import { toldByLender } from '../../support/told-by-lender.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
let core: ConnectedCore;
const accepted: CoreAnswer = { status: 200, body: { result: 'accepted' } };
let answer: (push: ReceivedPush) => CoreAnswer = () => accepted;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  core = await connectCore(redis, door.intake, (push) => answer(push));
});
beforeEach(() => {
  answer = () => accepted;
});
afterAll(async () => {
  await core.close();
  await door.close();
  await redis.close();
});

let serial = 0;

function freshCard() {
  serial += 1;
  const digits = `622202${String(serial).padStart(12, '0')}`;
  return { number: `${digits}${luhnDigit(digits)}`, bank_code: 'ICBC', phone: '13800138000' };
}

const code = { type: 'otp', scene: 'apply' };
const wrong = (): CoreAnswer => ({ status: 200, body: { result: 'rejected', reason: 'otp_wrong' } });
const limited = { status: 409, body: { code: 'limit_reached' } };

describe('guessing a code', () => {
  test('ends after a few, whatever the lender allows and however many come at once', async () => {
    const { actionId } = await askedApplication(door, core, code);
    answer = wrong;
    const guesses = Array.from({ length: 3 * CODES_TRIED_MAX }, (_, guess) => ({ otp: String(100_000 + guess) }));
    const answers = await Promise.all(guesses.map((guess) => door.acme.post(`/v1/actions/${actionId}`, guess)));
    expect(core.core.received.length).toBeLessThanOrEqual(CODES_TRIED_MAX);
    expect(answers.filter(({ status }) => status === 409).length).toBeGreaterThanOrEqual(2 * CODES_TRIED_MAX);
    const later = await door.acme.post(`/v1/actions/${actionId}`, { otp: '999999' });
    expect([later.status, later.body.code, later.body.detail]).toEqual([409, 'action_expired', 'too_many_attempts']);
  });

  test('the same code many times at once is one guess and one message', async () => {
    const { actionId } = await askedApplication(door, core, code);
    const same = Array.from({ length: 50 }, () => door.acme.post(`/v1/actions/${actionId}`, { otp: '482913' }));
    const statuses = (await Promise.all(same)).map(({ status }) => status);
    expect(core.core.received).toHaveLength(1);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const again = await door.acme.post(`/v1/actions/${actionId}`, { otp: '482913' });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
  });

  test('another code is sent so many times, also where each request is refused by the lender', async () => {
    const { actionId } = await askedApplication(door, core, code);
    answer = () => ({ status: 200, body: { result: 'rejected', reason: 'busy' } });
    for (let time = 0; time < RESENDS_MAX; time += 1)
      await door.acme.send('POST', `/v1/actions/${actionId}/resend`, {});
    const over = await door.acme.send('POST', `/v1/actions/${actionId}/resend`, {});
    expect([over.status, over.body.code]).toEqual([409, 'action_expired']);
    expect(core.core.received).toHaveLength(RESENDS_MAX);
  });
});

describe('trying card numbers', () => {
  const refuse = (): CoreAnswer => ({ status: 200, body: { result: 'rejected', reason: 'card_refused' } });

  test('ends after so many cards of an applicant, and those that are bound go on', async () => {
    const { id } = await grantedApplication(door);
    await core.settle();
    const bound = freshCard();
    await door.acme.post(`/v1/applications/${id}/cards`, bound);
    answer = refuse;
    const tried = Array.from({ length: CARDS_MAX + 5 }, () => freshCard());
    // At once they wait for one another; none waits behind the limit.
    const answers = await Promise.all(tried.map((card) => door.acme.post(`/v1/applications/${id}/cards`, card)));
    await core.worker.drain();
    expect(answers.filter(({ body }) => body.code === 'limit_reached')).toHaveLength(6);
    expect(core.core.received).toHaveLength(CARDS_MAX);
    expect(await door.acme.post(`/v1/applications/${id}/cards`, freshCard())).toMatchObject(limited);
    expect((await door.acme.post(`/v1/applications/${id}/cards`, bound)).status).toBe(201);
  });

  test('ends after so many attempts with the same ones', async () => {
    const { id } = await grantedApplication(door);
    await core.settle();
    const card = freshCard();
    answer = refuse;
    const { body } = await door.acme.post(`/v1/applications/${id}/cards`, card);
    const { application } = (await door.intake.deps.store.load(id)) ?? {};
    const cards = (application?.cards ?? []).map((one): Card => ({ ...one, attempts: 40 }));
    await become(door, id, { cards });
    expect(body.code).toBe('card_refused');
    expect(await door.acme.post(`/v1/applications/${id}/cards`, card)).toMatchObject(limited);
  });

  test('the same card fifty times at once is one card and one message', async () => {
    const { id } = await grantedApplication(door);
    await core.settle();
    const card = freshCard();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => door.acme.post(`/v1/applications/${id}/cards`, card)),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.every(({ status }) => status === 201 || status === 202)).toBe(true);
    expect(core.core.received).toHaveLength(1);
  });
});

describe('lists of one application', () => {
  test('supplements that nobody asked for are taken so many times; papers that were asked for are taken all the same', async () => {
    const id = await submittedApplication(door, core);
    await become(door, id, { supplements_taken: SUPPLEMENTS_MAX - 1 });
    const path = `/v1/applications/${id}/supplements`;
    expect((await door.acme.post(path, { applicant: { email: 'a@example.com' } })).status).toBe(200);
    expect(await door.acme.post(path, { applicant: { email: 'b@example.com' } })).toMatchObject(limited);
    expect((await door.acme.post(path, { applicant: { email: 'a@example.com' } })).status).toBe(200);
    const asked = await toldByLender(door.intake, id, 'action.required', {
      ...{ type: 'supplement', scene: 'apply', fields: ['email'] },
      expires_at: inMinutes(door, 60),
    });
    const path2 = `/v1/actions/${asked?.action_id}`;
    expect((await door.acme.post(path2, { applicant: { email: 'c@example.com' } })).status).toBe(200);
  });

  test('of actions the newest fifty are kept, however many a lender asks for', async () => {
    const { id } = await askedApplication(door, core, WANTED);
    const action = {
      type: 'redirect',
      scene: 'apply',
      url: 'https://quickcredit.example/h5',
      message: 'x'.repeat(500),
    };
    for (let count = 0; count < 60; count += 1) {
      await toldByLender(door.intake, id, 'action.required', { ...action, expires_at: inMinutes(door, 60 + count) });
    }
    const { application } = (await door.intake.deps.store.load(id)) ?? {};
    expect(application?.actions).toHaveLength(50);
    expect((await door.acme.get(`/v1/applications/${id}`)).status).toBe(200);
  });

  test('loans and repayments end at a number, with a word on it', async () => {
    const { id } = await grantedApplication(door);
    await core.settle();
    const over = (index: number): Loan => sampleLoan(id, `OVER-${index}`, { status: 'declined' });
    await become(door, id, { loans: Array.from({ length: LOANS_MAX }, (_, index) => over(index)) });
    const wish = { partner_ref: 'ONE-MORE', amount: cny(100_000), term: 3, term_unit: 'month', purpose: 'consumption' };
    expect(await door.acme.post(`/v1/applications/${id}/loans`, wish)).toMatchObject(limited);
    const repayment: Omit<Repayment, 'id'> = {
      ...{ partner_ref: 'R', status: 'failed', reason: 'x', installments: 'all', nos: [1], amount: 1, card_id: null },
      ...{ known_refs: [], payment_refs: [], created_at: onDay(-1), updated_at: onDay(-1) },
    };
    const repayments = Array.from({ length: REPAYMENTS_MAX }, (_, index): Repayment => {
      return { ...repayment, id: `rep_${index}` };
    });
    const paid = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
    const item = { no: 1, due_on: '2026-04-02', principal: 100_000, interest: 0, fees: [], paid, paid_at: null };
    const loan = sampleLoan(id, 'RUNNING', { status: 'active', disbursed_at: onDay(-1), schedule: [item], repayments });
    await door.intake.deps.store.bindLoan(loan.id, id);
    await become(door, id, { loans: [loan] });
    const path = `/v1/loans/${loan.id}/repayments`;
    expect(await door.acme.post(path, { partner_ref: 'ONE-MORE', installments: 'all' })).toMatchObject(limited);
  });

  test('quotes: the latest fifty can be cited', async () => {
    const { id } = await grantedApplication(door);
    await core.settle();
    const ids: string[] = [];
    for (let step = 0; step < 60; step += 1) {
      const wish = { amount: cny(100_000 + 10_000 * step), term: 3, term_unit: 'month' };
      door.intake.clock.advanceMs(1);
      ids.push((await door.acme.post(`/v1/applications/${id}/quotes`, wish)).body.id);
    }
    const found = await Promise.all(ids.map((quoteId) => door.intake.deps.quotes.find(id, quoteId)));
    expect(found.map((one) => one !== undefined)).toEqual(ids.map((_, index) => index >= 10));
  });
});

describe('an application that holds as much as it may', () => {
  /** Full but for a few hundred characters. */
  async function fullApplication(): Promise<string> {
    const { id } = await askedApplication(door, core, WANTED);
    const { application } = (await door.intake.deps.store.load(id)) ?? {};
    const room = APPLICATION_MAX_CHARACTERS - JSON.stringify(application).length - 300;
    await become(door, id, { annotations: [{ code: 'x'.repeat(room - 50) }] });
    return id;
  }

  test('refuses events of the lender that would make it larger, one by one, and takes the others', async () => {
    const id = await fullApplication();
    const long = { ...WANTED, scene: 'apply', message: 'x'.repeat(500), expires_at: inMinutes(door, 60) };
    const full = await toldByLender(door.intake, id, 'action.required', long);
    expect(full).toMatchObject({ result: 'rejected', code: 'application_full' });
    const { actions = [] } = (await door.intake.deps.store.load(id))?.application ?? {};
    const done = await toldByLender(door.intake, id, 'action.completed', { action_id: (actions[0] as Action).id });
    expect(done).toMatchObject({ result: 'applied' });
  });

  test('refuses a partner’s papers with a clear word, and can be read, cancelled and swept all the same', async () => {
    const id = await fullApplication();
    const verification = { kind: 'ocr', provider: 'p'.repeat(60), result: 'pass', at: '2026-03-02T03:59:00Z' };
    const verifications = Array.from({ length: 5 }, (_, index) => ({
      ...verification,
      ref: `${index}${'r'.repeat(60)}`,
    }));
    const path = `/v1/applications/${id}/supplements`;
    expect(await door.acme.post(path, { verifications })).toMatchObject(limited);
    expect((await door.acme.get(`/v1/applications/${id}`)).status).toBe(200);
    door.intake.clock.advanceMs(MINUTE_MS);
    expect((await door.acme.post(`/v1/applications/${id}/cancel`, { reason: 'customer' })).status).toBe(200);
  });
});
