import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { registerClosePeriod } from '../../../src/doors/operator/periods/close-period.ts';
import { registerListPeriods } from '../../../src/doors/operator/periods/list-periods.ts';
import { registerPostClosings } from '../../../src/doors/operator/periods/post-closings.ts';
import { registerPartnerRevenue } from '../../../src/doors/operator/revenue/partner-revenue.ts';
import { registerGetBalance } from '../../../src/doors/partner/commissions/get-balance.ts';
import { registerListCommissions } from '../../../src/doors/partner/commissions/list-commissions.ts';
import { registerGetStatement } from '../../../src/doors/partner/statements/get-statement.ts';
import { registerGetStatementFiles } from '../../../src/doors/partner/statements/get-statement-files.ts';
import { registerListStatementLines } from '../../../src/doors/partner/statements/list-statement-lines.ts';
import { registerListStatements } from '../../../src/doors/partner/statements/list-statements.ts';
import { commissionSchema } from '../../../src/doors/schemas/commission-schema.ts';
import { statementLineSchema, statementSchema } from '../../../src/doors/schemas/statement-schema.ts';
import { createDoor, type DoorDeps } from '../../../src/http/app.ts';
import type { Actor } from '../../../src/http/bearer.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { Perimeter } from '../../../src/http/perimeter.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import type { TrafficPartner } from '../../../src/registry/schema/traffic-partner.ts';
import { linesSha256 } from '../../../src/revenue/statement-lines-csv.ts';
import { verifyStatement } from '../../../src/revenue/verify-statement.ts';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { shippedRegistry } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, disbursed, logEvent } from './desk.ts';

let redis: TestRedis;
let desk: Desk;
let registry: Registry;
const ORIGIN = 'http://127.0.0.1:8787';
const PARTNER = 'acme';

const deps: DoorDeps = {
  env: 'sandbox',
  publicNames: toPublicNames([ORIGIN]),
  publicUrl: ORIGIN,
  logger: pino({ level: 'silent' }),
  metrics: createMetrics(),
  perimeter: new Perimeter(),
};

/** Both doors, for whoever is named: what they show is under test, not who may ask. */
function openDoors() {
  const revenue = { ...desk, ledger: desk.store, partners: () => desk.partners };
  const partner = createDoor<TrafficPartner>(
    {
      name: 'partner',
      authenticate: (_c, request) => {
        const id = request.fields.values[request.fields.names.indexOf('x-partner')] ?? PARTNER;
        return { party: { id } as TrafficPartner, label: id };
      },
    },
    deps,
  );
  for (const register of [
    registerListCommissions,
    registerGetBalance,
    registerListStatements,
    registerGetStatement,
    registerListStatementLines,
  ]) {
    register(partner, { revenue });
  }
  const intake = { registry: () => registry };
  registerGetStatementFiles(partner, { revenue, intake, publicUrl: ORIGIN });
  const audit = new AuditLog({ client: redis.client, keys: redis.keys, rootSecret: new Uint8Array(32) });
  const actor: Actor = { name: 'ann', role: 'finance' };
  const operator = createDoor<Actor>(
    { name: 'operator', authenticate: () => ({ party: actor, label: actor.name }) },
    deps,
  );
  for (const register of [registerListPeriods, registerClosePeriod, registerPostClosings, registerPartnerRevenue]) {
    register(operator, { revenue, audit, logger: deps.logger });
  }
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const door = path.startsWith('/v1/') ? partner : operator;
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const typed = body === undefined ? headers : { ...headers, 'content-type': 'application/json' };
    const all = { host: '127.0.0.1:8787', ...typed };
    const response = await door.fetch(new Request(`${ORIGIN}${path}`, { method, headers: all, ...init }));
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined, headers: response.headers };
  };
  return call;
}

beforeAll(async () => {
  [redis, registry] = await Promise.all([startTestRedis(), shippedRegistry()]);
  desk = createDesk(redis, {
    payout: { days: 15, min: 100, invoice: 'none' },
    rules: [
      { id: 'cpa', on: 'credit.granted', pay: { fixed: 3_000 } },
      { id: 'first', on: 'loan.disbursed', pay: { percent: '1.5', of: 'principal' }, hold_days: 15 },
    ],
  });
  desk.partners.add(PARTNER);
  for (const day of ['05', '06', '07']) {
    const context = { link_code: day === '05' ? 'home' : null };
    await desk.commission.apply(logEvent(PARTNER, 'credit.granted', `2026-01-${day}T04:00:00.000Z`, {}, { context }));
  }
  await desk.commission.apply(logEvent(PARTNER, 'loan.disbursed', '2026-01-20T04:00:00.000Z', disbursed(500_000)));
});
afterAll(() => redis.close());

describe('revenue at the doors', () => {
  test('commissions are listed newest first, in pages, by status, by time and by application', async () => {
    const call = openDoors();
    const first = await call('GET', '/v1/commissions?limit=3');
    expect(first.status).toBe(200);
    expect(first.body.data.map(({ occurred_at }: { occurred_at: string }) => occurred_at.slice(0, 10))).toEqual([
      '2026-01-20',
      '2026-01-07',
      '2026-01-06',
    ]);
    for (const item of first.body.data) expect(commissionSchema.parse(item)).toEqual(item);
    const second = await call('GET', `/v1/commissions?limit=3&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ occurred_at: '2026-01-05T04:00:00.000Z' }], next_cursor: null });
    const pending = await call('GET', '/v1/commissions?status=pending');
    expect(pending.body.data).toMatchObject([
      { status: 'pending', amount: { amount: 7_500, currency: 'CNY' }, hold_until: '2026-02-04T04:00:00.000Z' },
    ]);
    const [{ application_id }] = pending.body.data;
    expect((await call('GET', `/v1/commissions?application_id=${application_id}`)).body.data).toHaveLength(1);
    expect((await call('GET', '/v1/commissions?from=2026-01-06&to=2026-01-07')).body.data).toHaveLength(2);
    const other = await call('GET', '/v1/commissions', undefined, { 'x-partner': 'summit' });
    expect(other.body).toEqual({ data: [], next_cursor: null });
  });

  test('the balance shows what is held and what is payable; a link knows what it earned', async () => {
    const call = openDoors();
    const balance = { contract: 'main', currency: 'CNY', pending: 7_500, payable: 9_000, stated: 0, paid: 0 };
    expect((await call('GET', '/v1/balance')).body).toEqual({ data: [balance] });
    expect((await call('GET', `/admin/v1/partners/${PARTNER}/balance`)).body).toEqual({ data: [balance], as_of: null });
    expect(await desk.store.linkEarnings(PARTNER, 'home', 'CNY')).toBe(3_000n);
    expect((await call('GET', '/admin/v1/partners/nobody-here/balance')).status).toBe(404);
  });

  test('a period goes from open over a blocked review to a locked statement that verifies as downloaded', async () => {
    const call = openDoors();
    const path = `/admin/v1/partners/${PARTNER}/periods`;
    const blocked = await call('POST', `${path}/2026-01-01/review`);
    expect(blocked).toMatchObject({
      status: 409,
      body: { code: 'period_blocked', blockers: [{ code: 'period_not_over', count: 1 }] },
    });
    desk.clock.moveTo('2026-02-02T00:00:00.000Z');
    const draft = await call('POST', `${path}/2026-01-01/review`, { waive: [] });
    expect(draft).toMatchObject({ status: 200, body: { status: 'draft', jws: null, lines_count: 3 } });
    expect((await call('GET', '/v1/statements')).body.data).toMatchObject([{ status: 'draft' }]);
    expect((await call('POST', `${path}/2026-01-01/refresh`)).body).toMatchObject({ revision: 2 });
    const locked = await call('POST', `${path}/2026-01-01/lock?contract=main`);
    expect(locked).toMatchObject({ status: 200, body: { status: 'issued', closing: 9_540 } });
    expect(await call('POST', `${path}/2026-01-01/lock`)).toMatchObject({
      status: 409,
      body: { code: 'period_locked' },
    });
    expect(await call('POST', `${path}/2026-03-01/lock`)).toMatchObject({ body: { code: 'period_out_of_order' } });
    expect(await call('POST', `${path}/2026-01-15/review`)).toMatchObject({ status: 404 });
    expect(await call('GET', `${path}?contract=other`)).toMatchObject({ body: { code: 'unknown_contract' } });
    expect((await call('GET', path)).body.data).toMatchObject([
      { id: '2026-02-01', state: 'open', statement_id: null },
      { id: '2026-01-01', state: 'locked', revision: 2, statement_id: locked.body.id, reviewed_by: 'ann' },
    ]);

    const { id } = locked.body;
    const whole = await call('GET', `/v1/statements/${id}?include=lines`);
    expect(statementSchema.parse(whole.body)).toEqual(whole.body);
    const csv = await call('GET', `/v1/statements/${id}/lines.csv`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(linesSha256(csv.text)).toBe(whole.body.lines_sha256);
    const failed = (linesCsv?: string) =>
      verifyStatement({
        statement: whole.body,
        jwks: desk.jwks,
        ...(linesCsv === undefined ? {} : { linesCsv }),
      }).filter(({ ok }) => !ok);
    expect(failed()).toEqual([]);
    expect(failed(csv.text)).toEqual([]);
    const page = await call('GET', `/v1/statements/${id}/lines?limit=2`);
    const rest = await call('GET', `/v1/statements/${id}/lines?limit=2&cursor=${page.body.next_cursor}`);
    expect([...page.body.data, ...rest.body.data]).toEqual(whole.body.lines);
    for (const line of whole.body.lines) expect(statementLineSchema.parse(line)).toEqual(line);
    const foreign = await call('GET', `/v1/statements/${id}`, undefined, { 'x-partner': 'summit' });
    expect(foreign.status).toBe(404);
    const stated = await call('GET', '/v1/commissions?status=stated');
    expect(stated.body.data).toHaveLength(3);
    expect(stated.body.data[0]).toMatchObject({ statement_id: id, period: '2026-01-01' });
  });

  test('closings close what has ended and say what became of each period', async () => {
    const call = openDoors();
    desk.clock.moveTo('2026-03-02T00:00:00.000Z');
    await desk.releaser.runDue(desk.clock.nowMs());
    const closings = await call('POST', '/admin/v1/closings', { cycle: 'month_end', to: '2026-02-28' });
    expect(closings.body).toMatchObject({ data: [{ partner_id: PARTNER, period: '2026-02-01', result: 'locked' }] });
    const statements = await call('GET', `/admin/v1/partners/${PARTNER}/statements`);
    expect(statements.body.data.map(({ period }: { period: { id: string } }) => period.id)).toEqual([
      '2026-01-01',
      '2026-02-01',
    ]);
    expect((await call('POST', '/admin/v1/closings', { to: 'soon' })).status).toBe(422);
  });

  test('a statement that is issued between two pages neither repeats nor hides another', async () => {
    const call = openDoors();
    const first = await call('GET', '/v1/statements?limit=1');
    expect(first.body.data).toMatchObject([{ period: { id: '2026-02-01' } }]);
    await desk.commission.apply(logEvent(PARTNER, 'credit.granted', '2026-03-05T04:00:00.000Z'));
    desk.clock.moveTo('2026-04-02T00:00:00.000Z');
    await call('POST', '/admin/v1/closings', { to: '2026-03-31' });
    const second = await call('GET', `/v1/statements?limit=1&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ data: [{ period: { id: '2026-01-01' } }], next_cursor: null });
    expect((await call('GET', '/v1/statements')).body.data).toHaveLength(3);
  });

  test('a statement is a workbook and a page to print, in Chinese and English', async () => {
    const call = openDoors();
    const { body: list } = await call('GET', '/v1/statements');
    const [{ id }] = list.data;
    const xlsx = await call('GET', `/v1/statements/${id}/lines.xlsx`);
    expect([xlsx.status, xlsx.text.slice(0, 2)]).toEqual([200, 'PK']);
    const english = await call('GET', `/v1/statements/${id}/print`);
    expect(english.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(english.text).toContain('Statement of commissions');
    expect(english.text).toContain('Sluice Demo Marketplace Co., Ltd.');
    expect(english.text).toContain(id);
    const chinese = await call('GET', `/v1/statements/${id}/print?lang=zh`);
    expect(chinese.text).toContain('导流佣金结算单');
    expect((await call('GET', `/v1/statements/stm_${'0'.repeat(32)}/print`)).status).toBe(404);
  });
});
