import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DocumentFiles } from '../../../src/applications/documents/document-files.ts';
import { sealResult } from '../../../src/doors/referral/form-token.ts';
import type { ReferralDoor } from '../../../src/doors/referral/referral-deps.ts';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import { luhnDigit } from '../../../src/identity/normalise-bank-card.ts';
import { createFrameSealer } from '../../../src/identity/seal-frames.ts';
import { askedApplication, inMinutes, standingOf } from '../../support/asked-applicants.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import { photo } from '../../support/documents.ts';
import type { CoreAnswer, ReceivedPush } from '../../support/fake-core.ts';
import { BROWSER, PageVisit } from '../../support/page-visit.ts';
import { startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral } from '../../support/referral.ts';
import { ORIGIN } from '../../support/tiny-door.ts';
import { toldByLender } from '../../support/told-by-lender.ts';

let redis: TestRedis;
let partner: TestPartnerDoor;
let core: ConnectedCore;
let door: ReferralDoor;
let folder: string;
const accepted: CoreAnswer = { status: 200, body: { result: 'accepted', lender_ref: 'L-1' } };
const rejected = (reason: string): CoreAnswer => ({ status: 200, body: { result: 'rejected', reason } });
let answer: (push: ReceivedPush) => CoreAnswer = () => accepted;

beforeAll(async () => {
  redis = await startTestRedis();
  partner = await startPartnerDoor(redis);
  core = await connectCore(redis, partner.intake, (push) => answer(push));
  folder = mkdtempSync(join(tmpdir(), 'sluice-files-'));
  const frames = createFrameSealer({ keys: [{ id: 'k1', key: randomBytes(32) }], activeId: 'k1' });
  const { deps } = await createTestReferral(redis);
  const { intake } = partner;
  door = createReferralDoor({
    ...deps,
    page: { ...intake.deps, clicks: deps.page.clicks },
    sealer: intake.deps.sealer,
    documentFiles: new DocumentFiles(folder, frames),
  });
});
beforeEach(() => {
  answer = () => accepted;
  core.core.received.length = 0;
});
afterAll(async () => {
  await core.close();
  await partner.close();
  await redis.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The result page of an application whose lender asks for something. */
async function asked(data: object): Promise<{ page: PageVisit; id: string; actionId: string; path: string }> {
  const { id, actionId } = await askedApplication(partner, core, data);
  core.core.received.length = 0;
  const path = `/apply/acme-home/result?t=${sealResult(partner.intake.deps.sealer, id)}&lang=en`;
  return { page: await new PageVisit(door).get(path), id, actionId, path };
}

const send = (page: PageVisit, what: string, fields: Record<string, string | string[]>) =>
  page.post({ form: '', action: page.hidden('action'), do: what, ...fields });

describe('what a lender asks for is done on the result page:', () => {
  test('fields of the catalogue, checked like everywhere, merged and sent on', async () => {
    const { page, id, actionId } = await asked({
      type: 'supplement',
      fields: ['employment.employer', 'income.monthly'],
    });
    expect(page.html).not.toContain('http-equiv="refresh"');
    await send(page, 'answer', { 'employment.employer': '', 'income.monthly': 'much' });
    expect(page.status).toBe(422);
    expect(page.html).toContain('id="f-employment-employer-error"');
    expect(page.html).toContain('id="f-income-monthly-error"');
    expect(page.html).toContain('value="much"');
    await send(page, 'answer', { 'employment.employer': '某某科技', 'income.monthly': '12,000' });
    expect(page.status).toBe(200);
    expect(core.core.received).toMatchObject([
      {
        path: '/core/supplements',
        body: {
          action_id: actionId,
          applicant: {
            employment: { employer: '某某科技' },
            income: { monthly: { amount: 1_200_000, currency: 'CNY' } },
          },
        },
      },
    ]);
    expect(await standingOf(partner, id)).toEqual(['needs_input', null]);
  });

  test('photos and files, by what their bytes are', async () => {
    const { page, path } = await asked({ type: 'supplement', documents: ['id_front', 'income_proof'] });
    expect(page.html).toContain('enctype="multipart/form-data"');
    const upload = async (files: Record<string, Buffer>) => {
      const body = new FormData();
      body.append('action', page.hidden('action'));
      body.append('do', 'answer');
      for (const [kind, bytes] of Object.entries(files)) {
        body.append(`document.${kind}`, new Blob([new Uint8Array(bytes)]), `${kind}.jpg`);
      }
      const headers = { 'user-agent': BROWSER };
      const response = await door.request(`${ORIGIN}${path}`, { method: 'POST', body, headers });
      return { status: response.status, html: await response.text() };
    };
    const wrong = await upload({ id_front: Buffer.from('#!/bin/sh') });
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain('This is no JPEG, PNG, PDF or MP4 file.');
    expect(wrong.html).toContain('Choose a file.');
    expect(core.core.received).toEqual([]);
    expect((await upload({ id_front: photo('front'), income_proof: Buffer.from('%PDF-1.7 proof') })).status).toBe(303);
    expect(core.core.received).toMatchObject([
      {
        body: {
          documents: [
            { kind: 'id_front', document_id: expect.stringMatching(/^doc_/), content_type: 'image/jpeg' },
            { kind: 'income_proof', content_type: 'application/pdf' },
          ],
        },
      },
    ]);
  });

  test('a code, which may be wrong and may be sent again', async () => {
    const { page, id } = await asked({ type: 'otp', sent_to: '138****8000' });
    expect(page.html).toContain('QuickCredit sent a code to 138****8000.');
    answer = () => rejected('otp_wrong');
    await send(page, 'answer', { otp: '111111' });
    expect(page.html).toContain('This code was not accepted.');
    answer = () => ({
      status: 200,
      body: { result: 'accepted', next_action: { type: 'otp', expires_at: inMinutes(partner, 30) } },
    });
    await send(page, 'resend', {});
    expect(page.status).toBe(200);
    await send(page, 'resend', {});
    expect(page.status).toBe(429);
    answer = () => accepted;
    await send(page, 'answer', { otp: '222 222' });
    expect(core.core.received.at(-1)).toMatchObject({ body: { otp: '222222' } });
    expect(await standingOf(partner, id)).toEqual(['submitted', null]);
  });

  test('texts to agree to, each ticked by the applicant and recorded as it was shown', async () => {
    const text = {
      kind: 'loan_contract',
      document: 'contract',
      version: '2',
      text_sha256: 'a'.repeat(64),
      url: 'https://quickcredit.example/c',
    };
    const { page, id } = await asked({ type: 'agree', agreements: [text] });
    expect(page.html).toContain('href="https://quickcredit.example/c"');
    expect(page.html).not.toContain(' checked');
    await send(page, 'answer', {});
    expect(page.html).toContain('id="consent-error"');
    await send(page, 'answer', { consent: 'contract' });
    expect(core.core.received).toMatchObject([
      {
        body: {
          type: 'agree',
          consents: [
            { document: 'contract', version: '2', text_sha256: 'a'.repeat(64), parties: ['quickcredit', 'harbour'] },
          ],
        },
      },
    ]);
    expect(await standingOf(partner, id)).toEqual(['submitted', null]);
  });

  test('a page of the lender’s own, by a button; whoever comes back says so', async () => {
    const { page, id } = await asked({ type: 'redirect', url: 'https://quickcredit.example/h5/1' });
    expect(page.html).toContain('<a class="button" href="https://quickcredit.example/h5/1"');
    await send(page, 'answer', {});
    expect(core.core.received).toMatchObject([{ body: { type: 'redirect', returned: true } }]);
    expect(await standingOf(partner, id)).toEqual(['submitted', null]);
  });

  test('a bank card: a new one is bound, and is then the one that was asked for', async () => {
    const { page, id } = await asked({ type: 'card', scene: 'card' });
    await send(page, 'bind', { 'bank_card.number': '4111 1111 1111 1112', 'bank_card.phone': '13800138000' });
    expect(page.html).toContain('id="f-bank_card-number-error"');
    const digits = '622202000000000099';
    await send(page, 'bind', { 'bank_card.number': `${digits}${luhnDigit(digits)}`, 'bank_card.phone': '13800138000' });
    expect(page.status).toBe(200);
    expect(core.core.received.map(({ path }) => path)).toEqual(['/core/cards', '/core/actions']);
    expect(await standingOf(partner, id)).toEqual(['submitted', null]);
    await toldByLender(partner.intake, id, 'action.required', {
      type: 'card',
      scene: 'apply',
      expires_at: inMinutes(partner, 60),
    });
    await page.get(page.path);
    expect(page.html).toMatch(/type="radio" name="card"[^>]* checked/);
    expect(page.html).not.toContain(digits);
  });

  test('what the page cannot take is said to be done elsewhere', async () => {
    const { page } = await asked({
      type: 'supplement',
      verifications: ['liveness'],
      message: 'Please scan your face.',
    });
    expect(page.html).toContain('Please scan your face.');
    expect(page.html).toContain('This cannot be given on this page.');
    expect(page.html).not.toContain('<form');
  });

  test('what is over, or was never asked, is told politely and sent to nobody', async () => {
    const { page } = await asked({ type: 'otp' });
    await page.post({ form: '', action: 'act_00000000000000000000000000000000', do: 'answer', otp: '111111' });
    expect(page.html).toContain('This is not needed any more');
    expect(core.core.received).toEqual([]);
  });

  test('a lender that is away costs nobody anything', async () => {
    const { page, id } = await asked({ type: 'otp' });
    answer = () => ({ status: 503 });
    await send(page, 'answer', { otp: '333333' });
    expect(page.status).toBe(503);
    expect(page.html).toContain('QuickCredit does not answer at the moment.');
    expect(await standingOf(partner, id)).toEqual(['submitted', 'otp']);
  });
});
