import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPeople } from '../../src/demo/people.ts';
import { ReferralTown, subjectOf } from '../support/referral-town.ts';

const people = createPeople('quality of traffic', new Date());
const PER_CLICK = 10;

let town: ReferralTown;
beforeAll(async () => {
  town = await ReferralTown.start({
    'traffic/acme/partner.yaml': (file) => {
      file.links.push({ code: 'acme-app', product: 'quick-cash', landing: 'https://app.quickcredit.example/start' });
      file.terms[0].rules.unshift({ id: 'clk', on: 'click', pay: { fixed: PER_CLICK } });
    },
  });
});
afterAll(() => town.stop());

/** What acme earned, by rule, in minor units. */
async function earned(): Promise<Record<string, number>> {
  await town.gateway.settle();
  const { data } = await town.read('/admin/v1/partners/acme/commissions?limit=200');
  const sums: Record<string, number> = {};
  for (const { rule, amount } of data as { rule: string; amount: { amount: number } }[]) {
    sums[rule] = (sums[rule] ?? 0) + amount.amount;
  }
  return sums;
}

/** What is done every few seconds, now. */
const judge = () => town.gateway.gateway.rooms.quality.judge.judgeAll();

describe('a link that is held', () => {
  test('sends people on, who are attributed and whose loans are paid for; only its clicks earn nothing, until it is lifted', async () => {
    const { gateway } = town;
    const person = people.next();
    await town.click('acme-app');
    const before = await earned();
    expect(before.clk).toBe(PER_CLICK);

    const held = await gateway.operator.post('/admin/v1/quality/holds', {
      link: 'acme-app',
      until: await town.now(86_400_000 / 2),
      reason: 'a complaint is looked into',
    });
    expect(held.status).toBe(201);
    expect(held.body).toMatchObject({ code: 'operator_hold', severity: 'hold', partner_id: 'acme', link: 'acme-app' });
    await gateway.clock('1m');

    const click = await town.click('acme-app');
    await gateway.clock('1m');
    const { id: application } = await town.applyAtLender(subjectOf(person), { click_id: click });
    await town.lend(application, 200_000, [3_000, 1_500]);
    const during = await earned();
    expect(during.clk).toBe(PER_CLICK);
    expect(during.cpa).toBe(3_000);
    expect(during.first).toBe(3_000);
    const verdict = await town.read(`/admin/v1/applications/${application}/attribution`);
    expect(JSON.stringify(verdict)).toContain(click);

    const stats = await gateway.acme.get('/v1/links/acme-app/stats');
    expect(stats.body.clicks).toMatchObject({ held: 1, diverted: {} });
    const told = await gateway.acme.get('/v1/links/acme-app/quality', { 'accept-language': 'zh' });
    expect(told.body).toMatchObject({
      billing: 'off',
      off_until: held.body.hold.until,
      data: [{ code: 'operator_hold', text: '我方已暂停该链接的点击计费，原因见说明。', hold: { by: 'operator' } }],
    });
    expect(JSON.stringify(told.body)).not.toContain('"held_by"');

    const path = `/admin/v1/quality/${held.body.id}/lift`;
    const lifted = await gateway.operator.post(path, { reason: 'all is well', restore: true });
    expect(lifted.body).toMatchObject({ ended_at: expect.any(String), hold: { lifted: { restored: true } } });
    await gateway.clock('1m');
    await judge();
    expect((await earned()).clk).toBe(2 * PER_CLICK);
    expect((await gateway.acme.get('/v1/links/acme-app/stats')).body.clicks).toMatchObject({ held: 0 });
    expect((await gateway.acme.get('/v1/links/acme-app/quality')).body.billing).toBe('on');
    expect((await gateway.operator.post(path, { reason: 'again' })).body.code).toBe('nothing_to_lift');
    const { data: audit } = await town.read('/admin/v1/audit?limit=50');
    expect(JSON.stringify(audit)).toContain('quality.lift');
  });

  test('raises an alarm that operators see, and is refused beyond the end of the next day or for an unknown link', async () => {
    const { operator } = town.gateway;
    const tooLate = { link: 'acme-app', until: await town.now(3 * 86_400_000), reason: 'x' };
    expect((await operator.post('/admin/v1/quality/holds', tooLate)).body).toMatchObject({
      code: 'validation_failed',
      errors: [{ pointer: '/until' }],
    });
    const unknown = { ...tooLate, link: 'no-such-link' };
    expect((await operator.post('/admin/v1/quality/holds', unknown)).body.errors).toMatchObject([{ pointer: '/link' }]);
    const end = await town.now(3_600_000);
    const hold = { link: 'acme-app', until: end, reason: 'again' };
    expect((await operator.post('/admin/v1/quality/holds', hold)).status).toBe(201);
    expect((await operator.post('/admin/v1/quality/holds', hold)).body.code).toBe('link_held');
    await judge();
    const { data: alarms } = await town.read('/admin/v1/alarms');
    expect(alarms).toMatchObject([{ kind: 'traffic_quality', ended_at: null, evidence: { links_held: 1 } }]);
    const { data } = await town.read('/admin/v1/quality?partner=acme');
    expect(data[0]).toMatchObject({ code: 'operator_hold', ended_at: null, held_by: expect.any(String) });
  });
});
