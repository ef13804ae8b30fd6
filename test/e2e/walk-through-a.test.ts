import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../src/demo/people.ts';
import { cny, DockingDay, LENDER, md5, PRODUCT } from '../support/docking-day.ts';
import {
  ACCRUED,
  ANNUAL,
  answerQuote,
  applicationOf,
  FEES,
  LEFT,
  LIMIT,
  PENALTY,
  PLAN,
  paidInFull,
  quoteOf,
  WISH,
  wirePlan,
} from '../support/docking-day-figures.ts';
import { sendSigned } from '../support/documents.ts';
import { SHIPPED_PARTNERS } from '../support/intake.ts';
import { shippedKey } from '../support/signed-client.ts';

const FUNDER = 'harbour';
const LENT_BY = [LENDER, FUNDER];
const EVERYBODY = [LENDER, 'harbour', 'north'];
const OTP = '482913';
const H5 = 'https://bluewave.example/h5/liveness';

let day: DockingDay;
/** The applicant whose day it is, and the other user, whose drawdown is declined. */
const people: Person[] = [];
const ids: Record<'app' | 'other' | 'loan' | 'card' | 'precheck', string> = {
  app: '',
  other: '',
  loan: '',
  card: '',
  precheck: '',
};
let photos: { kind: string; document_id: string; bytes: Buffer }[] = [];

beforeAll(async () => {
  day = await DockingDay.start();
  people.push(day.nextPerson(), day.nextPerson());
  day.lender.on('/applications', ({ application_id }) => ({
    body: { result: 'accepted', lender_ref: `BW-A-${application_id}` },
  }));
  day.lender.on('/quotes', (body) => answerQuote(day, body));
  await day.moveTo('04-10', '09:00');
});
afterAll(() => day.stop());

function who(at: number): Person {
  const person = people[at];
  if (person === undefined) throw new Error(`there is no person ${at}`);
  return person;
}

const application = () => ({ application_id: ids.app });
const loan = () => ({ loan_id: ids.loan });

describe('walk-through A: a docking day', () => {
  test('09:00 the shelf: found by what the user wants, and unchanged it costs nothing', async () => {
    const query = 'amount=1000000&term=6&term_unit=month&kind=revolving&purpose=consumption&funder=north&apr_max=0.2';
    const path = `/v1/products?${query}&lender=${LENDER}`;
    const first = await day.gateway.acme.get(path, { 'accept-language': 'zh' });
    expect(first.body.data).toHaveLength(1);
    const [product] = first.body.data;
    expect(product).toMatchObject({
      id: PRODUCT,
      name: '随借随还',
      lender: { id: LENDER, name: 'Bluewave Lending' },
      funders: [
        { id: 'harbour', name: 'Harbour Bank' },
        { id: 'north', name: 'North Consumer Finance' },
      ],
      amount: { min: 100_000, max: LIMIT, step: 10_000 },
      due_day: 10,
      status: 'open',
      requirements: { documents: ['id_front', 'id_back', 'face'], verifications: ['ocr', 'liveness', 'four_elements'] },
    });
    expect(product.fees.map(({ payee }: { payee: string }) => payee)).toEqual(['lender', 'guarantor']);
    const etag = first.headers.get('etag') ?? '';
    const again = await day.gateway.acme.get(path, { 'accept-language': 'zh', 'if-none-match': etag });
    expect([again.status, again.headers.get('etag')]).toEqual([304, etag]);
  });

  test('09:05 precheck at the list page: no product, md5 of phone and id number, the user and a profile', async () => {
    await day.moveTo('04-10', '09:05');
    const { phone, idNumber } = who(0);
    const answer = await day.post('/v1/prechecks', {
      subject: { phone_id: { md5: md5(phone + idNumber) } },
      partner_user_ref: 'U-1',
      profile: { employment: { status: 'employed' }, income: { monthly: cny(980_000), paid_by: 'bank' } },
    });
    const one = answer.products.find(({ product_id }: { product_id: string }) => product_id === PRODUCT);
    expect(one).toMatchObject({
      // Acme is told little: whether, not why.
      decision: 'accept',
      reason: null,
      partner_user_ref: 'U-1',
      terms_id: 'acme-2026',
      limits: { min: cny(100_000), max: cny(LIMIT), terms: [3, 6, 12], term_unit: 'month' },
    });
    expect(one.commission.map(({ rule }: { rule: string }) => rule)).toEqual(['reg', 'cpa', 'first', 'again', 'rs']);
    ids.precheck = one.id;
  });

  test('09:06 the agreements name the lender and every funder, and their texts are the ones in the repository', async () => {
    const { data } = await day.get(`/v1/products/${PRODUCT}/agreements?stage=apply`);
    expect(data.map(({ kind }: { kind: string }) => kind)).toEqual([
      'data_sharing',
      'sensitive_data',
      'credit_inquiry',
      'face',
    ]);
    for (const text of data) {
      expect(text.parties).toEqual(EVERYBODY);
      const file = join(SHIPPED_PARTNERS, 'lending', LENDER, 'agreements', `${text.document}-${text.version}.txt`);
      expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(text.text_sha256);
    }
  });

  test('09:10 applies with three photos, OCR, a face score and four consents; what is missing is named at once', async () => {
    await day.moveTo('04-10', '09:10');
    const person = who(0);
    const bare = await day.refused('/v1/applications', applicationOf(day, person, 'ORDER-1', photos));
    expect(bare.errors.map(({ missing }: { missing: string }) => missing)).toEqual([
      'documents.id_front',
      'documents.id_back',
      'documents.face',
      'consents.data_sharing',
      'consents.sensitive_data',
      'consents.credit_inquiry',
      'consents.face',
    ]);
    photos = await Promise.all(['id_front', 'id_back', 'face'].map((kind) => day.upload(kind)));
    const consents = await day.consents(`/v1/products/${PRODUCT}`, 'apply');
    const body = { ...applicationOf(day, person, 'ORDER-1', photos), precheck_id: ids.precheck, consents };
    const received = await day.post('/v1/applications', body, 201);
    expect(received).toMatchObject({ status: 'received', reason: null, partner_user_ref: 'U-ORDER-1' });
    ids.app = received.id;

    const seen = await day.seenBy(ids.app);
    for (const view of Object.values(seen)) {
      expect(view).toMatchObject({ status: 'submitted', lender_ref: `BW-A-${ids.app}` });
      expect(JSON.stringify(view)).not.toContain(person.idNumber);
    }
    expect(seen.lender).toMatchObject({ origin: 'partner', funder_ids: ['harbour', 'north'] });
    expect(seen.lender.partner_ref).toBeUndefined();
    expect(seen.operator.consents).toHaveLength(4);
    expect(seen.operator).toMatchObject({ pins: { main: 'acme-2026' }, precheck_id: ids.precheck });
    const [told] = day.lender.sent('/applications');
    expect(told).toMatchObject({
      application_id: ids.app,
      partner: { id: 'acme', kind: 'platform' },
      applicant: { name: person.name, id_number: person.idNumber, phone: person.phone },
      consents: consents.map(({ kind }) => ({ kind, parties: EVERYBODY })),
      verifications: [{ kind: 'ocr' }, { kind: 'liveness' }, { kind: 'face_match', score: 0.97 }],
    });
    for (const { document_id, bytes } of photos) {
      const fetched = await sendSigned(`${day.gateway.url}/lender/v1/documents/${document_id}`, day.lender.key);
      expect(fetched.bytes.equals(bytes)).toBe(true);
      const other = await sendSigned(`${day.gateway.url}/lender/v1/documents/${document_id}`, shippedKey('acme'));
      expect(other.status).toBe(401);
    }
  });

  test('09:12 the lender wants the employer in full, and a second liveness on its own page', async () => {
    await day.moveTo('04-10', '09:12');
    const expires_at = day.at('04-11');
    const supplement = { type: 'supplement', scene: 'apply', fields: ['employment.employer'], expires_at };
    const redirect = { type: 'redirect', scene: 'apply', url: H5, message: 'Look into the camera.', expires_at };
    await day.lender.tellAll(application(), ['application.verifying']);
    const asked = await day.lender.tell('action.required', application(), redirect);
    await day.lender.tellAll(application(), ['action.required', supplement]);
    const needs = await day.seenBy(ids.app);
    for (const view of Object.values(needs)) expect(view).toMatchObject({ status: 'needs_input' });
    // Of several, the newest is shown; the next one as soon as it is done.
    const { next_action } = needs.partner;
    expect(next_action).toMatchObject({ type: 'supplement', fields: ['employment.employer'] });

    const given = { applicant: { employment: { employer: '某某科技（上海）有限公司' } } };
    const done = await day.post(`/v1/actions/${next_action.id}`, given);
    expect(done).toMatchObject({ status: 'accepted', application: { next_action: { type: 'redirect', url: H5 } } });
    expect(day.lender.sent('/supplements')).toMatchObject([{ action_id: next_action.id, ...given }]);

    // The partner takes the applicant there by a hand-off, so that the lender's page knows who comes.
    day.lender.on('/handoffs', ({ handoff_id }) => ({ body: { url: `${H5}?h=${handoff_id}` } }));
    const handoff = await day.post(
      '/v1/handoffs',
      { product_id: PRODUCT, destination: 'apply', application_id: ids.app, return_url: 'https://acme.example/back' },
      201,
    );
    const browser = {
      'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 Safari/604.1',
    };
    const opened = await fetch(handoff.url, { redirect: 'manual', headers: browser });
    expect([opened.status, opened.headers.get('location')]).toEqual([302, `${H5}?h=${handoff.id}`]);
    const [shown] = day.lender.sent('/handoffs');
    expect(shown).toMatchObject({ destination: 'apply', application_id: ids.app, partner: { id: 'acme' } });
    const back = await fetch(shown.return_url, { redirect: 'manual', headers: browser });
    expect(back.headers.get('location')).toContain(`https://acme.example/back?handoff=${handoff.id}`);

    await day.post(`/v1/actions/${asked.action_id}`, { returned: true });
    expect(day.lender.sent('/actions')).toMatchObject([{ action_id: asked.action_id, returned: true }]);
    const liveness = {
      kind: 'liveness',
      provider: LENDER,
      result: 'pass',
      score: 0.99,
      at: day.at('04-10', '09:15'),
    };
    await day.moveTo('04-10', '09:16');
    await day.lender.tellAll(
      application(),
      ['action.completed', { action_id: next_action.id }],
      ['action.completed', { action_id: asked.action_id, verifications: [liveness] }],
      ['application.in_review'],
    );
    const seen = await day.seenBy(ids.app);
    for (const view of Object.values(seen)) expect(view).toMatchObject({ status: 'in_review', next_action: null });
    expect(seen.partner.verifications.at(-1)).toMatchObject({ kind: 'liveness', score: 0.99, by: 'lender' });
  });

  test('09:20 granted 1 000–50 000 in steps of 100, over 3, 6 or 12 months, each at its price', async () => {
    await day.moveTo('04-10', '09:20');
    const terms = [3, 6, 12];
    const grant = {
      amount: cny(LIMIT),
      min: cny(100_000),
      step: cny(10_000),
      terms,
      pricing: terms.map((term) => ({ term, annual: ANNUAL[term] })),
      apr: '0.21',
      expires_at: day.at('10-10'),
      funder_id: FUNDER,
    };
    const dear = { ...grant, pricing: [{ term: 12, annual: '0.24' }] };
    expect(await day.lender.tell('credit.granted', application(), dear)).toMatchObject({ code: 'apr_above_cap' });
    await day.lender.tellAll(application(), ['credit.granted', grant]);
    const seen = await day.seenBy(ids.app);
    for (const view of Object.values(seen)) {
      expect(view).toMatchObject({
        status: 'credit_granted',
        credit: {
          amount: cny(LIMIT),
          min: cny(100_000),
          step: cny(10_000),
          available: cny(LIMIT),
          terms,
          funder_id: FUNDER,
        },
      });
      expect(view.credit.pricing.map(({ term, annual }: { term: number; annual: string }) => [term, annual])).toEqual(
        terms.map((term) => [term, ANNUAL[term]]),
      );
    }
    await grantTheOther(grant);
  });

  /** The other user goes the same way, without a question; nobody asks for a code at the card. */
  async function grantTheOther(grant: object): Promise<void> {
    const consents = await day.consents(`/v1/products/${PRODUCT}`, 'apply');
    const body = { ...applicationOf(day, who(1), 'ORDER-2', photos), consents };
    ids.other = (await day.post('/v1/applications', body, 201)).id;
    await day.gateway.settle();
    await day.lender.tellAll({ application_id: ids.other }, ['credit.granted', grant]);
    await day.post(`/v1/applications/${ids.other}/cards`, await cardOf(1, ids.other), 201);
  }

  /** A card of somebody, whose reserved phone is another one, with the consent to debit it. */
  async function cardOf(at: number, applicationId: string) {
    const { bankCard } = who(at);
    const consents = await day.consents(`/v1/applications/${applicationId}`, 'card');
    return { number: bankCard.number, bank_code: bankCard.bankCode, phone: `1390000111${at}`, consents };
  }

  test('09:21 试算: the lender’s quote is the one that its price makes here, to the cent', async () => {
    await day.moveTo('04-10', '09:21');
    const { purpose: _, ...asked } = WISH;
    const quote = await day.post(`/v1/applications/${ids.app}/quotes`, asked);
    expect(quote).toMatchObject({
      source: 'lender',
      valid_until: day.at('04-10', '12:00'),
      received: WISH.amount,
      total: cny(1_056_850),
      cost: { interest: cny(38_850), fees: [{ amount: cny(12_000) }, { amount: cny(6_000) }] },
      schedule: PLAN.map(([due, principal, interest, total], at) => {
        const amounts = { principal: cny(principal), interest: cny(interest), total: cny(total), fees: FEES };
        return { no: at + 1, due_on: day.on(due), ...amounts };
      }),
    });
    const { id, valid_until, source, ...figures } = quote;
    const { source: here, ...local } = quoteOf(day, asked);
    expect([figures, here]).toEqual([local, 'local']);

    day.lender.on('/quotes', (body) => ({ body: { ...answerQuote(day, body).body, total: cny(1) } }));
    const wrong = await day.gateway.acme.post(`/v1/applications/${ids.app}/quotes`, asked);
    expect([wrong.status, wrong.body.code]).toEqual([502, 'lender_quote_invalid']);
    day.lender.on('/quotes', (body) => answerQuote(day, body));
    const offList = await day.refused(`/v1/applications/${ids.app}/quotes`, { ...asked, term: 9 });
    expect(offList).toMatchObject({ allowed: { terms: [3, 6, 12], max: LIMIT } });
  });

  test('09:23 binds a card by its reserved phone: a wrong code, another one sent, the right one', async () => {
    await day.moveTo('04-10', '09:23');
    const sent = { type: 'otp', scene: 'card', sent_to: '139****1110', expires_at: day.at('04-10', '09:33') };
    day.lender.on('/cards', ({ phone }) => {
      const isOther = phone !== '13900001110';
      return { body: { result: 'accepted', ...(isOther ? {} : { next_action: sent }) } };
    });
    const card = await cardOf(0, ids.app);
    const path = `/v1/applications/${ids.app}/cards`;
    expect((await day.refused(path, { ...card, consents: [] })).errors).toMatchObject([
      { missing: 'consents.card_debit' },
    ]);
    const bound = await day.post(path, card, 202);
    expect(bound).toMatchObject({ status: 'pending', next_action: { type: 'otp', sent_to: '139****1110' } });
    ids.card = bound.id;
    expect(day.lender.sent('/cards').at(-1)).toMatchObject({ number: card.number, phone: card.phone });

    day.lender.on('/actions', ({ otp, resend }) => {
      if (resend)
        return { body: { result: 'accepted', next_action: { ...sent, expires_at: day.at('04-10', '09:35') } } };
      return { body: otp === OTP ? { result: 'accepted' } : { result: 'rejected', reason: 'otp_wrong' } };
    });
    const action = `/v1/actions/${bound.next_action.id}`;
    expect((await day.refused(action, { otp: '111111' })).code).toBe('otp_wrong');
    await day.moveTo('04-10', '09:24');
    expect(await day.post(`${action}/resend`, {})).toMatchObject({ expires_at: day.at('04-10', '09:35') });
    expect((await day.refused(`${action}/resend`, {})).code).toBe('rate_limited');
    expect(await day.post(action, { otp: OTP })).toMatchObject({ status: 'accepted' });
    const { data } = await day.get(path);
    expect(data).toMatchObject([{ id: ids.card, status: 'active', default: true, last4: card.number.slice(-4) }]);

    const seen = await day.seenBy(ids.app);
    for (const view of Object.values(seen)) {
      expect(view.verifications.at(-1)).toMatchObject({ kind: 'four_elements', result: 'pass', by: 'sluice' });
      expect(JSON.stringify(view)).not.toContain(card.number);
    }
  });

  test('09:25 draws down for a purpose, on the quote and the card, with the contract accepted, by a code', async () => {
    await day.moveTo('04-10', '09:25');
    const { purpose: _, ...asked } = WISH;
    const { id: quote_id } = await day.post(`/v1/applications/${ids.app}/quotes`, asked);
    const contract = await day.consents(`/v1/applications/${ids.app}`, 'drawdown');
    expect(contract).toMatchObject([{ kind: 'loan_contract', parties: LENT_BY }]);
    const path = `/v1/applications/${ids.app}/loans`;
    const wish = { ...WISH, partner_ref: 'DRAW-1', quote_id, card_id: ids.card };
    expect((await day.refused(path, wish)).errors).toMatchObject([{ missing: 'consents.loan_contract' }]);
    const strange = {
      ...wish,
      card_id: undefined,
      bank_card: { number: who(0).bankCard.number, phone: '13900001110' },
    };
    expect((await day.refused(path, { ...strange, consents: contract })).errors[0].code).toBe('card_unchecked');

    const otp = { type: 'otp', scene: 'drawdown', sent_to: '139****1110', expires_at: day.at('04-10', '09:40') };
    day.lender.on('/loans', ({ loan_id }) => {
      return { body: { result: 'accepted', lender_ref: `BW-L-${loan_id}`, next_action: otp } };
    });
    const requested = await day.post(path, { ...wish, consents: contract }, 201);
    expect(requested).toMatchObject({ status: 'requested', amount: WISH.amount, quote_id, card_id: ids.card });
    ids.loan = requested.id;
    const before = await day.seenBy(ids.app);
    for (const view of Object.values(before)) {
      expect(view.loans).toMatchObject([{ status: 'requested', next_action: { type: 'otp', scene: 'drawdown' } }]);
      expect(view.credit.available).toEqual(cny(LIMIT - 1_000_000));
    }
    expect(day.lender.sent('/loans')).toMatchObject([
      { loan_id: ids.loan, quote_ref: 'BW-Q-1', card_id: ids.card, bank_card: null, purpose: 'consumption' },
    ]);
    expect(day.lender.sent('/loans')[0].consents).toMatchObject(contract);
    await day.post(`/v1/actions/${before.partner.loans[0].next_action.id}`, { otp: OTP });
    await day.lender.tellAll(loan(), ['loan.in_review']);
    expect((await day.get(`/v1/loans/${ids.loan}`)).status).toBe('in_review');
  });

  test('09:26 借款审批 declines another user, who is free again at the time that is told', async () => {
    day.lender.on('/loans', () => ({ body: { result: 'accepted', lender_ref: 'BW-L-OTHER' } }));
    const path = `/v1/applications/${ids.other}/loans`;
    const consents = await day.consents(`/v1/applications/${ids.other}`, 'drawdown');
    const drawn = await day.post(path, { ...WISH, partner_ref: 'DRAW-2', consents }, 201);
    await day.moveTo('04-10', '09:26');
    const retry_at = day.at('04-17');
    const reason = 'drawdown_policy';
    await day.lender.tellAll({ loan_id: drawn.id }, ['loan.in_review'], ['loan.declined', { reason, retry_at }]);
    const seen = await day.seenBy(ids.other);
    for (const view of Object.values(seen)) {
      expect(view).toMatchObject({ status: 'credit_granted', credit: { available: cny(LIMIT) } });
      expect(view.loans).toMatchObject([{ status: 'declined', reason, retry_at, lender_ref: 'BW-L-OTHER' }]);
    }
    const tooSoon = await day.refused(path, { ...WISH, partner_ref: 'DRAW-3', consents });
    expect([tooSoon.code, tooSoon.retry_at]).toEqual(['drawdown_declined', retry_at]);
  });

  test('09:40 paid out, and the plan is there; how much of it is seen is the partner’s visibility', async () => {
    await day.moveTo('04-10', '09:40');
    const disbursed = {
      principal: WISH.amount,
      received: WISH.amount,
      disbursed_at: day.at('04-10', '09:39'),
      funder_id: FUNDER,
      contract_no: 'BW-2026-1',
      schedule: wirePlan(day),
    };
    await day.lender.tellAll(loan(), ['loan.paying_out'], ['loan.disbursed', disbursed]);
    const seen = await day.seenBy(ids.app);
    const running = {
      status: 'active',
      received: WISH.amount,
      outstanding: WISH.amount,
      bucket: 'M0',
      funder_id: FUNDER,
    };
    expect(seen.partner.loans).toMatchObject([{ ...running, contract_no: null }]);
    for (const view of [seen.operator, seen.lender]) {
      expect(view.loans).toMatchObject([{ ...running, contract_no: 'BW-2026-1' }]);
    }
    expect(await plan()).toEqual(PLAN.map(([due, , , total], at) => [at + 1, day.on(due), total, 0, 'not_due']));
  });

  /** The plan as the partner sees it: no, day, total, paid, status. */
  async function plan() {
    const { schedule } = await day.get(`/v1/loans/${ids.loan}/schedule`);
    // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
    return schedule.map((item: any) => [item.no, item.due_on, item.total.amount, item.paid.amount, item.status]);
  }

  test('+30 d the debit fails: past due at midnight, paid two days late with a penalty, and cured', async () => {
    await day.moveTo('05-10', '10:00');
    await day.lender.tellAll(loan(), ['repayment.failed', { no: 1, reason: 'insufficient_funds' }]);
    expect((await plan())[0]).toEqual([1, day.on('05-10'), 176_142, 0, 'due']);
    await day.moveTo('05-11', '00:30');
    const late = await day.seenBy(ids.app);
    for (const view of Object.values(late)) {
      expect(view.loans).toMatchObject([{ status: 'overdue', days_past_due: 1, bucket: 'M1' }]);
    }
    // The lender says what we have counted already.
    await day.lender.tellAll(loan(), ['loan.overdue', { no: 1, days_past_due: 1, amount_overdue: cny(176_142) }]);
    await day.moveTo('05-12', '10:00');
    expect((await day.get(`/v1/loans/${ids.loan}`)).days_past_due).toBe(2);
    const payment = paidInFull(1, 'BW-P-1', day.at('05-12', '10:00'), { penalty: cny(PENALTY) });
    await day.lender.tellAll(loan(), ['installment.paid', payment]);
    const seen = await day.seenBy(ids.app);
    for (const view of Object.values(seen)) {
      expect(view.loans).toMatchObject([
        { status: 'active', days_past_due: 0, bucket: 'M0', outstanding: cny(837_858) },
      ]);
    }
    const [first] = (await day.get(`/v1/loans/${ids.loan}/schedule`)).schedule;
    expect(first).toMatchObject({
      status: 'paid',
      paid: cny(176_142),
      penalty: null,
      paid_at: day.at('05-12', '10:00'),
    });
    expect(seen.operator.loans[0].payments).toMatchObject([{ payment_ref: 'BW-P-1', penalty: cny(PENALTY) }]);
  });

  test('+70 d the borrower settles early: what it takes, asked for, collected, and the limit is whole again', async () => {
    await day.moveTo('06-10', '10:00');
    await day.lender.tellAll(loan(), ['installment.paid', paidInFull(2, 'BW-P-2', day.at('06-10', '10:00'))]);
    await day.moveTo('06-19', '11:00');
    const takes = await day.post(`/v1/loans/${ids.loan}/repayments/quote`, { installments: 'all' });
    const amount = cny(LEFT + ACCRUED);
    expect(takes).toMatchObject({ source: 'lender', amount, principal: cny(LEFT), interest: cny(ACCRUED), fees: [] });
    const wish = { partner_ref: 'PAY-1', installments: 'all', card_id: ids.card };
    const asked = await day.post(`/v1/loans/${ids.loan}/repayments`, wish, 201);
    expect(asked).toMatchObject({ status: 'pending' });
    expect(day.lender.sent('/repayments')).toMatchObject([
      { loan_id: ids.loan, repayment_id: asked.id, installments: 'all', amount, card_id: ids.card },
    ]);
    const last = { no: 3, due_on: day.on('06-19'), principal: cny(LEFT), interest: cny(ACCRUED), fees: [] };
    const at = day.at('06-19', '11:00');
    await day.lender.tellAll(
      loan(),
      ['loan.schedule_updated', { reason: 'prepayment', schedule: [...wirePlan(day, 2), last] }],
      ['installment.paid', { ...last, due_on: undefined, payment_ref: 'BW-P-3', payer: 'borrower', paid_at: at }],
      ['loan.settled', { settled_at: at, early: true }],
    );
    const seen = await day.seenBy(ids.app);
    for (const view of Object.values(seen)) {
      expect(view.loans).toMatchObject([{ status: 'settled', settled_at: at, outstanding: cny(0) }]);
      expect(view.credit.available).toEqual(cny(LIMIT));
    }
    expect(await day.get(`/v1/repayments/${asked.id}`)).toMatchObject({ status: 'succeeded' });
    expect((await plan()).map((item: unknown[]) => item.at(-1))).toEqual(['paid', 'paid', 'paid']);
  });

  test('month: what both users earned, to the cent and explained, and closed in statements', async () => {
    await day.moveTo('07-01', '00:10');
    await day.gateway.settle();
    const none = { count: 0, principal: cny(0) };
    const figures = {
      product_id: PRODUCT,
      applications: 2,
      granted: { count: 2, amount: cny(2 * LIMIT) },
      disbursed: { count: 1, principal: WISH.amount },
      paid: { ...none, interest: cny(0), fees: cny(0), penalty: cny(0) },
      outstanding: { count: 1, principal: WISH.amount },
    };
    const totals = { timezone: 'Asia/Shanghai', products: [figures] };
    const path = `/lender/v1/daily-totals/${day.on('04-10')}`;
    expect((await day.lender.door.send('PUT', path, { body: JSON.stringify(totals) })).body.matches).toBe(true);
    const { data } = await day.get('/v1/commissions?limit=100');
    // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
    const lines = data.map((line: any) => [line.period.slice(5), line.rule, line.kind, line.amount.amount]).sort();
    expect(lines).toEqual([
      ['04-01', 'cpa', 'accrual', 3_000],
      ['04-01', 'cpa', 'accrual', 3_000],
      // 1.5 % of 10 000.00, held for 15 days
      ['04-01', 'first', 'accrual', 15_000],
      // 8 % of interest 110.00 and service fee 20.00; of the penalty nothing
      ['05-01', 'rs', 'accrual', 1_040],
      // 8 % of 21.94, and of 92.16 + 20.00
      ['06-01', 'rs', 'accrual', 176],
      ['06-01', 'rs', 'accrual', 897],
      // Settled within 30 days of both: back goes what 113 of the 183 days had still to earn.
      ['06-01', 'rs', 'clawback', -109],
      ['06-01', 'rs', 'clawback', -554],
    ]);
    // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
    const why = (amount: number) => data.find((line: any) => line.amount.amount === amount).why;
    expect(why(1_040)).toMatch(/8 %.*130\.00.*10\.40/);
    expect(why(-554)).toMatch(/113\/183.*loan\.settled_early.*5\.54/);
    const closings = [21_000, 1_040, 410].map((accruals, at) => ({ month: `0${4 + at}`, accruals }));
    for (const { month, accruals } of closings) {
      const period = `/admin/v1/partners/acme/periods/${day.on(`${month}-01`)}`;
      const first = await day.gateway.operator.post(`${period}/review`, {});
      if (month === '04') expect([first.status, first.body.code]).toEqual([200, undefined]);
      else {
        // The lender has told only the day of April: finance sees what is missing, and sets it aside by name.
        expect([first.status, first.body.code]).toEqual([409, 'period_blocked']);
        expect(first.body.blockers).toMatchObject([{ code: 'totals_missing' }]);
        const waive = [{ code: 'totals_missing', reason: 'the lender tells its totals from July on' }];
        expect((await day.gateway.operator.post(`${period}/review`, { waive })).status).toBe(200);
      }
      const { body } = await day.gateway.operator.post(`${period}/lock`, {});
      const statement = await day.get(`/v1/statements/${body.id}`);
      expect(statement.accruals + statement.adjustments).toBe(accruals);
      // Acme's invoice carries 6 % on top.
      expect(statement.tax).toBe(Math.round(accruals * 0.06));
    }
    // The bank owes 2.5 % of the 10 000.00, and 12 % of the interest of 110.00 a month later: what is left of it is ours.
    const leaves = [25_000 - 21_000, 1_320 - 1_040];
    for (const [at, margin] of leaves.entries()) {
      const month = day.on(`0${4 + at}-01`).slice(0, 7);
      const { body } = await day.gateway.operator.get(`/admin/v1/margin?month=${month}&by=partner,funder`);
      expect(body.data).toMatchObject([{ partner_id: 'acme', funder_id: 'harbour', margin }]);
    }
  });

  test('everything that the lender was sent was signed by us, and it heard nothing twice', () => {
    expect(day.lender.unsigned).toEqual([]);
    const deliveries = day.lender.core.received.map(({ body }) => body.delivery_id);
    expect(new Set(deliveries).size).toBe(deliveries.length);
  });
});
