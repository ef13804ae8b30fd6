import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_MS, isoOf } from '../../src/base/clock.ts';
import { createPeople, type Person } from '../../src/demo/people.ts';
import { evidenceSchema } from '../../src/doors/operator/revenue/evidence-schema.ts';
import { commissionSchema } from '../../src/doors/schemas/commission-schema.ts';
import { pricedTermsSource } from '../../src/gateway/priced-terms.ts';
import { loadRegistry } from '../../src/registry/load-registry.ts';
import { ReferralTown, subjectOf } from '../support/referral-town.ts';

const PRICE_FALLS = fifteenthOfNextMonth();
const [LOAN, CENTS] = [100_000, 1];

/** Far enough that days before it are still to come; `2026-12-15`. */
function fifteenthOfNextMonth(): string {
  const now = new Date(Date.now() + 8 * 3_600_000);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth() + 1];
  return isoOf(Date.UTC(year, month, 15)).slice(0, 10);
}

/** That many days after the price falls, at a time in Shanghai. */
function at(days: number, time = '12:00'): string {
  const day = isoOf(Date.parse(PRICE_FALLS) + days * DAY_MS).slice(0, 10);
  return isoOf(Date.parse(`${day}T${time}:00+08:00`));
}

/** One percentage and one volume tier; a second contract beside it is priced by event. */
function versions(template: object) {
  const version = (
    contract: string,
    id: string,
    from: string,
    price_at: string,
    percent: string,
    low: string,
    high: string,
  ) => ({
    ...template,
    ...{ id, contract, from, price_at, clawback: [] },
    rules: [
      { id: 'p', on: 'loan.disbursed', pay: { percent, of: 'principal' } },
      ...(contract === 'main'
        ? [
            {
              id: 'vol',
              on: 'loan.disbursed',
              pay: { tiers: [{ up_to: 150_000, percent: low }, { percent: high }], measure: 'amount', of: 'principal' },
            },
          ]
        : []),
    ],
  });
  return [
    version('main', 'old', '2026-01-01', 'application', '1.2', '0.2', '0.5'),
    version('main', 'new', PRICE_FALLS, 'application', '1.0', '0.1', '0.4'),
    version('by-event', 'event-old', '2026-01-01', 'event', '1.2', '0', '0'),
    version('by-event', 'event-new', PRICE_FALLS, 'event', '1.0', '0', '0'),
  ];
}

let town: ReferralTown;
const people = createPeople('the price falls', new Date());
const [early, reserved, asked] = [people.next(), people.next(), people.next()];
const ids: Record<string, string> = {};

async function moveTo(instant: string): Promise<void> {
  const { status, body } = await town.gateway.operator.post('/sandbox/clock', { to: instant });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

async function ask(person: Person, reserve: boolean): Promise<string> {
  const wish = { product_id: 'quick-cash', subject: subjectOf(person), reserve };
  const { body } = await town.gateway.acme.post('/v1/prechecks', wish);
  expect([body.decision, body.reserved_until !== null]).toEqual(['accept', reserve]);
  return body.id;
}

let loans = 0;

/** Drawn down and paid out, without a payment. */
async function draw(application_id: string): Promise<void> {
  const money = { amount: LOAN, currency: 'CNY' };
  loans += 1;
  const now = await town.now();
  const wish = {
    lender_ref: `L-${loans}`,
    amount: money,
    term: 3,
    term_unit: 'month',
    purpose: 'travel',
    requested_at: now,
  };
  const { loan_id } = await town.lender.tell('loan.requested', { application_id }, wish);
  const due_on = (await town.now(90 * DAY_MS)).slice(0, 10);
  const schedule = [{ no: 1, due_on, principal: money, interest: { ...money, amount: CENTS }, fees: [] }];
  const paidOut = { principal: money, received: money, disbursed_at: now, schedule };
  await town.lender.tellAll({ loan_id }, ['loan.disbursed', paidOut]);
  await town.gateway.settle();
}

async function grant(application_id: string): Promise<void> {
  const credit = { amount: { amount: 500_000, currency: 'CNY' }, apr: '0.18', expires_at: at(200) };
  await town.lender.tellAll({ application_id }, ['credit.granted', credit]);
}

beforeAll(async () => {
  town = await ReferralTown.start({
    'traffic/acme/partner.yaml': (acme) => {
      acme.terms = versions(acme.terms[0]);
    },
    'lending/quickcredit/lender.yaml': () => undefined,
  });
  await moveTo(at(-5));
  ids.early = (await town.submit(town.gateway.acme, early)).id;
  await moveTo(at(-1, '23:50'));
  await ask(asked, false);
  await moveTo(at(-1, '23:55'));
  const precheck_id = await ask(reserved, true);
  await moveTo(at(0, '00:03'));
  ids.reserved = (await town.submit(town.gateway.acme, reserved, { precheck_id })).id;
  await moveTo(at(1));
  ids.asked = (await town.submit(town.gateway.acme, asked)).id;
  await moveTo(at(5));
  for (const name of ['early', 'reserved', 'asked']) {
    await town.gateway.settle();
    await grant(ids[name] ?? '');
    await draw(ids[name] ?? '');
  }
  await moveTo(at(40));
  await draw(ids.early ?? '');
});
afterAll(() => town.stop());

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire; the test judges it
type Line = any;

async function linesOf(name: string, contract: string, rule: string): Promise<Line[]> {
  const { data } = await town.read(`/admin/v1/partners/acme/commissions?application_id=${ids[name]}&limit=50`);
  return data
    .filter((line: Line) => line.contract === contract && line.rule === rule)
    .sort((a: Line, b: Line) => (a.occurred_at < b.occurred_at ? -1 : 1));
}

describe('walk-through E: the price falls 1.2 → 1.0 at midnight of the 15th', () => {
  test.each([
    ['accepted on the 10th, disbursed on the 20th', 'early', 0, '1.2', 1_200, 'old'],
    [
      'prechecked and reserved on the 14th 23:55, applied on the 15th 00:03 citing it',
      'reserved',
      0,
      '1.2',
      1_200,
      'old',
    ],
    ['prechecked on the 14th without reserve, applied on the 16th', 'asked', 0, '1.0', 1_000, 'new'],
    ['a repeat loan, weeks later, of the first one', 'early', 1, '1.2', 1_200, 'old'],
  ])('%s', async (_what, name, index, rate, amount, termsId) => {
    const line = (await linesOf(name, 'main', 'p'))[index];
    expect(line).toMatchObject({ rate, amount: { amount }, terms_id: termsId });
  });

  test('a repeat loan priced by event: 1.0', async () => {
    const lines = await linesOf('early', 'by-event', 'p');
    expect(lines.map(({ rate, terms_id }) => [rate, terms_id])).toEqual([
      ['1.0', 'event-new'],
      ['1.0', 'event-new'],
    ]);
  });

  test('the monthly volume tier: one counter through the month, each line at its own version', async () => {
    const volume = await Promise.all(['early', 'reserved', 'asked'].map((name) => linesOf(name, 'main', 'vol')));
    const amounts = volume.map(([first]) => [first.amount.amount, first.terms_id]);
    // 100 000 at 0.2 %; 50 000 at 0.2 % and 50 000 at 0.5 %; all above at the new version's 0.4 %.
    expect(amounts).toEqual([
      [200, 'old'],
      [350, 'old'],
      [400, 'new'],
    ]);
    expect(volume[0]?.[1].amount.amount, 'a month later the counter has begun again').toBe(200);
  });

  test('editing 1.2 in place: does not load', async () => {
    const { partnersDir } = town.gateway.config;
    const file = join(partnersDir, 'traffic/acme/partner.yaml');
    const { redis, keys } = town.gateway;
    const load = () =>
      loadRegistry(partnersDir, { requireSecrets: false, pricedTerms: pricedTermsSource(redis, keys) });
    expect((await load()).ok).toBe(true);
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, written.replace('1.2', '1.1'));
    const edited = await load();
    writeFileSync(file, written);
    expect(edited).toMatchObject({ ok: false, problems: [{ code: 'terms_immutable', path: 'terms[0].id' }] });
  });
});

describe('the evidence of a commission', () => {
  test('is the lender’s event and who signed it, the terms, the calculation, the verdict, the entry', async () => {
    const [line] = await linesOf('early', 'main', 'p');
    const found = await town.read(`/admin/v1/commissions/${line.id}/evidence?partner=acme`);
    expect(evidenceSchema.parse(found)).toEqual(found);
    expect(found).toMatchObject({
      commission: { id: line.id, status: 'payable' },
      event: {
        type: 'loan.disbursed',
        data: { principal: LOAN },
        told: {
          id: expect.stringMatching(/^EV-/),
          key_id: 'played-core',
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      },
      terms: { id: 'old', rule: { id: 'p', pay: { percent: '1.2', of: 'principal' } } },
      calculation: { base: LOAN, rate: '1.2', exact: '1200', rounding: 'half_even', amount: 1_200 },
      attribution: { winner: { partner_id: 'acme', via: 'api' } },
      ledger: { kind: 'accrual', transfers: [{ from: 'main/CNY/expense', to: 'main/CNY/payable', amount: '1200' }] },
      statement: null,
      related: [],
    });
    expect(found.terms.fingerprint).toBe(found.terms.priced_fingerprint);
    expect(found.ledger.seq).toBeLessThanOrEqual(found.ledger.head.seq);
    const foreign = await town.gateway.operator.get(`/admin/v1/commissions/${line.id}/evidence?partner=summit`);
    expect(foreign.status).toBe(404);
  });

  test('its partner reads the commission itself, and nobody else does', async () => {
    const [line] = await linesOf('early', 'main', 'p');
    const own = await town.gateway.acme.get(`/v1/commissions/${line.id}`);
    expect(commissionSchema.parse(own.body)).toEqual(line);
    expect((await town.gateway.summit.get(`/v1/commissions/${line.id}`)).status).toBe(404);
  });
});
