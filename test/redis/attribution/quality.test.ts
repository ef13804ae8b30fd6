import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readClicks } from '../../../src/attribution/clicks/click-log.ts';
import type { QualityFinding } from '../../../src/attribution/quality/finding.ts';
import { LEAD_MS } from '../../../src/attribution/quality/hold.ts';
import { HOUR_MS, isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import { ALL_SHARDS } from '../../../src/base/ids.ts';
import { createFunnelProjection } from '../../../src/insight/funnel-projection.ts';
import { everyEvent } from '../../support/every-event.ts';
import { TestClock } from '../../support/intake.ts';
import { PARTNER, QualityProcess, ZONE } from '../../support/quality-desk.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let clock: TestClock;
let one: QualityProcess;

/** Ten in the morning in Shanghai; the end of the next day is 16:00Z on the day after. */
const MORNING = '2026-03-04T02:00:00.000Z';
const END_OF_NEXT_DAY = '2026-03-05T16:00:00.000Z';
const FARM = (n: number) => ({ ip: `f${n % 8}`.padStart(16, '0') });

beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  clock = new TestClock(MORNING);
  one = new QualityProcess(redis, clock);
  await one.board.read();
});
afterAll(() => redis.close());

/** A farm clicks, and is found. */
async function heldFarm(link = 'farm'): Promise<QualityFinding> {
  await one.click(link, 400, FARM);
  await one.judge.judgeAll();
  const [finding] = (await one.desk.list(PARTNER)).filter(({ link_code }) => link_code === link);
  if (finding === undefined) throw new Error('the farm was not found');
  return finding;
}

async function pastLead(): Promise<void> {
  clock.advanceMs(LEAD_MS);
  await one.board.read();
}

/** Clicks that became billable after all, by id, as the log tells them; and the funnel that follows it. */
async function restored(): Promise<string[]> {
  const events = (await everyEvent(redis.client, redis.keys)).filter(({ data }) => data.restored !== undefined);
  const funnel = createFunnelProjection({ ...redis, timeZoneOf: () => ZONE });
  for (const event of events) await funnel.apply(event);
  return events.map(({ subject }) => subject);
}

describe('traffic quality', () => {
  test('a farm is found in the round after its clicks, and what it clicks next is counted but not billable', async () => {
    const finding = await heldFarm();
    expect(finding).toMatchObject({ code: 'repeat_clicks', severity: 'hold', ended_at: null });
    expect(finding.numbers).toMatchObject({ unique_clicks: 400, share_of_16_addresses: 1 });
    expect(await one.clicks('farm')).toMatchObject({ unique: 400, billable: 400, held: 0 });
    await pastLead();
    await one.click('farm', 50, FARM);
    expect(await one.clicks('farm')).toMatchObject({ raw: 450, unique: 450, billable: 400, held: 50, diverted: {} });
    const paid = await everyEvent(redis.client, redis.keys);
    expect(paid.filter(({ type }) => type === 'click.recorded')).toHaveLength(400);
  });

  test('a hold ends at the end of the next day at the latest, by itself, though nobody judges or looks', async () => {
    const finding = await heldFarm();
    expect(finding.hold?.until).toBe(END_OF_NEXT_DAY);
    const end = Date.parse(END_OF_NEXT_DAY);
    expect(one.board.isOff(PARTNER, 'farm', end - 1)).toBe(true);
    expect(one.board.isOff(PARTNER, 'farm', end)).toBe(false);
    clock.moveTo(END_OF_NEXT_DAY);
    await one.click('farm', 10);
    expect(await one.clicks('farm')).toMatchObject({ billable: 410, held: 0 });
    expect((await one.desk.list(PARTNER))[0]).toMatchObject({ ended_at: END_OF_NEXT_DAY });
  });

  test('after its hold a link is judged by what comes then: quiet traffic stays billable, a farm is held again', async () => {
    await heldFarm();
    clock.moveTo(END_OF_NEXT_DAY);
    await one.judge.judgeAll();
    await one.click('farm', 350);
    await one.judge.judgeAll();
    expect((await one.desk.list(PARTNER)).filter(({ ended_at }) => ended_at === null)).toEqual([]);
    await one.click('farm', 2_000, FARM);
    await one.judge.judgeAll();
    const [again] = await one.desk.list(PARTNER);
    expect(again).toMatchObject({ severity: 'hold', ended_at: null, hold: { until: '2026-03-07T16:00:00.000Z' } });
  });

  test('a hold is one link’s: other links of the partner, and links of the same name elsewhere, stay billable', async () => {
    await heldFarm();
    await pastLead();
    await one.click('home', 30);
    await one.click('farm', 5, { partner_id: 'acme' });
    expect(await one.clicks('home')).toMatchObject({ billable: 30, held: 0 });
    expect((await one.funnel.read('acme', { by: 'link', value: 'farm' })).clicks).toMatchObject({ billable: 5 });
  });

  test('every process knows of a hold before it begins, and before it counts a click', async () => {
    const other = new QualityProcess(redis, clock);
    const finding = await heldFarm();
    const fromMs = Date.parse(finding.hold?.from ?? '');
    expect(fromMs - clock.nowMs()).toBe(LEAD_MS);
    await other.board.fresh();
    expect(other.board.isOff(PARTNER, 'farm', fromMs)).toBe(true);
    expect(other.board.isOff(PARTNER, 'farm', fromMs - 1)).toBe(false);
  });

  test('lifting is immediate: clicks from that instant on are billable, those before stay as they were', async () => {
    const { id } = await heldFarm();
    await pastLead();
    await one.click('farm', 40, FARM);
    clock.advanceMs(1_000);
    const lifted = await one.desk.lift(id, { by: 'li.na', reason: 'their own promotion', restore: false });
    expect(lifted).toMatchObject({ kind: 'lifted', finding: { ended_at: isoOf(clock.nowMs()) } });
    clock.advanceMs(1_000);
    await one.click('farm', 7);
    clock.advanceMs(LEAD_MS);
    await one.click('farm', 9);
    await one.judge.judgeAll();
    const made = await restored();
    expect(new Set(made).size).toBe(7);
    expect(made).toHaveLength(7);
    expect(await one.clicks('farm')).toMatchObject({ billable: 400 + 7 + 9, held: 40 });
    expect(await one.desk.lift(id, { by: 'li.na', reason: 'again', restore: false })).toEqual({ kind: 'over' });
  });

  test('restoring makes each click that was held billable exactly once, however often it is tried and by whomever', async () => {
    const { id } = await heldFarm();
    await pastLead();
    await one.click('farm', 120, FARM);
    await one.click('farm', 30, (n) => ({ ...FARM(n), bot: true }));
    await one.click('farm', 20, (n) => ({ ...FARM(n), cause: 'paused' }));
    clock.advanceMs(MINUTE_MS);
    const lift = { by: 'li.na', reason: 'their own promotion', restore: true };
    expect(await one.desk.lift(id, lift)).toMatchObject({
      kind: 'lifted',
      finding: { hold: { lifted: lift.restore && { restore: true } } },
    });
    clock.advanceMs(LEAD_MS);
    const other = new QualityProcess(redis, clock);
    await Promise.all([one.judge.judgeAll(), other.judge.judgeAll()]);
    const hold = await one.findings.holdOf(id);
    if (hold === undefined) throw new Error('the hold is gone');
    await Promise.all([one.restores.all(hold), other.restores.all(hold)]);
    const made = await restored();
    expect(made).toHaveLength(120);
    expect(new Set(made).size).toBe(120);
    expect(await one.clicks('farm')).toMatchObject({ unique: 540, billable: 520, held: 0 });
    expect(await one.desk.lift(id, lift)).toEqual({ kind: 'over' });
  });

  test('restoring makes no more clicks of a day billable than the link’s cap lets', async () => {
    one = new QualityProcess(redis, clock, { farm: 430 });
    const { id } = await heldFarm();
    await pastLead();
    await one.click('farm', 50, FARM);
    clock.advanceMs(MINUTE_MS);
    await one.desk.lift(id, { by: 'li.na', reason: 'their own promotion', restore: true });
    clock.advanceMs(LEAD_MS);
    await one.judge.judgeAll();
    expect(await restored()).toHaveLength(30);
    expect(await one.clicks('farm')).toMatchObject({ unique: 450, billable: 430, held: 20 });
  });

  test('a click of a lifted hold that is counted late is restored too', async () => {
    const { id } = await heldFarm();
    await pastLead();
    const heldAtMs = clock.nowMs();
    clock.advanceMs(MINUTE_MS);
    await one.desk.lift(id, { by: 'li.na', reason: 'their own promotion', restore: true });
    clock.advanceMs(HOUR_MS);
    await one.judge.judgeAll();
    await one.click('farm', 3, (n) => ({ ...FARM(n), at_ms: heldAtMs }));
    expect(await restored()).toHaveLength(3);
    expect(await one.clicks('farm')).toMatchObject({ billable: 403, held: 0 });
  });

  test('a click held for two reasons is restored when both were lifted', async () => {
    const { id } = await heldFarm();
    const byHand = await one.desk.hold(
      { partnerId: PARTNER, linkCode: 'farm' },
      { by: 'li.na', reason: 'looking into it', untilMs: clock.nowMs() + HOUR_MS },
    );
    await pastLead();
    await one.click('farm', 11, FARM);
    const lift = { by: 'li.na', reason: 'all is well', restore: true };
    await one.desk.lift(id, lift);
    clock.advanceMs(LEAD_MS);
    await one.judge.judgeAll();
    expect(await restored()).toEqual([]);
    if (byHand.kind !== 'held') throw new Error('not held');
    await one.desk.lift(byHand.finding.id, lift);
    clock.advanceMs(LEAD_MS);
    await one.judge.judgeAll();
    expect(await restored()).toHaveLength(11);
  });

  test('what an operator has lifted is only watched until the end of the next day', async () => {
    const { id } = await heldFarm();
    clock.advanceMs(MINUTE_MS);
    await one.desk.lift(id, { by: 'li.na', reason: 'their own promotion', restore: false });
    clock.advanceMs(LEAD_MS);
    await one.judge.judgeAll();
    expect((await one.findings.on()).length).toBe(0);
    await one.click('farm', 400, FARM);
    await one.judge.judgeAll();
    expect(await one.findings.on()).toMatchObject([{ code: 'repeat_clicks', severity: 'watch', hold: null }]);
  });

  test('an operator holds a link at most until the end of the next day, once at a time', async () => {
    const place = { partnerId: PARTNER, linkCode: 'home' };
    const by = { by: 'li.na', reason: 'a complaint' };
    const end = Date.parse(END_OF_NEXT_DAY);
    expect(await one.desk.hold(place, { ...by, untilMs: end + 1 })).toEqual({ kind: 'bad_until', latestMs: end });
    expect(await one.desk.hold(place, { ...by, untilMs: clock.nowMs() })).toMatchObject({ kind: 'bad_until' });
    expect(await one.desk.hold(place, { ...by, untilMs: end })).toMatchObject({ kind: 'held' });
    expect(await one.desk.hold(place, { ...by, untilMs: end })).toEqual({ kind: 'exists' });
  });

  test('a batch that comes again, also to another process at the same time, is judged once', async () => {
    await one.record('farm', 300, FARM);
    const other = new QualityProcess(redis, clock);
    for (const shard of [...ALL_SHARDS, ...ALL_SHARDS]) {
      const clicks = await readClicks(redis.client, redis.keys, shard, '0-0', 1_000);
      await Promise.all([one.consumer.consume(shard, clicks), other.consumer.consume(shard, clicks)]);
    }
    const [day] = [...(await one.traffic.days(PARTNER, 'farm', 20_516)).values()];
    expect(day).toMatchObject({ raw: 300 });
    expect(day?.uniqueByHour[10]).toBe(300);
  });

  test('operators are told how many links are held now, and nothing any more when none is', async () => {
    await heldFarm();
    expect(one.held.at(-1)).toBe(1);
    clock.moveTo(END_OF_NEXT_DAY);
    await one.judge.judgeAll();
    expect(one.held.at(-1)).toBe(0);
  });

  test('what is kept of a link does not grow with its visitors', async () => {
    const sizeOf = async (): Promise<{ keys: number; bytes: number }> => {
      const keys = await redis.client.keys(`${redis.keys.prefix}{p:${PARTNER}}:quality:*`);
      const bytes = await Promise.all(keys.map((key) => redis.client.memory('USAGE', key, 'SAMPLES', 0)));
      return { keys: keys.length, bytes: bytes.reduce<number>((sum, size) => sum + Number(size), 0) };
    };
    await one.click('wide', 3_000);
    const before = await sizeOf();
    await one.click('wide', 6_000);
    const after = await sizeOf();
    expect(after.keys).toBe(before.keys);
    expect(after.bytes).toBeLessThanOrEqual(before.bytes * 1.02);
    expect(await redis.client.zcard(redis.keys.partner(PARTNER, 'quality', 'visitors', 'wide:20516'))).toBe(128);
  });
});
