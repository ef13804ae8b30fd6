import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Application, Loan } from '../../../src/applications/model.ts';
import { DAY_MS, isoOf } from '../../../src/base/clock.ts';
import { applicationSchema } from '../../../src/doors/schemas/application-schema.ts';
import { loanSchema } from '../../../src/doors/schemas/loan-schema.ts';
import { askedApplication, inMinutes, submittedApplication, WANTED } from '../../support/asked-applicants.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import type { CoreAnswer, ReceivedPush } from '../../support/fake-core.ts';
import { become, creditOf, freshApplication, grantedApplication } from '../../support/partner-applications.ts';
import { expectConforms, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
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

const WHY = { reason: 'customer_changed_mind' };
const cancel = (id: string) => door.acme.post(`/v1/applications/${id}/cancel`, WHY);
const paths = () => core.core.received.map(({ path }) => path);

describe('cancelling an application', () => {
  test('before it was sent to the lender, nothing of it is ever sent', async () => {
    await core.settle();
    const { input } = freshApplication(door);
    const { body } = await door.acme.post('/v1/applications', input);
    const { status, body: ended } = await cancel(body.id);
    expect(status).toBe(200);
    expectConforms(applicationSchema, ended);
    expect(ended).toMatchObject({ status: 'cancelled', reason: WHY.reason });
    await core.worker.drain();
    expect(core.core.received).toEqual([]);
  });

  test('afterwards it ends here at once, and the lender is told once', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    expect((await cancel(id)).body).toMatchObject({ status: 'cancelled', next_action: null });
    await expect.poll(() => paths()).toEqual(['/core/cancellations']);
    expect(core.core.received[0]?.body).toMatchObject({ application_id: id, ...WHY, withdrawn_consents: [] });
    const again = await cancel(id);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect((await door.acme.post(`/v1/actions/${actionId}`, { applicant: { email: 'a@example.com' } })).status).toBe(
      409,
    );
    await core.worker.drain();
    expect(paths()).toHaveLength(1);
    expect((await door.summit.post(`/v1/applications/${id}/cancel`, WHY)).status).toBe(404);
  });

  test('what the lender says before it has heard of it is history, afterwards a contradiction, and its confirmation is taken', async () => {
    const id = await submittedApplication(door, core);
    const grant = { amount: { amount: 500_000, currency: 'CNY' }, apr: '0.18', expires_at: inMinutes(door, 100_000) };
    const before = isoOf(door.intake.clock.nowMs());
    door.intake.clock.advanceMs(1_000);
    await cancel(id);
    const early = await toldByLender(door.intake, id, 'credit.granted', grant, before);
    expect(early?.result).toBe('applied');
    const view = (await door.acme.get(`/v1/applications/${id}`)).body;
    expect(view).toMatchObject({ status: 'cancelled', credit: { status: 'closed' } });
    door.intake.clock.advanceMs(1_000);
    // It has not heard of the cancellation yet.
    expect((await toldByLender(door.intake, id, 'application.in_review'))?.result).toBe('applied');
    expect((await toldByLender(door.intake, id, 'application.cancelled'))?.result).toBe('applied');
    door.intake.clock.advanceMs(1_000);
    expect((await toldByLender(door.intake, id, 'application.in_review'))?.code).toBe('illegal_transition');
    expect((await door.acme.get(`/v1/applications/${id}`)).body).toMatchObject({ status: 'cancelled' });
  });

  test('of a granted credit is possible until it is drawn', async () => {
    const { id } = await grantedApplication(door);
    await become(door, id, { loans: [sampleLoan(id, 'C')] });
    const drawn = await cancel(id);
    expect([drawn.status, drawn.body.code]).toEqual([409, 'illegal_transition']);
    await become(door, id, { loans: [sampleLoan(id, 'C', { status: 'declined' })], credit: creditOf() });
    expect((await cancel(id)).body).toMatchObject({ status: 'cancelled', credit: { status: 'closed' } });
    await become(door, id, { status: 'credit_declined' });
    expect((await cancel(id)).status).toBe(409);
  });
});

describe('cancelling a loan', () => {
  async function drawn(change: Partial<Loan>): Promise<{ readonly id: string; readonly loanId: string }> {
    const { id } = await grantedApplication(door);
    const loan = sampleLoan(id, 'LC', { lender_ref: 'LN-9', ...change });
    await door.intake.deps.store.bindLoan(loan.id, id);
    const loans: Application['loans'] = [loan];
    await become(door, id, { loans });
    await core.settle();
    return { id, loanId: loan.id };
  }
  const cancelLoan = (loanId: string) => door.acme.post(`/v1/loans/${loanId}/cancel`, WHY);

  test('before payout asks the lender, whose word ends it', async () => {
    const { id, loanId } = await drawn({ status: 'in_review' });
    const { status, body } = await cancelLoan(loanId);
    expect([status, body.status]).toEqual([200, 'in_review']);
    expectConforms(loanSchema, body);
    expect(core.core.received).toMatchObject([
      { path: '/core/cancellations', body: { loan_id: loanId, loan_ref: 'LN-9', ...WHY } },
    ]);
    expect((await cancelLoan(loanId)).headers.get('idempotent-replayed')).toBe('true');
    door.intake.clock.advanceMs(1_000);
    await toldByLender(door.intake, id, 'loan.cancelled', { reason: 'customer' }, undefined, loanId);
    expect((await door.acme.get(`/v1/loans/${loanId}`)).body.status).toBe('cancelled');
    expect(core.core.received).toHaveLength(1);
  });

  test('that the lender refuses goes on, and may be asked again', async () => {
    const { loanId } = await drawn({ status: 'paying_out' });
    answer = () => ({ status: 200, body: { result: 'rejected', reason: 'money_is_out' } });
    const refused = await cancelLoan(loanId);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      409,
      'cancellation_refused',
      'money_is_out',
    ]);
    answer = () => accepted;
    expect((await cancelLoan(loanId)).status).toBe(200);
  });

  test('after payout is possible within the cooling-off days', async () => {
    const now = door.intake.clock.nowMs();
    const inside = await drawn({ status: 'active', disbursed_at: isoOf(now - 3 * DAY_MS) });
    expect((await cancelLoan(inside.loanId)).status).toBe(200);
    const over = await drawn({ status: 'active', disbursed_at: isoOf(now - 4 * DAY_MS) });
    const late = await cancelLoan(over.loanId);
    expect([late.status, late.body.code]).toEqual([409, 'illegal_transition']);
  });
});
