import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { registerReconciliations } from '../../../src/doors/operator/reconciliations/reconciliations.ts';
import { registerGetReconciliation } from '../../../src/doors/partner/reconciliations/get-reconciliation.ts';
import { registerPostReconciliation } from '../../../src/doors/partner/reconciliations/post-reconciliation.ts';
import { reconciledRowSchema, reconciliationSchema } from '../../../src/doors/schemas/reconciliation-schema.ts';
import { createDoor, type DoorDeps } from '../../../src/http/app.ts';
import type { Actor } from '../../../src/http/bearer.ts';
import { createMetrics } from '../../../src/http/metrics.ts';
import { Perimeter } from '../../../src/http/perimeter.ts';
import { createQuotas } from '../../../src/limits/quotas.ts';
import type { TrafficPartner } from '../../../src/registry/schema/traffic-partner.ts';
import type { RefFacts } from '../../../src/revenue/reconciliation/known-refs.ts';
import { ReconciliationDesk } from '../../../src/revenue/reconciliation/reconciliation-desk.ts';
import { ReportStore } from '../../../src/revenue/reconciliation/report-store.ts';
import { RowFiles } from '../../../src/revenue/reconciliation/row-files.ts';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createDesk, type Desk, disbursed, linesOf, logEvent } from './desk.ts';

const ORIGIN = 'http://127.0.0.1:8787';
const PARTNER = 'acme';
const JANUARY = '2026-01-01';
const STRANGE = 'app_0123456789abcdef0123456789abcdef';

let redis: TestRedis;
let folder: string;
let desk: Desk;
let reconciliation: ReconciliationDesk;
let statementId: string;
/** What applications there are under references. */
const facts = new Map<string, RefFacts>();

const deps: DoorDeps = {
  env: 'sandbox',
  publicNames: toPublicNames([ORIGIN]),
  publicUrl: ORIGIN,
  logger: pino({ level: 'silent' }),
  metrics: createMetrics(),
  perimeter: new Perimeter(),
};

function openDoors() {
  const revenue = { ...desk, ledger: desk.store, partners: () => desk.partners };
  const partner = createDoor<TrafficPartner>(
    {
      name: 'partner',
      authenticate: (_c, request) => {
        const id = request.fields.values[request.fields.names.indexOf('x-partner')] ?? PARTNER;
        return { party: { id, limits: { upload_megabytes_per_day: 1 } } as TrafficPartner, label: id };
      },
    },
    deps,
  );
  const intake = { clock: desk.clock, quotas: createQuotas(redis.client, redis.keys) };
  registerPostReconciliation(partner, { reconciliation, intake });
  registerGetReconciliation(partner, { reconciliation });
  const audit = new AuditLog({ client: redis.client, keys: redis.keys, rootSecret: new Uint8Array(32) });
  const actor: Actor = { name: 'ann', role: 'finance' };
  const operator = createDoor<Actor>(
    { name: 'operator', authenticate: () => ({ party: actor, label: actor.name }) },
    deps,
  );
  registerReconciliations(operator, { revenue, reconciliation, audit, logger: deps.logger });
  return async (method: string, path: string, body?: string | object, headers: Record<string, string> = {}) => {
    const door = path.startsWith('/v1/') ? partner : operator;
    const type = typeof body === 'string' ? 'text/csv' : 'application/json';
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const all = { host: '127.0.0.1:8787', ...(body === undefined ? {} : { 'content-type': type }), ...headers };
    const response = await door.fetch(new Request(`${ORIGIN}${path}`, { method, headers: all, ...sent }));
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined, headers: response.headers };
  };
}

async function lend(ref: string, at: string, principal: number): Promise<void> {
  const event = logEvent(PARTNER, 'loan.disbursed', at, disbursed(principal, { disbursed_at: at }), {
    context: { partner_ref: ref },
  });
  facts.set(ref, { applicationId: event.subject, fact: null });
  await desk.commission.apply(event);
}

beforeAll(async () => {
  redis = await startTestRedis();
  folder = await mkdtemp(join(tmpdir(), 'reconciliations-'));
  desk = createDesk(redis, {
    accept_days: 5,
    payout: { days: 1, min: 100, invoice: 'required' },
    rules: [{ id: 'first', on: 'loan.disbursed', pay: { percent: '1', of: 'principal' }, hold_days: 15 }],
  });
  desk.partners.add(PARTNER);
  reconciliation = new ReconciliationDesk({
    ledger: desk.store,
    reports: new ReportStore(redis.client, redis.keys),
    files: new RowFiles(folder),
    lookup: { find: async (_party, _kind, ref) => facts.get(ref) ?? { applicationId: null, fact: null } },
    contractsOf: desk.contractsOf,
    clock: desk.clock,
  });
  await lend('ORDER-A', '2026-01-02T04:00:00.000Z', 3_000_000);
  await lend('ORDER-B', '2026-01-04T04:00:00.000Z', 94_600_000);
  // The lender has told one loan under two numbers.
  await lend('ORDER-C', '2026-01-05T04:00:00.000Z', 1_200_000);
  await lend('ORDER-C', '2026-01-05T04:00:00.000Z', 1_200_000);
  await lend('ORDER-D', '2026-01-25T04:00:00.000Z', 500_000);
  await lend('ORDER-E', '2026-01-28T04:00:00.000Z', 700_000);
  facts.set('ORDER-F', { applicationId: STRANGE, fact: 'attributed_elsewhere' });
  desk.clock.moveTo('2026-02-01T01:00:00.000Z');
  const cut = await desk.closer.review({ partnerId: PARTNER, contract: 'main', period: JANUARY, actor: 'ann' });
  if (cut.result !== 'done') throw new Error(cut.result);
  statementId = cut.statement.id;
  desk.clock.moveTo('2026-02-03T04:00:00.000Z');
});
afterAll(async () => {
  await redis.close();
  await rm(folder, { recursive: true });
});

/** The partner's file of walk-through B: 3 February. */
const FILE = [
  '渠道订单号,放款日期,佣金(元)',
  'ORDER-A,2026/1/2,300.00',
  'ORDER-B,2026/1/4,"9,460.00"',
  'ORDER-C,2026/1/5,120.00',
  'ORDER-D,2026/1/25,50.00',
  'ORDER-E,2026/1/28,70.00',
  'ORDER-F,2026/1/30,40.00',
  '合计,,"10,040.00"',
  '',
].join('\r\n');

describe("walk-through B: the partner's file of 3 February", () => {
  test('three rows are missing in ours, two of them held and one attributed elsewhere; one line of ours is there twice', async () => {
    const call = openDoors();
    const made = await call('POST', `/v1/statements/${statementId}/reconciliations`, FILE);
    expect(made.status, made.text).toBe(201);
    const report = reconciliationSchema.parse(made.body);
    expect(report).toMatchObject({
      revision: 1,
      totals: { ours: 1_000_000, theirs: 1_004_000, difference: 4_000 },
      categories: {
        matched: { count: 3, difference: 0 },
        missing_in_ours: { count: 3, theirs: 16_000, difference: 16_000 },
        duplicate_in_ours: { count: 1, ours: 12_000, difference: -12_000 },
      },
      explanations: { held: { count: 2, theirs: 12_000 }, attributed_elsewhere: { count: 1, theirs: 4_000 } },
      mapping: { source: 'guessed', ref_kind: 'partner_ref', columns: { ref: '渠道订单号', amount: '佣金(元)' } },
      file: { rows: 6, skipped: { totals: 1 }, stated_totals: [{ line: 8, amount: 1_004_000, rows: 6 }] },
      equal: false,
    });

    const again = await call('POST', `/v1/statements/${statementId}/reconciliations`, FILE);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body.id).toBe(report.id);
    const other = await call('POST', `/v1/statements/${statementId}/reconciliations?tolerance=1`, FILE);
    expect(other.body.id).not.toBe(report.id);
    // How the first was read is the default of the next.
    expect(other.body.mapping.source).toBe('remembered');

    const rows = `/v1/reconciliations/${report.id}/rows`;
    const held = await call('GET', `${rows}?explanation=held`);
    expect(held.body.data.map((row: { ref: string }) => row.ref)).toEqual(['ORDER-D', 'ORDER-E']);
    for (const row of held.body.data) {
      expect(reconciledRowSchema.parse(row).known_commission_id).toMatch(/^com_/);
    }
    // Nobody is told who else earns.
    expect((await call('GET', `${rows}?explanation=attributed_elsewhere`)).body.data).toMatchObject([
      { ref: 'ORDER-F', theirs: { lines: [7], amount: 4_000 }, ours: null, known_commission_id: null },
    ]);
    const first = await call('GET', `${rows}?limit=5`);
    const second = await call('GET', `${rows}?limit=5&cursor=${first.body.next_cursor}`);
    const all = [...first.body.data, ...second.body.data];
    expect(all).toHaveLength(7);
    expect(second.body.next_cursor).toBeNull();
    expect(all.map((row: { category: string }) => row.category)).toEqual([
      ...Array(3).fill('missing_in_ours'),
      'duplicate_in_ours',
      ...Array(3).fill('matched'),
    ]);
    const csv = await call('GET', `/v1/reconciliations/${report.id}/rows.csv?category=duplicate_in_ours`);
    expect(csv.text).toMatch(/^category,.*\r\nduplicate_in_ours,,ORDER-C,.*,120.00,CNY,.*,-120.00,/);

    expect((await call('GET', rows, undefined, { 'x-partner': 'summit' })).status).toBe(404);
    // Only what was compared is kept, and nothing to work with.
    expect((await readdir(folder)).filter((name) => !name.startsWith('rec_'))).toEqual([]);
  });

  test('the double line is resolved once, however often; what is held is not booked; the draft takes it in', async () => {
    const call = openDoors();
    const made = await call('POST', `/admin/v1/partners/${PARTNER}/statements/${statementId}/reconciliations`, FILE);
    expect(made.status, made.text).toBe(201);
    const base = made.body.rows_url.replace(/\/rows$/, '');
    const wish = { category: 'duplicate_in_ours', action: 'accept_theirs', reason: 'told twice by the lender' };
    const resolved = await call('POST', `${base}/resolve`, wish);
    expect(resolved.status, resolved.text).toBe(200);
    expect(resolved.body).toMatchObject({ booked: { count: 1, amount: -12_000 }, skipped: [], more: false });
    const again = await call('POST', `${base}/resolve`, wish);
    expect(again.body).toMatchObject({ resolved: [], already: 1, booked: { count: 0 } });
    // In another report of the same statement it is the same issue.
    const other = await call('POST', `/v1/statements/${statementId}/reconciliations?date_window_days=5`, FILE);
    expect(other.body.revision).toBe(2);

    const bulk = { category: 'missing_in_ours', action: 'accept_theirs', reason: 'as claimed' };
    const missing = await call('POST', `${base}/resolve`, bulk);
    expect(missing.body.skipped.map((one: { why: string }) => one.why)).toEqual(['will_be_paid', 'will_be_paid']);
    expect(missing.body.booked).toEqual({ count: 1, amount: 4_000 });
    const [line] = (await linesOf(desk, PARTNER)).filter(({ amount }) => amount === 4_000);
    expect(line).toMatchObject({ kind: 'correction', partner_ref: 'ORDER-F', period: JANUARY });
    const otherwise = await call('POST', `${base}/resolve`, {
      rows: [missing.body.resolved[0].row, 'line_999'],
      action: 'keep_ours',
      reason: 'no',
    });
    expect(otherwise.body).toMatchObject({ skipped: [{ why: 'resolved_otherwise' }], unknown: ['line_999'] });

    const after = await call('POST', `/v1/statements/${statementId}/reconciliations`, FILE);
    expect(after.body).toMatchObject({
      revision: 3,
      totals: { ours: 992_000, theirs: 1_004_000, difference: 12_000 },
      categories: {
        missing_in_ours: { count: 2, difference: 12_000 },
        duplicate_in_ours: { count: 0 },
        missing_in_theirs: { count: 0 },
        status_mismatch: { count: 0 },
      },
      explanations: { held: { count: 2 } },
    });
    const shown = await call('GET', `${base}/rows?category=duplicate_in_ours`);
    expect(shown.body.data).toMatchObject([{ resolution: { action: 'accept_theirs', amount: -12_000 } }]);
    expect(shown.text).not.toContain('"by"');
  });

  test('rows become one dispute, which the same request does not open again', async () => {
    const call = openDoors();
    const file = 'partner_ref,amount\nORDER-A,310.00\nORDER-B,9460.00\nORDER-C,120.00\nORDER-F,40.00\n';
    const query = 'ref=partner_ref&amount=amount';
    const made = await call(
      'POST',
      `/admin/v1/partners/${PARTNER}/statements/${statementId}/reconciliations?${query}`,
      file,
    );
    expect(made.body.categories.amount_mismatch).toMatchObject({ count: 1, difference: 1_000 });
    const base = made.body.rows_url.replace(/\/rows$/, '');
    const wish = { category: 'amount_mismatch', action: 'dispute', reason: 'they count 310' };
    const opened = await call('POST', `${base}/resolve`, wish);
    expect(opened.body.dispute_id).toMatch(/^dsp_/);
    expect((await call('POST', `${base}/resolve`, wish)).body).toMatchObject({ already: 1, dispute_id: null });
    const above = { category: 'amount_mismatch', action: 'write_off', reason: 'small' };
    expect((await call('POST', `${base}/resolve`, above)).body).toMatchObject({ resolved: [], already: 1 });
  });

  test('totals by day and one total of all; a file that cannot be read is told what was seen', async () => {
    const call = openDoors();
    const path = `/v1/statements/${statementId}/reconciliations`;
    const whole = await call('POST', `${path}?totals=true&amount=total`, 'month,total\n2026-01,9920.00\n');
    expect(whole.body, whole.text).toMatchObject({ equal: true, totals: { difference: 0 } });
    const taxed = await call('POST', `${path}?totals=true&amount=total`, 'month,total\n合计,10515.20\n');
    expect(taxed.body.categories.tax_basis).toMatchObject({ count: 1, difference: 59_520 });
    const daily = await call(
      'POST',
      `${path}?totals=true&dates=occurred_at&amount=sum&date=day`,
      'day,sum\n2026-01-02,300.00\n2026-01-04,9460.00\n2026-01-05,240.00\n2026-01-09,5.00\n',
    );
    expect(daily.body.categories).toMatchObject({
      matched: { count: 3 },
      missing_in_ours: { count: 1, difference: 500 },
    });
    const bad = await call('POST', path, 'name,phone\nLi Lei,138\n');
    expect(bad).toMatchObject({ status: 422, body: { code: 'file_unreadable' } });
    expect(bad.body.detail).toContain('"name", "phone"');
    const large = await call('POST', path, `渠道订单号,佣金(元)\n${'ORDER-A,1.00\n'.repeat(90_000)}`);
    expect(large).toMatchObject({ status: 429 });
  });

  test('rows of reports that are over are removed from disk', async () => {
    const files = new RowFiles(folder);
    const before = (await readdir(folder)).length;
    expect(before).toBeGreaterThan(0);
    expect(await files.sweep(async () => true, Date.now())).toBe(0);
    const later = Date.now() + 2 * 86_400_000;
    expect(await files.sweep(async () => false, later)).toBe(0);
    expect(await files.sweep(async () => true, later)).toBe(before);
    expect(await readdir(folder)).toEqual([]);
  });
});
