import { describe, expect, test } from 'vitest';
import { judgeLink } from '../../../../src/attribution/quality/judge-traffic.ts';
import { trafficQualitySchema } from '../../../../src/registry/schema/traffic-quality.ts';
import { Dice, honestLink, type LinkHabits, SimulatedLink } from '../../../support/simulated-traffic.ts';

const settings = trafficQualitySchema.parse({});
const LINKS = 1_000;
const PAST = 36;
const WEEK = 7;
/** Of each hour of a week one in six is looked at, another one for each link. */
const LOOK_EVERY_HOURS = 6;

describe('honest traffic', () => {
  test('of 1 000 weeks of honest links of all sizes, with newsletters, nights and slow lenders, at most 1 % are held', () => {
    let held = 0;
    let watched = 0;
    for (let seed = 1; seed <= LINKS; seed += 1) {
      const { link, hourOf } = honestLink(new Dice(seed));
      link.liveThrough(20_000, PAST, hourOf);
      const severities = new Set<string>();
      for (let hour = 0; hour < WEEK * 24; hour += 1) {
        const day = 20_000 + PAST + Math.floor(hour / 24);
        link.pass(day, hour % 24, hourOf(day, hour % 24));
        if ((hour + seed) % LOOK_EVERY_HOURS !== 0 && hour % 24 !== 23) continue;
        for (const { severity } of judgeLink(link.reading(), settings, 0)) severities.add(severity);
      }
      if (severities.has('hold')) held += 1;
      else if (severities.has('watch')) watched += 1;
    }
    process.stdout.write(`honest link-weeks: ${held} of ${LINKS} held, ${watched} only watched\n`);
    expect(held / LINKS).toBeLessThanOrEqual(0.01);
  }, 60_000);

  test('a newsletter that brings thirty times the usual hour is watched, not held, as long as its people apply', () => {
    const { link } = steady(5);
    for (let hour = 0; hour < 12; hour += 1) {
      const isBurst = hour >= 8 && hour < 11;
      link.pass(20_036, hour, { people: isBurst ? 6_000 : 200, conversion: isBurst ? 0.03 : 0.05 });
      const found = judgeLink(link.reading(), settings, 0);
      expect(found.filter(({ severity }) => severity === 'hold')).toEqual([]);
      if (hour === 9) expect(found).toMatchObject([{ code: 'click_flood', severity: 'watch' }]);
    }
  });

  test('a lender that reports the day after is no reason for a hold', () => {
    const { link } = steady(6, { prompt: 0, isReported: false });
    for (let hour = 0; hour < 24; hour += 1) {
      link.pass(20_036, hour, { people: hour === 10 ? 5_000 : 200, conversion: 0 });
      const held = judgeLink(link.reading(), settings, 0).filter(({ severity }) => severity === 'hold');
      expect(held).toEqual([]);
    }
  });
});

function steady(seed: number, more: Partial<LinkHabits> = {}): { readonly link: SimulatedLink } {
  const link = new SimulatedLink(new Dice(seed), {
    ratio: 1.3,
    dataCentre: 0.02,
    addresses: 0.02,
    visitor: 0,
    prompt: 0.7,
    tooQuick: 0.01,
    late: 0.05,
    rejection: 0.4,
    isReported: true,
    ...more,
  });
  link.liveThrough(20_000, PAST, () => ({ people: 200, conversion: 0.05 }));
  return { link };
}
