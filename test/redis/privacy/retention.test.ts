import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { CLICK_LIFETIME_MS, type ClickArrival } from '../../../src/attribution/clicks/click.ts';
import { CLICK_RANDOM_DIGITS } from '../../../src/attribution/clicks/click-id.ts';
import { DAY_MS, HOUR_MS, isoOf, msOf } from '../../../src/base/clock.ts';
import { shardOfId } from '../../../src/base/ids.ts';
import { randomDigits } from '../../../src/base/random-digits.ts';
import { ClickRetention } from '../../../src/privacy/click-retention.ts';
import { loggedClicks } from '../../support/click-counter.ts';
import { createTestPrivacy, openCredit, paidOutLoan, type TestPrivacy } from '../../support/privacy.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;
let privacy: TestPrivacy;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.client.flushall();
  privacy = await createTestPrivacy(redis);
});

const nowMs = (): number => privacy.intake.clock.nowMs();

async function read(id: string): Promise<Application> {
  const found = await privacy.intake.deps.store.load(id);
  if (!found) throw new Error('it is gone');
  return found.application;
}

async function isSealed(id: string): Promise<boolean> {
  return privacy.intake.deps.store.isSealed(id);
}

async function sweepAfter(days: number): Promise<number> {
  privacy.intake.clock.advanceMs(days * DAY_MS);
  return privacy.sweeper.runDue(nowMs());
}

async function declined(): Promise<Application> {
  const application = await privacy.apply();
  await privacy.put(application.id, { status: 'credit_declined' }, 'credit.declined');
  await privacy.project();
  return read(application.id);
}

describe('sealed data', () => {
  test('of an application that came to nothing is erased after its days, to the day, and the rest stays', async () => {
    const before = await declined();
    expect(await privacy.sweeper.nextDue()).toBe(msOf(before.updated_at) + 30 * DAY_MS);
    expect(await sweepAfter(29)).toBe(0);
    expect(await isSealed(before.id)).toBe(true);
    expect(await sweepAfter(1)).toBe(1);
    expect(await isSealed(before.id)).toBe(false);
    const { erased_at, updated_at, ...after } = await read(before.id);
    expect(erased_at).toBe(isoOf(nowMs()));
    const { updated_at: _, ...kept } = before;
    expect(after).toEqual({ ...kept, partner_user_ref: null });
    expect(updated_at).toBe(erased_at);
    expect(await privacy.sweeper.nextDue()).toSatisfy((due: number | null) => due === null || due > nowMs());
    expect(await sweepAfter(3_000)).toBeGreaterThanOrEqual(0);
  });

  test('of an application that is being decided stays as long as anything happens, and is not kept for ever', async () => {
    const { id } = await privacy.apply();
    await privacy.project();
    for (const status of ['submitted', 'verifying', 'in_review'] as const) {
      await sweepAfter(1_000);
      await privacy.put(id, { status });
    }
    await sweepAfter(1_094);
    expect(await isSealed(id)).toBe(true);
    // The lender has not been heard of for three years.
    await sweepAfter(1);
    expect(await isSealed(id)).toBe(false);
    expect(await read(id)).toMatchObject({ status: 'in_review', erased_at: isoOf(nowMs()) });
  });

  test('that is needed by the instant of the round and no longer by the clock does not keep the round going', async () => {
    const { id } = await privacy.apply();
    await privacy.project();
    const credit = openCredit(nowMs());
    await privacy.put(id, { status: 'credit_granted', credit });
    await redis.client.zadd(redis.keys.shard(shardOfId(id), 'retention'), 1, id);
    const beforeExpiry = nowMs() + 364 * DAY_MS;
    privacy.intake.clock.advanceMs(400 * DAY_MS);
    expect(await privacy.sweeper.runDue(beforeExpiry)).toBe(0);
    expect(await isSealed(id)).toBe(true);
  });

  test('of what was lent stays for its longer time from the last end, and a reversal in between begins it anew', async () => {
    const { id } = await privacy.apply();
    const loan = paidOutLoan(id, isoOf(nowMs()), { status: 'settled' });
    const credit = openCredit(nowMs(), { status: 'closed' });
    await privacy.put(id, { status: 'credit_granted', credit, loans: [loan] }, 'loan.settled');
    await privacy.project();
    await sweepAfter(1_000);
    expect(await isSealed(id)).toBe(true);
    // The lender takes a payment back; the event is not looked at before the record falls due.
    await privacy.put(id, { loans: [{ ...loan, status: 'active' }] });
    await sweepAfter(96);
    expect(await isSealed(id)).toBe(true);
    await privacy.put(id, { loans: [{ ...loan, status: 'settled' }] }, 'loan.settled');
    await privacy.project();
    await sweepAfter(1_094);
    expect(await isSealed(id)).toBe(true);
    await sweepAfter(1);
    expect(await isSealed(id)).toBe(false);
  });

  test('is erased although somebody changes the application in the same moment, or because nobody did', async () => {
    const applications = await Promise.all(Array.from({ length: 20 }, declined));
    privacy.intake.clock.advanceMs(31 * DAY_MS);
    const writes = applications.map(({ id }) => privacy.put(id, { detail: 'noted' }));
    await Promise.all([privacy.sweeper.runDue(nowMs()), privacy.sweeper.runDue(nowMs()), ...writes]);
    for (const { id } of applications) {
      const { erased_at: erasedAt, detail } = await read(id);
      expect(detail).toBe('noted');
      // A change makes it young again, unless it came too late: never both, and never neither.
      expect(await isSealed(id)).toBe(erasedAt === undefined);
      const due = await privacy.desk.retention.dueOf(id);
      if (erasedAt === undefined) expect(due).toBe(nowMs() + 30 * DAY_MS);
      else expect(due).toBeNull();
    }
    await sweepAfter(31);
    for (const { id } of applications) expect(await isSealed(id)).toBe(false);
    expect(privacy.failures).toEqual([]);
  });

  test('is listed again from the log alone, by the same times', async () => {
    const { id } = await declined();
    const running = await privacy.apply();
    await privacy.project();
    const due = await privacy.desk.retention.dueOf(id);
    const listOf = async (of: string): Promise<string[]> => {
      const pages: string[] = [];
      for await (const page of privacy.desk.retention.sealedOf(shardOfId(of))) pages.push(...page);
      return pages;
    };
    for (const one of [id, running.id]) await redis.client.del(redis.keys.shard(shardOfId(one), 'retention'));
    await privacy.project();
    expect(await privacy.desk.retention.dueOf(id)).toBe(due);
    expect(await listOf(running.id)).toContain(running.id);
  });

  test('one record that cannot be erased does not keep the others', async () => {
    const applications = await Promise.all(Array.from({ length: 5 }, declined));
    const [broken] = applications;
    if (!broken) throw new Error('none');
    await redis.client.hset(redis.keys.shard(shardOfId(broken.id), 'app', broken.id), 'doc', '{');
    await sweepAfter(31);
    expect(privacy.failures).toHaveLength(1);
    for (const { id } of applications.slice(1)) expect(await isSealed(id)).toBe(false);
  });
});

describe('clicks', () => {
  function arrival(shard: number): ClickArrival {
    const facts = {
      link_code: 'acme-home',
      partner_id: 'acme',
      product_id: 'quick-cash',
      lender_id: 'quickcredit',
      visitor: `${shard.toString(16).padStart(2, '0')}${'0'.repeat(30)}`,
      bot: false,
      speculative: false,
      cause: null,
      entry: null,
      ip: '0'.repeat(16),
      dc: false,
      sub_ids: {},
      at_ms: nowMs(),
    };
    return { shard, cookie: null, windowMs: HOUR_MS, random: randomDigits(CLICK_RANDOM_DIGITS), facts };
  }

  test('and what binds them to people end after their days when the clock is moved, and not before', async () => {
    const { clicks, touches } = privacy.desk;
    const first = await clicks.record(arrival(3));
    const click = await clicks.load(first.id);
    if (!click) throw new Error('no click');
    await clicks.bind(click, ['token-1', 'token-2']);
    await privacy.project();
    expect(await touches.touchesOf(['token-1'])).toHaveLength(1);
    privacy.intake.clock.advanceMs(200 * DAY_MS);
    const second = await clicks.record(arrival(5));
    await privacy.sweeper.runDue(nowMs() + 199 * DAY_MS);
    expect(await clicks.load(first.id)).toBeDefined();
    await privacy.sweeper.runDue(nowMs() + 201 * DAY_MS);
    expect(await clicks.load(first.id)).toBeUndefined();
    expect(await touches.touchesOf(['token-1', 'token-2'])).toEqual([]);
    expect(await clicks.load(second.id)).toBeDefined();
    const due = (await privacy.sweeper.nextDue()) ?? 0;
    expect(due).toBeGreaterThan(nowMs() + 399 * DAY_MS);
    expect(due % DAY_MS).toBe(0);
    // The log is kept: reading it again brings nothing back.
    await privacy.project();
    expect(await touches.touchesOf(['token-1'])).toEqual([]);
  });

  test('of a quiet installation cost nothing: a log is read once, and again only when its next place is due', async () => {
    const { id } = await privacy.desk.clicks.record(arrival(3));
    const click = await privacy.desk.clicks.load(id);
    if (!click) throw new Error('no click');
    await privacy.desk.clicks.bind(click, ['token-1']);
    const { client, keys } = redis;
    const { clicks, touches } = privacy.desk;
    const ended = new ClickRetention({ client, keys, clicks, touches, lifetimeMs: 400 * DAY_MS });
    expect(await ended.sweep(3, nowMs())).toBe(0);
    await client.config('RESETSTAT');
    for (let look = 0; look < 3; look += 1) expect(await ended.sweep(3, nowMs())).toBe(0);
    expect(await client.info('commandstats')).not.toContain('cmdstat_xrange');
    expect(await ended.sweep(3, nowMs() + 402 * DAY_MS)).toBe(2);
  });

  test('go from the beginning of their log, together with what became of them', async () => {
    const { clicks } = privacy.desk;
    const first = await clicks.record(arrival(9));
    await clicks.countAttempt(first.id, 'form', 'code', 5);
    privacy.intake.clock.advanceMs(10 * DAY_MS);
    const second = await clicks.record({ ...arrival(9), windowMs: 0 });
    await privacy.sweeper.runDue(nowMs() + 391 * DAY_MS);
    expect(await redis.client.exists(redis.keys.shard(9, 'clk', first.id))).toBe(0);
    expect((await loggedClicks(redis)).map(({ id }) => id)).toEqual([second.id]);
    expect(await clicks.load(first.id)).toBeUndefined();
  });

  test('leave nothing for ever of what became of them, where nobody looks', async () => {
    const { id } = await privacy.desk.clicks.record(arrival(7));
    await privacy.desk.clicks.countAttempt(id, 'form', 'code', 5);
    const ttl = await redis.client.pttl(redis.keys.shard(7, 'clk', id));
    expect(ttl).toBeGreaterThan(CLICK_LIFETIME_MS - 60_000);
    expect(ttl).toBeLessThanOrEqual(CLICK_LIFETIME_MS);
  });
});
