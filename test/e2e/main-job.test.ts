import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HttpExchange } from '../../src/demo/http-exchange.ts';
import { LinkVisitor } from '../../src/demo/link-visitor.ts';
import type { Person } from '../../src/demo/people.ts';
import { verifyStatement } from '../../src/revenue/verify-statement.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson, SHIPPED_PARTNERS } from '../support/intake.ts';
import type { PartnerClient } from '../support/partner-door.ts';
import { downloadAs } from '../support/signed-client.ts';

const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';

let partnersDir: string;
let gateway: TestGateway;

beforeAll(async () => {
  partnersDir = mkdtempSync(join(tmpdir(), 'sluice-partners-'));
  cpSync(SHIPPED_PARTNERS, partnersDir, { recursive: true });
  for (const id of ['acme', 'summit']) {
    // Who is told little cannot tell one refusal from another.
    const file = join(partnersDir, 'traffic', id, 'partner.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('disclosure: coarse', 'disclosure: full'));
  }
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partnersDir } });
});

afterAll(async () => {
  await gateway.stop();
  rmSync(partnersDir, { recursive: true });
});

function inputOf(person: Person, ref: string) {
  return applicationFor(gateway.gateway.rooms.intake.registry(), person, ref);
}

async function precheck(client: PartnerClient, { phone, idNumber }: Person) {
  const subject = { phone, id_number: idNumber };
  const { status, body } = await client.post('/v1/prechecks', { product_id: 'quick-cash', subject });
  expect(status).toBe(200);
  return { decision: body.decision, reason: body.reason, retry_at: body.retry_at };
}

async function businessNow(): Promise<string> {
  return (await gateway.operator.get('/sandbox/clock')).body.now;
}

async function moveTo(instant: string): Promise<void> {
  const { status } = await gateway.operator.post('/sandbox/clock', { to: instant });
  expect(status).toBe(200);
}

interface Line {
  readonly rule: string;
  readonly on: string;
  readonly amount: { readonly amount: number };
  readonly period: string;
  readonly application_id: string;
}

/** All commissions of a partner, as an operator sees them; amounts in minor units. */
async function commissionsOf(partnerId: string) {
  await gateway.settle();
  const { status, body } = await gateway.operator.get(`/admin/v1/partners/${partnerId}/commissions?limit=200`);
  expect(status).toBe(200);
  return (body.data as Line[]).map((line) => ({ ...line, amount: line.amount.amount }));
}

/** Midnight in Shanghai that ends the month of a period. */
function endOfMonth(period: string): string {
  const [year = 0, month = 0] = period.split('-').map(Number);
  return new Date(Date.UTC(year, month, 1) - 8 * 3_600_000).toISOString();
}

describe('an applicant sent over the API', () => {
  const person = nextPerson('0000');
  let id: string;

  test('is asked about, applied for and accepted; the same request again is the same answer', async () => {
    expect(await precheck(gateway.acme, person)).toMatchObject({ decision: 'accept', reason: 'new' });
    const input = inputOf(person, 'ORDER-1');
    const first = await gateway.acme.post('/v1/applications', input);
    expect(first).toMatchObject({ status: 201, body: { status: 'received', partner_ref: 'ORDER-1' } });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    id = first.body.id;
    const again = await gateway.acme.post('/v1/applications', input);
    expect(again).toMatchObject({ status: 201, body: { id } });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = { ...input, requested: { ...input.requested, term: 6 } };
    expect(await gateway.acme.post('/v1/applications', other)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_conflict' },
    });
  });

  test('is in progress for its partner and taken for every other until the lender has decided', async () => {
    const waiting = nextPerson('0003');
    await gateway.acme.post('/v1/applications', inputOf(waiting, 'ORDER-WAITS'));
    await gateway.clock('1m');
    expect(await precheck(gateway.acme, waiting)).toMatchObject({ decision: 'refuse', reason: 'in_progress' });
    const taken = await precheck(gateway.summit, waiting);
    expect(taken).toMatchObject({ decision: 'refuse', reason: 'other_channel', retry_at: expect.any(String) });
    const late = await gateway.summit.post('/v1/applications', inputOf(waiting, 'LATE-1'));
    expect(late).toMatchObject({ status: 201, body: { status: 'refused', reason: 'other_channel' } });
  });

  test('is granted a credit, which is the partner’s own to go on with', async () => {
    const { body } = await gateway.acme.get(`/v1/applications/${id}`);
    expect(body).toMatchObject({ status: 'credit_granted', credit: { status: 'active', amount: { amount: 140_000 } } });
    expect(await precheck(gateway.acme, person)).toMatchObject({ decision: 'accept', reason: 'own' });
    expect(await precheck(gateway.summit, person)).toMatchObject({ decision: 'refuse', reason: 'existing_customer' });
  });

  test('draws down, is paid out and repays; each earns what the terms say, once', async () => {
    const drawn = await gateway.acme.post(`/v1/applications/${id}/loans`, {
      partner_ref: 'DRAW-1',
      amount: { amount: 140_000, currency: 'CNY' },
      term: 3,
      term_unit: 'month',
      purpose: 'consumption',
    });
    expect(drawn).toMatchObject({ status: 201, body: { status: 'requested', partner_ref: 'DRAW-1' } });
    await gateway.settle();
    await gateway.clock('1m');
    const loanPath = `/v1/loans/${drawn.body.id}`;
    expect((await gateway.acme.get(loanPath)).body).toMatchObject({ status: 'active', funder_id: 'harbour' });
    await gateway.clock('32d');
    const [paid] = (await gateway.acme.get(`${loanPath}/schedule`)).body.schedule;
    expect(paid).toMatchObject({ no: 1, status: 'paid' });
    const lines = (await commissionsOf('acme')).filter((line) => line.application_id === id);
    const sorted = lines.map(({ rule, amount }) => [rule, amount]).sort();
    expect(sorted).toEqual([
      ['cpa', 3_000],
      // 1.5 % of ¥1 400.00
      ['first', 2_100],
      // 8 % of a month's interest, which is 1.5 % of the principal
      ['rs', 168],
    ]);
  });

  test('closes with statements that hold offline, to the cent', async () => {
    const periods = [...new Set((await commissionsOf('acme')).map((line) => line.period))].sort();
    await moveTo(endOfMonth(periods.at(-1) ?? ''));
    const lines = await commissionsOf('acme');
    const ended = [...new Set(lines.map((line) => line.period))].sort().filter((one) => one <= (periods.at(-1) ?? ''));
    const jwks = await (await fetch(`${gateway.url}/.well-known/jwks.json`)).json();
    for (const period of ended) {
      const path = `/admin/v1/partners/acme/periods/${period}`;
      expect(await gateway.operator.post(`${path}/review`, {})).toMatchObject({
        status: 200,
        body: { status: 'draft' },
      });
      const locked = await gateway.operator.post(`${path}/lock`, {});
      expect(locked.status, JSON.stringify(locked.body)).toBe(200);
      const statementPath = `/v1/statements/${locked.body.id}`;
      const statement = (await gateway.acme.get(statementPath)).body;
      const linesCsv = await downloadAs(gateway.url, 'acme', `${statementPath}/lines.csv`);
      const checks = verifyStatement({ statement, linesCsv, jwks: jwks as { keys: [] } });
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      const sum = lines.filter((line) => line.period === period).reduce((total, { amount }) => total + amount, 0);
      expect(statement.accruals + statement.adjustments).toBe(sum);
    }
  });
});

describe('an applicant who came by a link', () => {
  test('applies without a script, draws down at the lender alone, and pays the link’s partner', async () => {
    const person = nextPerson('0000');
    const exchange = new HttpExchange();
    const visitor = new LinkVisitor(gateway.url, exchange, BROWSER);
    await visitor.click('lantern-quick', 'blog');
    await gateway.clock('1m');
    const { name, idNumber, phone } = person;
    const typed = { name, id_number: idNumber, phone, amount: '5000', term: '6', purpose: 'travel' };
    const id = await visitor.apply(typed);
    await exchange.close();
    await gateway.settle();
    await gateway.clock('5m');
    const { body } = await gateway.operator.get(`/admin/v1/applications/${id}`);
    expect(body).toMatchObject({
      status: 'credit_granted',
      attribution: { partner_id: 'lantern', via: 'click' },
      loans: [{ status: 'active', partner_ref: null, amount: { amount: 500_000, currency: 'CNY' } }],
    });
    const lines = (await commissionsOf('lantern')).filter((line) => line.application_id === id);
    expect(lines).toMatchObject([{ rule: 'cpa', on: 'credit.granted', amount: 4_000 }]);
    for (const other of ['acme', 'summit']) {
      expect((await commissionsOf(other)).filter((line) => line.application_id === id)).toEqual([]);
    }
  });
});

describe('what a lender reports of its own', () => {
  /** Somebody who clicked a link of acme's a minute ago. */
  async function clickId(): Promise<string> {
    const agent = `${BROWSER} ${Math.random()}`;
    const answer = await fetch(`${gateway.url}/r/acme-home`, { redirect: 'manual', headers: { 'user-agent': agent } });
    expect(answer.status).toBe(302);
    await gateway.clock('1m');
    return new URL(answer.headers.get('location') ?? '').searchParams.get('click') ?? '';
  }

  test('a registration with a click id is attributed to the link’s partner, who is paid for it', async () => {
    const { phone, idNumber } = nextPerson();
    const report = {
      lender_ref: 'REG-1',
      subject: { phone, id_number: idNumber },
      click_id: await clickId(),
      registered_at: await businessNow(),
    };
    const lender = gateway.lender('quickcredit');
    const first = await lender.post('/lender/v1/registrations', report);
    expect(first).toMatchObject({ status: 201, body: { attribution: { partner_id: 'acme', via: 'click' } } });
    const again = await lender.post('/lender/v1/registrations', report);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const lines = (await commissionsOf('acme')).filter((line) => line.application_id === first.body.id);
    expect(lines).toMatchObject([{ rule: 'reg', amount: 1_500 }]);
  });

  test('an application with a click id is attributed; one without is nobody’s and pays nobody', async () => {
    const lender = gateway.lender('quickcredit');
    const report = async (ref: string, click_id: string | null) => {
      const { phone, idNumber } = nextPerson();
      const applied_at = await businessNow();
      const subject = { phone, id_number: idNumber };
      const body = { lender_ref: ref, product_id: 'quick-cash', subject, click_id, channel: 'app', applied_at };
      return lender.post('/lender/v1/applications', body);
    };
    const brought = await report('APP-1', await clickId());
    expect(brought).toMatchObject({ status: 201, body: { status: 'submitted', attribution: { partner_id: 'acme' } } });
    const direct = await report('APP-2', null);
    expect(direct).toMatchObject({ status: 201, body: { status: 'submitted', attribution: { partner_id: null } } });
  });
});
