import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SealedRecord } from '../../../src/applications/sealed-record.ts';
import { MINUTE_MS } from '../../../src/base/clock.ts';
import { actionResultSchema, resentSchema } from '../../../src/doors/partner/actions/action-schema.ts';
import { answerAction } from '../../../src/intake/answer-action.ts';
import type { IntakeDeps } from '../../../src/intake/intake-deps.ts';
import { askedApplication, inMinutes, PAPERS, standingOf, WANTED } from '../../support/asked-applicants.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import { everyEvent } from '../../support/every-event.ts';
import type { CoreAnswer, ReceivedPush } from '../../support/fake-core.ts';
import { become } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { toldByLender } from '../../support/told-by-lender.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
let core: ConnectedCore;
const accepted: CoreAnswer = { status: 200, body: { result: 'accepted', lender_ref: 'L-1' } };
const rejected = (reason: string, more: object = {}): CoreAnswer => ({
  status: 200,
  body: { result: 'rejected', reason, ...more },
});
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

describe('papers that a lender asks for', () => {
  test('are merged into the sealed record, reach the lender once, and are not asked for again', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    expect(await standingOf(door, id)).toEqual(['needs_input', 'supplement']);
    const { status, body } = await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect(status).toBe(200);
    expectConforms(actionResultSchema, body);
    expect(body).toMatchObject({ action_id: actionId, status: 'accepted', application: { status: 'needs_input' } });
    expect(core.core.received).toMatchObject([
      { path: '/core/supplements', body: { application_id: id, lender_ref: 'L-1', action_id: actionId, ...PAPERS } },
    ]);
    expect(await standingOf(door, id)).toEqual(['needs_input', null]);
    const { store, sealer } = door.intake.deps;
    const opened = sealer.openJson((await store.sealed(id)) ?? '', id);
    const record = (opened.ok ? opened.plain : {}) as SealedRecord;
    expect(record.applicant).toMatchObject({ employment: PAPERS.applicant.employment, phone: expect.any(String) });
    expect(record.verifications).toMatchObject(PAPERS.verifications);
    await toldByLender(door.intake, id, 'action.completed', { action_id: actionId });
    expect(await standingOf(door, id)).toEqual(['verifying', null]);
  });

  test('the same again is replayed, another answer comes too late; whatever the lender has said since', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    await toldByLender(door.intake, id, 'action.completed', { action_id: actionId });
    const again = await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    const other = { ...PAPERS, applicant: { employment: { employer: 'another' } } };
    const late = await door.acme.post(`/v1/actions/${actionId}`, other);
    expect([late.status, late.body.code]).toEqual([409, 'action_completed']);
    expect(core.core.received).toHaveLength(1);
  });

  test('must cover what is asked for, in the shape of its type', async () => {
    const { actionId } = await askedApplication(door, core, WANTED);
    const half = await door.acme.post(`/v1/actions/${actionId}`, { applicant: { email: 'a@example.com' } });
    expect([half.status, half.body.code]).toEqual([422, 'field_missing']);
    const pointers = half.body.errors.map((one: { pointer: string }) => one.pointer);
    expect(pointers).toEqual(['/applicant/employment/employer', '/verifications']);
    const code = await door.acme.post(`/v1/actions/${actionId}`, { otp: '123456' });
    expect([code.status, code.body.errors[0]]).toMatchObject([422, { pointer: '/otp', code: 'not_allowed' }]);
    const nothing = await door.acme.post(`/v1/actions/${actionId}`, {});
    expect([nothing.status, nothing.body.code]).toEqual([422, 'validation_failed']);
    expect(core.core.received).toEqual([]);
  });

  test('that the lender does not take are asked for again', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    answer = () => rejected('unreadable');
    const refused = await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([422, 'action_refused', 'unreadable']);
    expect(await standingOf(door, id)).toEqual(['needs_input', 'supplement']);
    answer = () => accepted;
    expect((await door.acme.post(`/v1/actions/${actionId}`, PAPERS)).body.status).toBe('accepted');
    expect(new Set(core.core.received.map(({ key }) => key)).size).toBe(2);
  });

  test('of a lender that is away are kept, and sent under the same id when it is back', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    answer = () => ({ status: 503 });
    const pending = await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect([pending.status, pending.body.status]).toEqual([202, 'pending']);
    expect(await standingOf(door, id)).toEqual(['needs_input', null]);
    answer = () => accepted;
    await expect
      .poll(
        async () => {
          await core.worker.drain();
          return core.core.received.length;
        },
        { timeout: 5_000 },
      )
      .toBe(2);
    expect(new Set(core.core.received.map(({ key }) => key)).size).toBe(1);
    const again = await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect([again.status, again.body.status]).toEqual([200, 'accepted']);
  });

  test('that were written down by somebody who died before sending are sent by the outbox, once', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    const { deps } = door.intake;
    const dying: IntakeDeps = {
      ...deps,
      // Its grace is over when the outbox looks.
      realClock: { nowMs: () => Date.now() - MINUTE_MS },
      calls: { ...deps.calls, sendNow: () => Promise.reject(new Error('killed')), ask: deps.calls.ask },
    };
    const loaded = await deps.store.load(id);
    if (loaded === undefined) throw new Error('not there');
    await expect(answerAction(dying, loaded.application, actionId, PAPERS, undefined)).rejects.toThrow('killed');
    await core.worker.drain();
    expect(core.core.received).toMatchObject([{ path: '/core/supplements', body: { action_id: actionId } }]);
    const again = await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(core.core.received).toHaveLength(1);
  });

  test('may come unasked until the lender has decided, and answer what is asked where they cover it', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    const path = `/v1/applications/${id}/supplements`;
    const unasked = await door.acme.post(path, { applicant: { email: 'a@example.com' } });
    expect([unasked.status, unasked.body.action_id]).toEqual([200, null]);
    const again = await door.acme.post(path, { applicant: { email: 'a@example.com' } });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect((await door.acme.post(path, PAPERS)).body.action_id).toBe(actionId);
    expect(core.core.received).toHaveLength(2);
    await become(door, id, { status: 'credit_declined' });
    const late = await door.acme.post(path, { applicant: { email: 'b@example.com' } });
    expect([late.status, late.body.code]).toEqual([409, 'illegal_transition']);
    expect((await door.acme.post(path, {})).status).toBe(422);
  });
});

describe('a one-time code', () => {
  const code = { type: 'otp', scene: 'apply', sent_to: '138****8000' };

  test('is judged while the partner waits; a wrong one may be tried again, too many may not', async () => {
    const { id, actionId } = await askedApplication(door, core, code);
    expect((await door.acme.get(`/v1/applications/${id}`)).body.next_action).toMatchObject({ sent_to: '138****8000' });
    answer = () => rejected('otp_wrong', { tries_left: 2 });
    const wrong = await door.acme.post(`/v1/actions/${actionId}`, { otp: '111111' });
    expect([wrong.status, wrong.body.code, wrong.body.tries_left]).toEqual([422, 'otp_wrong', 2]);
    answer = () => accepted;
    const right = await door.acme.post(`/v1/actions/${actionId}`, { otp: '222222' });
    expect([right.status, right.body.status]).toEqual([200, 'accepted']);
    expect(await standingOf(door, id)).toEqual(['submitted', null]);
    const again = await door.acme.post(`/v1/actions/${actionId}`, { otp: '222222' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect((await door.acme.post(`/v1/actions/${actionId}`, { otp: '333333' })).body.code).toBe('action_completed');
    const other = await askedApplication(door, core, code);
    answer = () => rejected('too_many_attempts');
    const over = await door.acme.post(`/v1/actions/${other.actionId}`, { otp: '111111' });
    expect([over.status, over.body.code]).toEqual([409, 'action_expired']);
    expect(await standingOf(door, other.id)).toEqual(['submitted', null]);
  });

  test('is not kept, nor sent later, when the lender is away; and stands nowhere in the open', async () => {
    const { id, actionId } = await askedApplication(door, core, code);
    answer = () => ({ status: 503 });
    const away = await door.acme.post(`/v1/actions/${actionId}`, { otp: '987654' });
    expect([away.status, away.body.code, away.headers.get('retry-after')]).toEqual([503, 'lender_unavailable', '5']);
    expect(await standingOf(door, id)).toEqual(['submitted', 'otp']);
    core.core.received.length = 0;
    answer = () => accepted;
    await core.worker.drain();
    expect(core.core.received).toEqual([]);
    await expect
      .poll(async () => (await door.acme.post(`/v1/actions/${actionId}`, { otp: '987654' })).status, { timeout: 8_000 })
      .toBe(200);
    const logged = JSON.stringify((await everyEvent(redis.client, redis.keys)).filter(({ subject }) => subject === id));
    const stored = JSON.stringify(await door.intake.deps.store.load(id));
    expect(`${logged}${stored}`).not.toContain('987654');
  });

  test('is sent again at most once a minute', async () => {
    const { actionId } = await askedApplication(door, core, code);
    const path = `/v1/actions/${actionId}/resend`;
    const resend = () => door.acme.send('POST', path, {});
    const next_action = { type: 'otp', expires_at: inMinutes(door, 90), sent_to: '138****8001' };
    answer = () => ({ status: 200, body: { result: 'accepted', next_action } });
    const { status, body } = await resend();
    expect(status).toBe(200);
    expectConforms(resentSchema, body);
    expect(body).toMatchObject({ expires_at: next_action.expires_at, sent_to: '138****8001' });
    expect(core.core.received).toMatchObject([{ path: '/core/actions', body: { action_id: actionId, resend: true } }]);
    const soon = await resend();
    expect([soon.status, soon.body.code, soon.headers.get('retry-after')]).toEqual([429, 'rate_limited', '60']);
    door.intake.clock.advanceMs(MINUTE_MS);
    expect((await resend()).status).toBe(200);
    const { actionId: page } = await askedApplication(door, core, {
      type: 'redirect',
      url: 'https://quickcredit.example/h5/1',
    });
    expect((await door.acme.send('POST', `/v1/actions/${page}/resend`, {})).body.code).toBe('illegal_transition');
  });
});

describe('other actions', () => {
  const text = { kind: 'loan_contract', document: 'contract', version: '2', text_sha256: 'a'.repeat(64) };

  test('agreeing takes the texts as they are asked for, and tells the lender', async () => {
    const { id, actionId } = await askedApplication(door, core, { type: 'agree', agreements: [text] });
    const consent = { ...text, parties: ['quickcredit', 'harbour'], accepted_at: '2026-03-02T03:59:00.000Z' };
    const stale = await door.acme.post(`/v1/actions/${actionId}`, { consents: [{ ...consent, version: '1' }] });
    expect([stale.status, stale.body.code]).toEqual([422, 'consent_missing']);
    expect((await door.acme.post(`/v1/actions/${actionId}`, { consents: [consent] })).body.status).toBe('accepted');
    expect(core.core.received).toMatchObject([{ path: '/core/actions', body: { type: 'agree', consents: [consent] } }]);
    const { application } = (await door.intake.deps.store.load(id)) ?? {};
    expect(application?.consents).toMatchObject(expect.arrayContaining([expect.objectContaining({ version: '2' })]));
  });

  test('coming back from a page needs no words', async () => {
    const { actionId } = await askedApplication(door, core, {
      type: 'redirect',
      url: 'https://quickcredit.example/h5/1',
    });
    expect((await door.acme.post(`/v1/actions/${actionId}`, {})).body.status).toBe('accepted');
    expect(core.core.received).toMatchObject([{ body: { type: 'redirect', returned: true } }]);
  });

  test('several are open at once: the newest is shown, and each is answered by itself', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    door.intake.clock.advanceMs(1_000);
    const page = {
      type: 'redirect',
      scene: 'apply',
      url: 'https://quickcredit.example/h5/1',
      expires_at: inMinutes(door, 60),
    };
    const second = await toldByLender(door.intake, id, 'action.required', page);
    expect(await standingOf(door, id)).toEqual(['needs_input', 'redirect']);
    await door.acme.post(`/v1/actions/${second?.action_id}`, { returned: true });
    expect(await standingOf(door, id)).toEqual(['needs_input', 'supplement']);
    await door.acme.post(`/v1/actions/${actionId}`, PAPERS);
    expect(await standingOf(door, id)).toEqual(['needs_input', null]);
  });

  test('nobody else’s and unknown ones are not found', async () => {
    const { actionId } = await askedApplication(door, core, WANTED);
    expect((await door.summit.post(`/v1/actions/${actionId}`, PAPERS)).status).toBe(404);
    expect((await door.acme.post(`/v1/actions/act_${'0'.repeat(32)}`, PAPERS)).status).toBe(404);
  });
});
