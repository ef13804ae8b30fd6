import { describe, expect, test } from 'vitest';
import type { Found } from '../../../../src/attribution/quality/finding.ts';
import { judgeLink } from '../../../../src/attribution/quality/judge-traffic.ts';
import { trafficQualitySchema } from '../../../../src/registry/schema/traffic-quality.ts';
import { Dice, type LinkHabits, SimulatedLink, type TrafficHour } from '../../../support/simulated-traffic.ts';

const settings = trafficQualitySchema.parse({});
const HONEST: LinkHabits = {
  ratio: 1.3,
  dataCentre: 0.02,
  addresses: 0.02,
  visitor: 0.001,
  prompt: 0.7,
  tooQuick: 0.01,
  late: 0.05,
  rejection: 0.4,
  isReported: true,
};
const FIRST_DAY = 20_000;
const PAST = 36;
const SEEDS = 20;

/** Hours from its beginning until nobody's traffic is found, and held; of the worst of some runs. */
function found(
  code: Found['code'],
  { habits = HONEST, past, now }: { habits?: LinkHabits; past: TrafficHour | null; now: TrafficHour },
): { readonly watch: number; readonly hold: number } {
  let [watch, hold] = [0, 0];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const link = new SimulatedLink(new Dice(seed), habits);
    if (past !== null) link.liveThrough(FIRST_DAY, PAST, () => past);
    let [watched, held] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let hour = 1; hour <= 8 * 24 && held > hour; hour += 1) {
      // It begins at six in the morning.
      const at = hour + 5;
      link.pass(FIRST_DAY + PAST + Math.floor(at / 24), at % 24, now);
      const finding = judgeLink(link.reading(), settings, 0).find((one) => one.code === code);
      if (finding !== undefined) watched = Math.min(watched, hour);
      if (finding?.severity === 'hold') held = hour;
    }
    watch = Math.max(watch, watched);
    hold = Math.max(hold, held);
  }
  process.stdout.write(`${code}: found after ${watch} h, held after ${hold} h (worst of ${SEEDS})\n`);
  return { watch, hold };
}

describe('nobody’s traffic', () => {
  test('a flood of programs on an honest link is found within the hour and held within two', () => {
    const now = { people: 100, conversion: 0.05, fakes: 2_000 };
    const { watch, hold } = found('click_flood', { past: { people: 100, conversion: 0.05 }, now });
    expect(watch).toBe(1);
    expect(hold).toBeLessThanOrEqual(2);
  });

  test('a flood that changes its addresses is held on a link that is new and has no past, within a day', () => {
    const { hold } = found('low_conversion', { past: null, now: { people: 0, conversion: 0, fakes: 1_000 } });
    expect(hold).toBeLessThanOrEqual(24);
  });

  test('a farm behind a few addresses is held within three hours, beside honest people', () => {
    const habits = { ...HONEST, fakeAddresses: 1 };
    const past = { people: 40, conversion: 0.05 };
    const { hold } = found('repeat_clicks', { habits, past, now: { people: 40, conversion: 0.05, fakes: 200 } });
    expect(hold).toBeLessThanOrEqual(3);
  });

  test('traffic from data centres is held within three hours, on a new link too', () => {
    const habits = { ...HONEST, fakeDataCentre: 0.95 };
    const now = { people: 10, conversion: 0.05, fakes: 150 };
    expect(found('data_centre_traffic', { habits, past: null, now }).hold).toBeLessThanOrEqual(3);
    const past = { people: 60, conversion: 0.05 };
    expect(found('data_centre_traffic', { habits, past, now }).hold).toBeLessThanOrEqual(6);
  });

  test('programs that fill in the form are held as soon as thirty applications came', () => {
    const habits = { ...HONEST, tooQuick: 0.9 };
    const { hold } = found('too_quick', { habits, past: null, now: { people: 100, conversion: 0.1 } });
    expect(hold).toBeLessThanOrEqual(5);
  });

  test('click spam — very many clicks, few and late applications — is held within three days', () => {
    const habits = { ...HONEST, late: 0.8, prompt: 0 };
    const { hold } = found('too_late', { habits, past: null, now: { people: 2_000, conversion: 0.0009 } });
    expect(hold).toBeLessThanOrEqual(72);
  });

  test('a watch for one reason never becomes a hold while holds are switched off by the operator', () => {
    const link = new SimulatedLink(new Dice(1), { ...HONEST, fakeDataCentre: 1 });
    link.pass(FIRST_DAY, 10, { people: 0, conversion: 0, fakes: 1_000 });
    const judged = judgeLink(link.reading(), { ...settings, hold: false }, 0);
    expect(judged).toMatchObject([{ code: 'data_centre_traffic', severity: 'watch' }]);
  });
});
