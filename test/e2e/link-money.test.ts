import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPeople, type Person } from '../../src/demo/people.ts';
import { KIOSK } from '../support/kiosk.ts';
import { ReferralTown, subjectOf } from '../support/referral-town.ts';

const people = createPeople('money of links', new Date());

let town: ReferralTown;
beforeAll(async () => {
  town = await ReferralTown.start({}, [KIOSK]);
});
afterAll(() => town.stop());

/** What the lender calls the introduction in the table → its id. */
const ids = new Map<string, string>();
const nameOf = (id: string) => [...ids].find(([, one]) => one === id)?.[0] ?? id;

async function register(name: string, person: Person, change: object = {}): Promise<void> {
  ids.set(name, (await town.register(subjectOf(person), change)).id);
}
async function applyAtLender(name: string, person: Person, change: object = {}): Promise<string> {
  const { id } = await town.applyAtLender(subjectOf(person), change);
  ids.set(name, id);
  return id;
}

type Row = readonly [introduction: string, rule: string, amount: number];

/** Every commission of a partner by what it is for, in minor units. */
async function commissionsOf(partnerId: string): Promise<Row[]> {
  await town.gateway.settle();
  const { data } = await town.read(`/admin/v1/partners/${partnerId}/commissions?limit=200`);
  type Line = { application_id: string; rule: string; kind: string; amount: { amount: number } };
  return (data as Line[])
    .map(({ application_id, rule, kind, amount }): Row => {
      return [nameOf(application_id), kind === 'accrual' ? rule : `${kind} of ${rule}`, amount.amount];
    })
    .sort((a, b) => (a.join('\t') < b.join('\t') ? -1 : 1));
}

describe('what applicants of links earn, to the cent', () => {
  test('registrations, applications and loans, on our page and in the lender’s app, pay who brought them', async () => {
    const [page, app, handed, moved, direct, cheat] = Array.from({ length: 6 }, () => people.next());
    if (!page || !app || !handed || !moved || !direct || !cheat) throw new Error('people');

    // On lantern's hosted page; registers with the lender on the way, which names no click.
    const byPage = await town.applyByLink('lantern-quick', page);
    ids.set('page', byPage);
    await town.gateway.settle();
    await register('page registers', page);
    await town.lend(byPage, 200_000, [3_000, 1_500]);

    // Through kiosk's link into the lender's app: the registration names the click, the application does not.
    const click = await town.click('kiosk-app');
    await town.gateway.clock('2d');
    await register('app registers', app, { click_id: click });
    await town.lend(await applyAtLender('app', app), 333_333, [5_235, 3_180]);

    // Handed over by acme, who is paid by terms of its own.
    await town.handOver(town.gateway.acme, handed);
    await town.gateway.clock('1h');
    await town.lend(await applyAtLender('handed', handed), 0);

    // Kiosk's link first, lantern's later: the last wins, with its id and without kiosk's.
    const first = await town.click('kiosk-app');
    await town.gateway.clock('1d');
    const last = await town.click('lantern-quick');
    await town.gateway.clock('1h');
    await register('moved registers', moved, { click_id: first });
    await town.lend(await applyAtLender('moved', moved, { click_id: last }), 150_000, [2_000, 1_000]);

    // Nobody's.
    await register('direct registers', direct);
    await town.lend(await applyAtLender('direct', direct), 400_000, [5_000, 2_500]);

    // Kiosk's, by its hosted page, and a fraud.
    const fraud = await town.applyByLink('kiosk-page', cheat);
    ids.set('cheat', fraud);
    await town.gateway.settle();
    await town.lend(fraud, 100_000, [1_010, 500]);
    const found = { kind: 'identity', evidence_ref: 'E-1' };
    await town.lender.tellAll({ application_id: fraud }, ['application.fraud_confirmed', found]);

    // Worked out beside the terms. lantern: 5.00 a registration, 40.00 a grant.
    expect(await commissionsOf('lantern')).toEqual([
      ['moved', 'cpa', 4_000],
      ['page', 'cpa', 4_000],
      ['page registers', 'reg', 500],
    ]);
    // kiosk: 3.50, 19.99, 1.25 % of what is lent, 7.5 % of interest; halves go to the even cent.
    expect(await commissionsOf('kiosk')).toEqual([
      ['app', 'cpa', 1_999],
      ['app', 'first', 4_167], // 333 333 × 1.25 % = 4 166.66
      ['app', 'rs', 238], //       3 180 × 7.5 % = 238.5
      ['app', 'rs', 393], //       5 235 × 7.5 % = 392.63
      ['app registers', 'reg', 350],
      ['cheat', 'clawback of cpa', -1_999],
      ['cheat', 'clawback of first', -1_250],
      ['cheat', 'clawback of rs', -38],
      ['cheat', 'clawback of rs', -76],
      ['cheat', 'cpa', 1_999],
      ['cheat', 'first', 1_250], // 100 000 × 1.25 %
      ['cheat', 'rs', 38], //          500 × 7.5 % = 37.5
      ['cheat', 'rs', 76], //        1 010 × 7.5 % = 75.75
      ['moved registers', 'reg', 350],
    ]);
    const sumOf = async (partnerId: string) =>
      (await commissionsOf(partnerId)).reduce((sum, [, , amount]) => sum + amount, 0);
    expect(await sumOf('lantern')).toBe(8_500);
    expect(await sumOf('kiosk')).toBe(7_497);
    expect((await commissionsOf('acme')).filter(([name]) => name !== 'handed')).toEqual([]);
    expect(await commissionsOf('acme')).toContainEqual(['handed', 'cpa', 3_000]);
    expect(await commissionsOf('summit')).toEqual([]);
  });

  test('a simulation of the period moves what other rules would move, to the cent, and changes nothing', async () => {
    const before = await allThatCounts();
    expect(before.length).toBeGreaterThan(20);
    const asked = { from: '2026-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z', model: 'first_valid' };
    const { status, body } = await town.gateway.operator.post('/admin/v1/attribution/simulations', asked);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ changed: 1, cut_at: {}, rules: { model: 'first_valid', click_max_days: null } });
    const move = (from: string, to: string | null) =>
      body.moves.find((one: { from: string; to: string | null }) => one.from === from && one.to === to);
    // The applicant whom kiosk touched first and lantern last.
    expect(move('lantern', 'kiosk')).toMatchObject({ introductions: 1, amounts: { CNY: 4_000 } });
    expect(move('lantern', 'lantern')).toMatchObject({ introductions: 2, amounts: { CNY: 4_500 } });
    expect(move('kiosk', 'kiosk')).toMatchObject({ amounts: { CNY: 7_497 } });

    const id = ids.get('moved');
    const path = `/admin/v1/applications/${id}/attribution?simulate=first_valid&click_max_days=7`;
    const one = await town.read(path);
    expect(one).toMatchObject({
      verdict: { winner: { partner_id: 'lantern' }, model: 'last_valid' },
      simulation: {
        same_partner: false,
        rules: { model: 'first_valid', click_max_days: 7, click_min_seconds: null, as_of: null },
        verdict: { winner: { partner_id: 'kiosk' }, model: 'first_valid', terms: {} },
      },
    });
    expect(await allThatCounts()).toEqual(before);
  });

  test('a registration is read with its verdict, and a simulation nobody may ask for is refused', async () => {
    const read = await town.read(`/admin/v1/registrations/${ids.get('app registers')}`);
    expect(read).toMatchObject({
      lender_id: 'quickcredit',
      verdict: {
        winner: { partner_id: 'kiosk', via: 'click' },
        rule: { name: 'touch' },
        terms: { main: 'kiosk-2026' },
      },
    });
    const bad = [
      `/admin/v1/registrations/reg_${'0'.repeat(32)}`,
      `/admin/v1/applications/app_${'0'.repeat(32)}/attribution`,
    ];
    for (const path of bad) expect((await town.gateway.operator.get(path)).status).toBe(404);
    const odd = `/admin/v1/applications/${ids.get('app')}/attribution?simulate=linear`;
    expect((await town.gateway.operator.get(odd)).status).toBe(422);
  });
});

/** Everything that verdicts, touches, events and books consist of. Workers and audit write beside it as ever. */
async function allThatCounts(): Promise<string[]> {
  const { redis } = town.gateway;
  const names = (await redis.keys('*')).filter((name) =>
    /:(app|log|touch|clicks|ledger|lines\w*|book|transfers)(:|$)/.test(name),
  );
  const dumps = await Promise.all(names.map((name) => redis.dumpBuffer(name)));
  return names.map((name, index) => `${name} ${dumps[index]?.toString('base64').slice(-16)}`).sort();
}
