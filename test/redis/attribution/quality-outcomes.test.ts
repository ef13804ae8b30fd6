import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DirtyLinks } from '../../../src/attribution/quality/dirty-links.ts';
import { createQualityProjection } from '../../../src/attribution/quality/quality-projection.ts';
import { ALL_LINKS } from '../../../src/attribution/quality/traffic-tally.ts';
import { isoOf, MINUTE_MS } from '../../../src/base/clock.ts';
import { derivedId } from '../../../src/base/ids.ts';
import type { LogEvent } from '../../../src/events/event.ts';
import type { Projection } from '../../../src/events/projection.ts';
import { loggedClicks } from '../../support/click-counter.ts';
import { TestClock } from '../../support/intake.ts';
import { logEvent } from '../../support/log-event.ts';
import { PARTNER, QualityProcess, ZONE } from '../../support/quality-desk.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

const MORNING = '2026-03-04T02:00:00.000Z';
const DAY = 20_516;

let redis: TestRedis;
let one: QualityProcess;
let clock: TestClock;
let quality: Projection;

beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(async () => {
  await redis.client.flushall();
  clock = new TestClock(MORNING);
  one = new QualityProcess(redis, clock);
  await one.board.read();
  quality = createQualityProjection({
    store: one.traffic,
    clicks: one.clickStore,
    dirty: new DirtyLinks(redis.client, redis.keys),
    timeZoneOf: () => ZONE,
  });
});
afterAll(() => redis.close());

let position = 0;
/** What became of somebody so long after a click, told at once or so much later. */
function outcome(
  type: 'application.received' | 'application.refused' | 'applicant.registered' | 'credit.declined',
  clickId: string | null,
  { afterMs, toldMs = 0, data = {} }: { afterMs: number; toldMs?: number; data?: Record<string, unknown> },
): LogEvent {
  position += 1;
  const atMs = clock.nowMs() + afterMs;
  const event = logEvent(type, derivedId('app', String(position)), `${position}-0`, data);
  const { context } = event;
  if (context === null) throw new Error('no context');
  return {
    ...event,
    shard: 3,
    occurred_at: isoOf(atMs),
    recorded_at: isoOf(atMs + toldMs),
    context: { ...context, owner_id: PARTNER, partner_id: null, click_id: clickId, link_code: null },
  };
}

const dayOf = async (link: string) => (await one.traffic.days(PARTNER, link, DAY)).get(DAY);

describe('what becomes of the people behind clicks', () => {
  test('applications are counted for the link of their click by the time since it, also when the click earned nothing', async () => {
    await one.click('home', 1);
    const [click] = await loggedClicks(redis, 'home');
    const id = click?.id ?? '';
    for (const seconds of [3, 14, 59, 299, 3_599, 86_000, 90_000]) {
      await quality.apply(outcome('application.received', id, { afterMs: seconds * 1_000 }));
    }
    const [today, tomorrow] = [await dayOf('home'), (await one.traffic.days(PARTNER, 'home', DAY + 1)).get(DAY + 1)];
    expect(today).toMatchObject({ applications: 5, times: [1, 1, 1, 1, 1, 0, 0] });
    expect(tomorrow).toMatchObject({ applications: 2, times: [0, 0, 0, 0, 0, 1, 1] });
    expect(today?.promptByHour[10]).toBe(5);
    expect(await dayOf(ALL_LINKS)).toMatchObject({ applications: 5 });
  });

  test('an event that is applied again counts once', async () => {
    await one.click('home', 1);
    const [click] = await loggedClicks(redis, 'home');
    const event = outcome('application.received', click?.id ?? '', { afterMs: MINUTE_MS });
    for (let again = 0; again < 3; again += 1) await quality.apply(event);
    expect(await dayOf('home')).toMatchObject({ applications: 1 });
  });

  test('those turned down for what they are count as rejected; a closed product turns down nobody', async () => {
    await one.click('home', 1);
    const [click] = await loggedClicks(redis, 'home');
    const id = click?.id ?? '';
    const after = { afterMs: MINUTE_MS };
    await quality.apply(outcome('application.refused', id, { ...after, data: { reason: 'blocked' } }));
    await quality.apply(outcome('application.refused', id, { ...after, data: { reason: 'closed' } }));
    await quality.apply(outcome('application.received', id, after));
    await quality.apply(outcome('credit.declined', id, after));
    expect(await dayOf('home')).toMatchObject({ applications: 3, rejected: 2 });
  });

  test('what a lender tells a day later is no sign of how soon people apply', async () => {
    await one.click('home', 1);
    const [click] = await loggedClicks(redis, 'home');
    const late = { afterMs: MINUTE_MS, toldMs: 20 * 60 * MINUTE_MS };
    await quality.apply(outcome('applicant.registered', click?.id ?? '', late));
    const today = await dayOf('home');
    expect(today).toMatchObject({ registrations: 1 });
    expect(today?.promptByHour.every((count) => count === 0)).toBe(true);
  });

  test('somebody who came by no link counts for none', async () => {
    await quality.apply(outcome('application.received', null, { afterMs: 0 }));
    expect(await redis.client.keys('*quality*')).toEqual([]);
  });

  test('programs that apply at once are found from the clicks and events themselves, and their link is held', async () => {
    await one.click('bots', 40);
    for (const { id } of await loggedClicks(redis, 'bots')) {
      await quality.apply(outcome('application.received', id, { afterMs: 2_000 }));
    }
    await one.judge.judgeAll();
    const on = await one.findings.on();
    expect(on).toHaveLength(2);
    const ofLink = on.find(({ link_code }) => link_code === 'bots');
    expect(ofLink).toMatchObject({ code: 'too_quick', severity: 'hold', numbers: { applications: 40, too_quick: 40 } });
    expect(on.find(({ link_code }) => link_code === null)).toMatchObject({
      code: 'too_quick',
      severity: 'watch',
      hold: null,
    });
  });
});
