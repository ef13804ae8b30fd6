import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shardOfId } from '../../src/base/ids.ts';
import type { StateLine } from '../../src/sandbox/core/read-states.ts';
import { applicationsCheck } from '../support/applications-check.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';

/**
 * Every story through a whole gateway to its end, in one run of the clock. 0008 keeps the core silent for twenty seconds of
 * real time and is told of elsewhere.
 */
const SUFFIXES = Array.from({ length: 20 }, (_, at) => String(at).padStart(4, '0')).filter(
  (suffix) => suffix !== '0008',
);
/** Any other ending is like 0000: one pays all back early, one an instalment ahead, one calls it off. */
const OTHERS = { repays: '0101', ahead: '0102', cancels: '0103' } as const;
const EVERYBODY = [...SUFFIXES, ...Object.values(OTHERS)];
const DRAWERS = EVERYBODY.filter((suffix) => !['0001', '0003', '0010', '0019', OTHERS.cancels].includes(suffix));
const AMOUNT = { amount: 140_000, currency: 'CNY' };

const DAY_MS = 86_400_000;

let gateway: TestGateway;
let startedOn: string;
const ids = new Map<string, string>();
const refused: string[] = [];

beforeAll(async () => {
  gateway = await startTestGateway();
  await tell();
});
afterAll(() => gateway.stop());

const idOf = (suffix: string): string => ids.get(suffix) ?? '';

async function read(suffix: string) {
  const { body } = await gateway.acme.get(`/v1/applications/${idOf(suffix)}`);
  return body;
}

/** The payments of somebody's loan that the gateway knows, oldest first; partners do not see them all. */
async function paymentsOf(suffix: string) {
  const loaded = await gateway.gateway.rooms.store.load(idOf(suffix));
  return loaded?.application.loans[0]?.payments ?? [];
}

/** What the lender believes of everybody. */
async function believed(): Promise<Map<string, StateLine>> {
  const response = await fetch(`${gateway.gateway.sandboxOrigin}/cores/quickcredit/state`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  const states = lines.map((line) => JSON.parse(line) as StateLine);
  return new Map(states.map((state) => [state.application_id, state]));
}

async function post(path: string, body: unknown, status = 200) {
  const answer = await gateway.acme.post(path, body);
  if (answer.status !== status) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The whole run: everybody applies, gives what is asked for, draws down; then four months pass. */
async function tell(): Promise<void> {
  startedOn = (await gateway.operator.get('/sandbox/clock')).body.now.slice(0, 10);
  const registry = gateway.gateway.rooms.intake.registry();
  for (const suffix of EVERYBODY) {
    const body = await post('/v1/applications', applicationFor(registry, nextPerson(suffix), `STORY-${suffix}`), 201);
    ids.set(suffix, body.id);
  }
  await gateway.clock('1m');
  const needs = await read('0002');
  if (needs.status !== 'needs_input') throw new Error(`0002 is ${needs.status}`);
  await post(`/v1/applications/${needs.id}/supplements`, { applicant: { email: 'zhang@mail.example' } });
  await gateway.clock('1m');
  await bindCardByCode();
  for (const suffix of DRAWERS) {
    const asked = {
      partner_ref: `DRAW-${suffix}`,
      amount: AMOUNT,
      term: 3,
      term_unit: 'month',
      purpose: 'consumption',
    };
    await post(`/v1/applications/${idOf(suffix)}/loans`, asked, 201);
  }
  await gateway.clock('1m');
  const [waiting] = (await read('0011')).loans;
  await post(`/v1/actions/${waiting.next_action.id}`, { otp: '000000' });
  await post(`/v1/applications/${idOf(OTHERS.cancels)}/cancel`, { reason: 'changed_mind' });
  await gateway.clock('10d');
  for (const [suffix, installments] of [[OTHERS.repays, 'all'] as const, [OTHERS.ahead, [1]] as const]) {
    const [loan] = (await read(suffix)).loans;
    await post(`/v1/loans/${loan.id}/repayments`, { partner_ref: `PAY-${suffix}`, installments }, 201);
  }
  await gateway.clock('120d');
}

async function bindCardByCode(): Promise<void> {
  const card = { number: '6222021234567894', bank_code: 'ICBC', phone: '13800130011' };
  const { next_action } = await post(`/v1/applications/${idOf('0011')}/cards`, card, 202);
  const wrong = await gateway.acme.post(`/v1/actions/${next_action.id}`, { otp: '123456' });
  refused.push(`${wrong.status} ${wrong.body.code}`);
  await post(`/v1/actions/${next_action.id}`, { otp: '000000' });
}

describe('every story of the sandbox lender, through the gateway, comes to its end', () => {
  test.each([
    ['0000', 'credit_granted', 'settled'],
    ['0001', 'credit_declined', undefined],
    ['0002', 'credit_granted', 'settled'],
    ['0003', 'in_review', undefined],
    ['0004', 'credit_granted', 'payout_failed'],
    ['0005', 'credit_granted', 'overdue'],
    ['0006', 'credit_granted', 'cancelled'],
    ['0007', 'credit_granted', 'settled'],
    ['0009', 'credit_granted', 'settled'],
    ['0010', 'credit_granted', 'settled'],
    ['0011', 'credit_granted', 'settled'],
    ['0012', 'credit_granted', 'declined'],
    ['0013', 'credit_granted', 'settled'],
    ['0014', 'credit_granted', 'settled'],
    ['0015', 'credit_granted', 'cancelled'],
    ['0016', 'credit_granted', 'settled'],
    ['0017', 'credit_granted', 'settled'],
    ['0018', 'credit_granted', 'settled'],
    ['0019', 'credit_declined', undefined],
    [OTHERS.repays, 'credit_granted', 'settled'],
    [OTHERS.ahead, 'credit_granted', 'settled'],
    [OTHERS.cancels, 'cancelled', undefined],
  ])('%s: application %s, loan %s', async (suffix, status, loan) => {
    const body = await read(suffix);
    expect([body.status, body.loans[0]?.status]).toEqual([status, loan]);
  });

  test('with what belongs to it', async () => {
    expect((await read('0019')).reason).toBe('existing_customer');
    expect((await read('0015')).loans[0].reason).toBe('payout_returned');
    expect((await read('0012')).loans[0]).toMatchObject({ reason: 'drawdown_policy' });
    expect((await read('0018')).credit.amount.amount).toBe(210_000);
    expect(refused).toEqual(['422 otp_wrong']);
    const cards = await gateway.acme.get(`/v1/applications/${idOf('0011')}/cards`);
    expect(cards.body.data).toMatchObject([{ status: 'active', default: true }]);
    const penalties = (await paymentsOf('0013')).map((payment) => payment.penalty > 0);
    expect(penalties).toEqual([true, false, false]);
    expect((await paymentsOf('0014')).map((payment) => payment.payer)).toEqual(['borrower', 'guarantor', 'borrower']);
  });

  test('repayments that the partner asked for succeed, and are paid once', async () => {
    for (const [suffix, count] of [[OTHERS.repays, 1] as const, [OTHERS.ahead, 3] as const]) {
      const [loan] = (await read(suffix)).loans;
      const { body } = await gateway.acme.get(`/v1/loans/${loan.id}/repayments`);
      expect(body.data).toMatchObject([{ partner_ref: `PAY-${suffix}`, status: 'succeeded' }]);
      expect(await paymentsOf(suffix)).toHaveLength(count);
    }
  });

  test('every day’s totals of the lender agree with what its events come to', async () => {
    const until = new Date(Date.parse(startedOn) + 90 * DAY_MS).toISOString().slice(0, 10);
    const path = `/admin/v1/lenders/quickcredit/daily-totals?from=${startedOn}&to=${until}`;
    const { body } = await gateway.operator.get(path);
    const days = body.data as { date: string; matches: boolean | null; differences: unknown[] }[];
    expect(days.filter(({ matches }) => matches !== null).length).toBeGreaterThan(85);
    expect(days.filter(({ matches }) => matches === false)).toEqual([]);
  });

  test('and the lender and the gateway believe the same of everybody, nothing left unsaid or refused', async () => {
    const states = await believed();
    expect(states.size).toBe(EVERYBODY.length);
    for (const suffix of EVERYBODY) {
      const state = states.get(idOf(suffix));
      const body = await read(suffix);
      expect({ suffix, unsent: state?.unsent, refused: state?.refused }).toEqual({ suffix, unsent: 0, refused: [] });
      expect([suffix, body.status]).toEqual([suffix, state?.status]);
      const theirs = state?.loans.map(({ status, outstanding, disbursed_at }) => [status, outstanding, disbursed_at]);
      const ours = body.loans.map((loan: Record<string, unknown>) => {
        const outstanding = loan.outstanding as { amount: number } | null;
        const isOut = ['active', 'overdue', 'settled'].includes(String(loan.status));
        return [loan.status, isOut ? (outstanding?.amount ?? 0) : 0, loan.disbursed_at];
      });
      expect([suffix, ours]).toEqual([suffix, theirs]);
    }
  });
});

describe('the event log alone', () => {
  const damage = async (
    id: string,
    change: (document: Record<string, never>) => unknown,
  ): Promise<() => Promise<unknown>> => {
    const key = gateway.keys.shard(shardOfId(id), 'app', id);
    const before = (await gateway.redis.hget(key, 'doc')) ?? '{}';
    await gateway.redis.hset(key, 'doc', JSON.stringify(change(JSON.parse(before))));
    return () => gateway.redis.hset(key, 'doc', before);
  };

  test('comes to every application of every story, of the refused and of the erased', async () => {
    const registry = gateway.gateway.rooms.intake.registry();
    const twice = nextPerson('0000');
    await post('/v1/applications', applicationFor(registry, twice, 'FIRST'), 201);
    const again = await post('/v1/applications', applicationFor(registry, twice, 'SECOND'), 201);
    expect(again.status).toBe('refused');
    const declined = nextPerson('0001');
    await post('/v1/applications', applicationFor(registry, declined, 'DECLINED'), 201);
    await gateway.clock('1m');
    const subject = { phone: declined.phone, id_number: declined.idNumber };
    const erased = await gateway.operator.post('/admin/v1/subjects/erase', { subject, reason: 'asked for it' });
    expect(erased.body.applications).toMatchObject([{ result: 'erased' }]);
    const { code, out } = await applicationsCheck(gateway.dataDir);
    expect([code, out]).toEqual([0, expect.stringMatching(/^✓ 25 applications, \d+ events/)]);
  });

  test('finds a document that was damaged, and where, without telling whose it is', async () => {
    const id = idOf('0000');
    const repair = await damage(id, (document) => ({
      ...document,
      status: 'expired',
      sub_ids: { sub1: '13800138000' },
    }));
    const { code, out } = await applicationsCheck(gateway.dataDir, '--application', id);
    await repair();
    expect(code).toBe(1);
    expect(out).toContain(`✗ ${id}\n`);
    expect(out).toContain('    /status is stored as expired, the log says as credit_granted\n');
    expect(out).toContain('    /sub_ids/sub1 is stored, but not in the log\n');
    expect(out).not.toContain('13800138000');
    expect((await applicationsCheck(gateway.dataDir, '--application', id)).code).toBe(0);
  });
});
