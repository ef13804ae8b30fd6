import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askedApplication, PAPERS, submittedApplication, WANTED } from '../../support/asked-applicants.ts';
import { type ConnectedCore, connectCore } from '../../support/core-worker.ts';
import { everyEvent } from '../../support/every-event.ts';
import { become, cny, grantedApplication, onDay } from '../../support/partner-applications.ts';
import { type Answer, startPartnerDoor, type TestPartnerDoor } from '../../support/partner-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { sampleLoan } from '../../support/sample-application.ts';

let redis: TestRedis;
let door: TestPartnerDoor;
let core: ConnectedCore;

beforeAll(async () => {
  redis = await startTestRedis();
  door = await startPartnerDoor(redis);
  core = await connectCore(redis, door.intake, () => ({ status: 200, body: { result: 'accepted' } }));
});
afterAll(async () => {
  await core.close();
  await door.close();
  await redis.close();
});

const AT_ONCE = 50;

/** The same request so many times at the same moment, and once more when all are answered. */
async function atOnce(path: string, body: object): Promise<{ first: Answer[]; again: Answer }> {
  const first = await Promise.all(Array.from({ length: AT_ONCE }, () => door.acme.post(path, body)));
  await core.worker.drain();
  return { first, again: await door.acme.post(path, body) };
}

const statusesOf = (answers: readonly Answer[]) => [...new Set(answers.map(({ status }) => status))].sort();

async function eventsOf(id: string, type: string): Promise<number> {
  const events = await everyEvent(redis.client, redis.keys);
  return events.filter((event) => event.subject === id && event.type === type).length;
}

async function runningLoan(): Promise<{ readonly id: string; readonly loanId: string }> {
  const { id } = await grantedApplication(door);
  const paid = { principal: 0, interest: 0, fees: 0, penalty: 0, waived: 0 };
  const item = { no: 1, due_on: '2026-04-02', principal: 100_000, interest: 0, fees: [], paid, paid_at: null };
  const dates = { disbursed_at: onDay(-1), updated_at: onDay(-1) };
  const loan = sampleLoan(id, 'RUNNING', { status: 'active', lender_ref: 'LN', schedule: [item], ...dates });
  await door.intake.deps.store.bindLoan(loan.id, id);
  await become(door, id, { loans: [loan] });
  await core.settle();
  return { id, loanId: loan.id };
}

describe(`the same request ${AT_ONCE} times at once has one effect, one event, one message`, () => {
  test('papers, asked for or not', async () => {
    const { id, actionId } = await askedApplication(door, core, WANTED);
    const asked = await atOnce(`/v1/actions/${actionId}`, PAPERS);
    expect(statusesOf(asked.first)).toEqual(expect.arrayContaining([200]));
    expect(statusesOf(asked.first).every((status) => status === 200 || status === 202)).toBe(true);
    expect([asked.again.status, asked.again.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    const unasked = await atOnce(`/v1/applications/${id}/supplements`, { applicant: { email: 'a@example.com' } });
    expect(statusesOf(unasked.first).every((status) => status === 200 || status === 202)).toBe(true);
    expect(unasked.again.headers.get('idempotent-replayed')).toBe('true');
    expect(await eventsOf(id, 'application.supplemented')).toBe(2);
    expect(core.core.received.map(({ path }) => path)).toEqual(['/core/supplements', '/core/supplements']);
  });

  test('an agreement', async () => {
    const text = { kind: 'loan_contract', document: 'contract', version: '2', text_sha256: 'a'.repeat(64) };
    const { id, actionId } = await askedApplication(door, core, { type: 'agree', agreements: [text] });
    const accepted_at = '2026-03-02T03:59:00.000Z';
    const consents = [{ ...text, parties: ['quickcredit', 'harbour'], accepted_at }];
    const { first, again } = await atOnce(`/v1/actions/${actionId}`, { consents });
    expect(statusesOf(first).every((status) => status === 200 || status === 202)).toBe(true);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect([await eventsOf(id, 'action.answered'), core.core.received.length]).toEqual([1, 1]);
  });

  test('a drawdown, and a repayment', async () => {
    const { id } = await grantedApplication(door);
    await core.settle();
    const wish = { amount: cny(100_000), term: 3, term_unit: 'month', purpose: 'consumption' };
    const drawn = await atOnce(`/v1/applications/${id}/loans`, { ...wish, partner_ref: 'DRAW' });
    expect([statusesOf(drawn.first), drawn.again.status]).toEqual([[201], 201]);
    expect(new Set(drawn.first.map(({ body }) => body.id)).size).toBe(1);
    expect([await eventsOf(id, 'loan.requested'), core.core.received.length]).toEqual([1, 1]);
    const other = await door.acme.post(`/v1/applications/${id}/loans`, { ...wish, term: 6, partner_ref: 'DRAW' });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_conflict']);
    const running = await runningLoan();
    const path = `/v1/loans/${running.loanId}/repayments`;
    const repaid = await atOnce(path, { partner_ref: 'REPAY', installments: [1] });
    expect([statusesOf(repaid.first), repaid.again.status]).toEqual([[201], 201]);
    expect(new Set(repaid.first.map(({ body }) => body.id)).size).toBe(1);
    expect([await eventsOf(running.id, 'repayment.requested'), core.core.received.length]).toEqual([1, 1]);
    const changed = await door.acme.post(path, { partner_ref: 'REPAY', installments: 'all' });
    expect([changed.status, changed.body.code]).toEqual([422, 'idempotency_conflict']);
  });

  test('a cancellation of an application, and of a loan', async () => {
    const id = await submittedApplication(door, core);
    const cancelled = await atOnce(`/v1/applications/${id}/cancel`, { reason: 'customer' });
    expect([statusesOf(cancelled.first), cancelled.again.headers.get('idempotent-replayed')]).toEqual([[200], 'true']);
    expect([await eventsOf(id, 'application.cancelled'), core.core.received.length]).toEqual([1, 1]);
    const running = await runningLoan();
    const loan = await atOnce(`/v1/loans/${running.loanId}/cancel`, { reason: 'customer' });
    expect(statusesOf(loan.first).every((status) => status === 200 || status === 202)).toBe(true);
    expect([await eventsOf(running.id, 'loan.cancel_requested'), core.core.received.length]).toEqual([1, 1]);
  });

  test('a withdrawal of consents, and a quote', async () => {
    const { id } = await grantedApplication(door);
    await core.settle();
    const path = `/v1/applications/${id}/consents/withdrawals`;
    const { first, again } = await atOnce(path, { kinds: ['credit_inquiry'] });
    expect([statusesOf(first), again.headers.get('idempotent-replayed')]).toEqual([[200], 'true']);
    expect([await eventsOf(id, 'consent.withdrawn'), core.core.received.length]).toEqual([1, 1]);
    const wish = { amount: cny(100_000), term: 3, term_unit: 'month' };
    const quoted = await atOnce(`/v1/applications/${id}/quotes`, wish);
    expect(new Set([...quoted.first, quoted.again].map(({ body }) => body.id)).size).toBe(1);
  });
});
