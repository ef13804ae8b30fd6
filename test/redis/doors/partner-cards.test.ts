import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SealedRecord } from '../../../src/applications/sealed-record.ts';
import { isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import { cardSchema } from '../../../src/doors/partner/cards/card-schema.ts';
import { luhnDigit } from '../../../src/identity/normalise-bank-card.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import type { CoreAnswer, ReceivedPush } from '../../support/fake-core.ts';
import { become, grantedApplication } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLoan } from '../../support/sample-application.ts';
import { runTimers, toldByLender } from '../../support/told-by-lender.ts';

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

function freshCard(): { readonly number: string; readonly bank_code: string; readonly phone: string } {
  serial += 1;
  const digits = `622202${String(serial).padStart(12, '0')}`;
  return { number: `${digits}${luhnDigit(digits)}`, bank_code: 'ICBC', phone: '+86 138 0013 8000' };
}

async function granted(): Promise<string> {
  const { id } = await grantedApplication(door);
  await core.settle();
  return id;
}

const bind = (id: string, card: object) => door.acme.post(`/v1/applications/${id}/cards`, card);
const list = async (id: string) => (await door.acme.get(`/v1/applications/${id}/cards`)).body.data;
const askCode = (): CoreAnswer => {
  const expires_at = isoOf(door.intake.clock.nowMs() + 5 * MINUTE_MS);
  return {
    status: 202,
    body: { result: 'accepted', next_action: { type: 'otp', expires_at, sent_to: '138****8000' } },
  };
};

describe('binding a card', () => {
  test('the lender is told number and reserved phone in normal form; here only the last digits stay', async () => {
    const id = await granted();
    const card = freshCard();
    const spaced = { ...card, number: card.number.replace(/(\d{4})(?=\d)/g, '$1 ') };
    const { status, body } = await bind(id, spaced);
    expect(status).toBe(201);
    expectConforms(cardSchema, body);
    expect(body).toMatchObject({ bank_code: 'ICBC', last4: card.number.slice(-4), default: true, status: 'active' });
    const told = { card_id: body.id, number: card.number, bank_code: 'ICBC', phone: '13800138000' };
    expect(core.core.received).toMatchObject([{ path: '/core/cards', body: told }]);
    const { store, sealer } = door.intake.deps;
    expect(JSON.stringify(await store.load(id))).not.toContain(card.number);
    const opened = sealer.openJson((await store.sealed(id)) ?? '', id);
    expect(JSON.stringify((opened.ok ? opened.plain : {}) as SealedRecord)).not.toContain(card.number);
  });

  test('the same number again is the same card and no second message, with another spelling too', async () => {
    const id = await granted();
    const card = freshCard();
    const { body } = await bind(id, card);
    const again = await bind(id, { ...card, number: `${card.number.slice(0, 6)}-${card.number.slice(6)}` });
    expect([again.status, again.body.id, again.headers.get('idempotent-replayed')]).toEqual([201, body.id, 'true']);
    expect(core.core.received).toHaveLength(1);
    expect(await list(id)).toHaveLength(1);
  });

  test('a code that the lender wants makes it 202; the right one binds the card, the lender’s word does too', async () => {
    const id = await granted();
    answer = askCode;
    const { status, body } = await bind(id, freshCard());
    expect(status).toBe(202);
    expectConforms(cardSchema, body);
    expect(body).toMatchObject({ status: 'pending', default: false, next_action: { type: 'otp', scene: 'card' } });
    expect((await door.acme.get(`/v1/applications/${id}`)).body.next_action).toBeNull();
    answer = () => accepted;
    const path = `/v1/actions/${body.next_action.id}`;
    expect((await door.acme.post(path, { otp: '123456' })).body.status).toBe('accepted');
    expect(core.core.received.at(-1)).toMatchObject({ body: { scene: 'card', card_id: body.id, otp: '123456' } });
    expect(await list(id)).toMatchObject([{ id: body.id, status: 'active', default: true, next_action: null }]);
    answer = askCode;
    const second = await bind(id, freshCard());
    await toldByLender(door.intake, id, 'action.completed', { action_id: second.body.next_action.id });
    expect(await list(id)).toMatchObject([{ default: true }, { id: second.body.id, status: 'active', default: false }]);
  });

  test('a code that ran out is asked for anew by binding the card again', async () => {
    const id = await granted();
    const card = freshCard();
    answer = askCode;
    const first = await bind(id, card);
    door.intake.clock.advanceMs(6 * MINUTE_MS);
    const late = await door.acme.post(`/v1/actions/${first.body.next_action.id}`, { otp: '123456' });
    expect(late.body.code).toBe('action_expired');
    await runTimers(redis, door.intake);
    const again = await bind(id, card);
    expect([again.status, again.body.id]).toEqual([202, first.body.id]);
    expect(again.body.next_action.id).not.toBe(first.body.next_action.id);
    expect(new Set(core.core.received.map(({ key }) => key)).size).toBe(2);
  });

  test('one that the lender refuses says why, and may be tried again', async () => {
    const id = await granted();
    const card = freshCard();
    answer = () => ({ status: 200, body: { result: 'rejected', reason: 'phone_mismatch' } });
    const refused = await bind(id, card);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([422, 'card_refused', 'phone_mismatch']);
    expect(await list(id)).toMatchObject([{ status: 'refused', reason: 'phone_mismatch' }]);
    answer = () => accepted;
    expect((await bind(id, card)).status).toBe(201);
    expect((await bind(id, { ...card, number: '6222021234567890120' })).body.errors[0].code).toBe('bank_card_checksum');
  });

  test('needs the consents of its stage, and four elements that belong together where the product wants them', async () => {
    const id = await granted();
    const text = { kind: 'card_debit', document: 'debit', version: '1', text_sha256: 'a'.repeat(64) } as const;
    const { deps } = door.intake;
    const offer = (await deps.store.load(id))?.application.offer;
    if (offer === undefined) throw new Error('nothing was offered');
    const consents = [{ ...text, stage: 'card' as const }];
    const requirements = { ...offer.requirements, consents, verifications: ['four_elements' as const] };
    await become(door, id, { offer: { ...offer, requirements } });
    expect((await bind(id, freshCard())).body.code).toBe('consent_missing');
    const given = { ...text, parties: ['quickcredit', 'harbour'], accepted_at: '2026-03-02T03:59:00.000Z' };
    const verifier = { name: 'test', check: async () => ({ result: 'fail' as const, provider: 'test', ref: 'r-1' }) };
    Object.assign(deps, { verifier });
    const failed = await bind(id, { ...freshCard(), consents: [given] }).finally(() => {
      Object.assign(deps, { verifier: undefined });
    });
    expect([failed.status, failed.body.detail]).toEqual([422, 'four_elements']);
    expect(core.core.received).toEqual([]);
    expect((await bind(id, freshCard())).status).toBe(201);
  });
});

describe('taking a card off', () => {
  test('the newest one that is left becomes the default, and the lender is told', async () => {
    const id = await granted();
    const cards: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      door.intake.clock.advanceMs(1_000);
      cards.push((await bind(id, freshCard())).body.id);
    }
    const remove = () => door.acme.send('DELETE', `/v1/cards/${cards[0]}`, {});
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(204);
    expect(await list(id)).toMatchObject([
      { id: cards[1], default: false },
      { id: cards[2], default: true },
    ]);
    await expect.poll(() => core.core.received.length).toBe(4);
    expect(core.core.received.at(-1)).toMatchObject({
      path: '/core/cards',
      body: { card_id: cards[0], removed: true },
    });
  });

  test('not while a loan needs it, and not by anybody else', async () => {
    const id = await granted();
    const { body } = await bind(id, freshCard());
    await become(door, id, { loans: [sampleLoan(id, 'L', { status: 'active', card_id: body.id })] });
    const used = await door.acme.send('DELETE', `/v1/cards/${body.id}`, {});
    expect([used.status, used.body.code]).toEqual([409, 'card_in_use']);
    expect((await door.summit.send('DELETE', `/v1/cards/${body.id}`, {})).status).toBe(404);
    await become(door, id, { loans: [sampleLoan(id, 'L', { status: 'settled', card_id: body.id })] });
    expect((await door.acme.send('DELETE', `/v1/cards/${body.id}`, {})).status).toBe(204);
  });
});
