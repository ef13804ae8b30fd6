import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../src/base/clock.ts';
import { PLAIN, randomOf, WatchedPartner } from '../../../support/watched-partner.ts';

const START = Date.parse('2026-03-02T04:00:00Z');
const FIRST = 13_000_000_000;
const NUMBERS = 7_000_000_000;

/** How many of these numbers were asked about when the alarm came; undefined = it did not come. */
function askedUntilAlarm(partner: WatchedPartner, phones: readonly number[], everyMs = 100): number | undefined {
  for (const [at, phone] of phones.entries()) {
    const nowMs = START + at * everyMs;
    partner.askPhone(String(phone), nowMs);
    if (at % 5 === 4 && partner.judge(nowMs).some(({ kind }) => kind === 'sequential_sweep')) return at + 1;
  }
  return undefined;
}

const rising = (from: number, step = 1) => Array.from({ length: 1_000 }, (_, at) => from + at * step);

describe('a sweep of 1 000 sequential numbers', () => {
  test('alarms within 300, wherever it begins, in whichever direction', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: NUMBERS - 2_000 }), fc.boolean(), fc.nat(), (offset, down, seed) => {
        const from = FIRST + offset;
        const phones = down ? rising(from).reverse() : rising(from);
        expect(askedUntilAlarm(new WatchedPartner({ seed }), phones)).toBeLessThanOrEqual(300);
      }),
      { numRuns: 60 },
    );
  });

  test.each([2, 4, 8])('alarms within 300 although %i processes take turns at random', (processes) => {
    const random = randomOf(processes);
    const partner = new WatchedPartner({ processes });
    let asked = 0;
    for (const phone of rising(13_800_139_000)) {
      partner.askPhone(String(phone), START + asked * 100, Math.floor(random() * processes));
      asked += 1;
      if (partner.judge(START + asked * 100).length > 0) break;
    }
    expect(asked).toBeLessThanOrEqual(300);
    expect(partner.raised).toHaveLength(1);
  });

  test('alarms within 300 where only every second or third number is tried', () => {
    for (const step of [2, 3]) {
      expect(askedUntilAlarm(new WatchedPartner(), rising(13_800_131_111, step))).toBeLessThanOrEqual(300);
    }
  });

  test('alarms soon in any order', () => {
    const random = randomOf(5);
    const shuffled = rising(13_800_134_000)
      .map((phone) => ({ phone, at: random() }))
      .sort((left, right) => left.at - right.at)
      .map(({ phone }) => phone);
    expect(askedUntilAlarm(new WatchedPartner(), shuffled)).toBeLessThanOrEqual(400);
  });

  test('alarms although it hides among a hundred times as many people', () => {
    const random = randomOf(6);
    const partner = new WatchedPartner();
    let alarmAt: number | undefined;
    for (const [at, phone] of rising(13_800_130_000).entries()) {
      const nowMs = START + at * 1_000;
      partner.askPhone(String(phone), nowMs);
      for (let other = 0; other < 100; other += 1) {
        partner.askPhone(String(FIRST + Math.floor(random() * NUMBERS)), nowMs);
      }
      if (at % 5 === 4 && partner.judge(nowMs).length > 0) {
        alarmAt = at + 1;
        break;
      }
    }
    expect(alarmAt).toBeLessThanOrEqual(300);
  });

  test('alarms within the day when it takes the whole day', () => {
    expect(askedUntilAlarm(new WatchedPartner(), rising(13_800_130_000), DAY_MS / 1_000)).toBeLessThanOrEqual(500);
  });

  test('that hops over the country, thirty numbers at a time, alarms too', () => {
    const random = randomOf(8);
    const phones = Array.from({ length: 40 }, () => FIRST + Math.floor(random() * NUMBERS)).flatMap((from) =>
      rising(from).slice(0, 30),
    );
    expect(askedUntilAlarm(new WatchedPartner(), phones)).toBeLessThanOrEqual(500);
  });

  test('is one alarm, which ends when the window is quiet', () => {
    const partner = new WatchedPartner();
    let nowMs = START;
    for (const phone of rising(13_800_130_000)) {
      nowMs += SECOND_MS;
      partner.askPhone(String(phone), nowMs);
      if (nowMs % (5 * SECOND_MS) === 0) partner.judge(nowMs);
    }
    expect(partner.raised.map(({ kind }) => kind)).toEqual(['sequential_sweep']);
    expect(partner.judge(nowMs + HOUR_MS).map(({ window }) => window)).toEqual(['24h']);
    expect(partner.judge(nowMs + 26 * HOUR_MS)).toEqual([]);
    expect(partner.raised).toHaveLength(1);
  });
});

describe('no sweep', () => {
  test('is one number, or a family’s, asked about all day', () => {
    const partner = new WatchedPartner();
    for (let at = 0; at < 5_000; at += 1) partner.askPhone(`1380013800${at % 5}`, START + at * SECOND_MS);
    expect(partner.judge(START + 5_000 * SECOND_MS)).toEqual([]);
  });

  test('is what was asked about a day ago', () => {
    const partner = new WatchedPartner();
    for (const phone of rising(13_800_130_000).filter((_, at) => at % 20 === 0)) partner.askPhone(String(phone), START);
    for (const phone of rising(13_800_130_001).filter((_, at) => at % 20 === 0)) {
      partner.askPhone(String(phone), START + DAY_MS + HOUR_MS);
    }
    expect(partner.judge(START + DAY_MS + HOUR_MS)).toEqual([]);
  });
});

describe('people of one town', () => {
  test('fifty thousand questions a day about a million numbers are no sweep', { timeout: 60_000 }, () => {
    const random = randomOf(11);
    const partner = new WatchedPartner();
    for (let at = 0; at < 50_000; at += 1) {
      const nowMs = START + at * 1_728;
      partner.askPhone(String(13_800_000_000 + Math.floor(random() * 1_000_000)), nowMs);
      if (at % 1_000 === 0) partner.judge(nowMs);
    }
    expect(partner.raised).toEqual([]);
  });
});

describe('masked people', () => {
  const masked = (name: string, phone: string, idNumber: string) =>
    ({ ...PLAIN, form: 'masked', phone: undefined, person: { name, phone, idNumber } }) as const;
  const digits = (random: () => number, from: number, count: number) => String(from + Math.floor(random() * count));
  const birth = (random: () => number) =>
    `110105${digits(random, 1960, 45)}${digits(random, 10, 3)}${digits(random, 10, 19)}`;

  test.each([
    ['phones', (at: number) => masked('张三', String(13_800_000 + at).padEnd(8, '0'), '11010519491231')],
    ['birth dates', (at: number) => masked('张三', '13800138', String(11_010_519_490_000 + at))],
    ['names', (at: number) => masked(`张${String.fromCodePoint(0x4e00 + at)}`, '13800138', '11010519491231')],
  ])('who is guessed by %s gives alarm within 100', (_, probe) => {
    const partner = new WatchedPartner({ processes: 2 });
    for (let at = 0; at < 100; at += 1) partner.ask(probe(at), START + at * SECOND_MS);
    expect(partner.judge(START + 100 * SECOND_MS).map(({ kind }) => kind)).toEqual(['masked_sweep']);
  });

  test('one name with ever new phones and birth dates gives alarm within 300', () => {
    const random = randomOf(21);
    const partner = new WatchedPartner({ processes: 2 });
    for (let at = 0; at < 300; at += 1) {
      partner.ask(masked('欧阳三', digits(random, 13_000_000, 7_000_000), birth(random)), START + at * SECOND_MS);
    }
    expect(partner.judge(START + 300 * SECOND_MS).map(({ kind }) => kind)).toEqual(['masked_sweep']);
  });

  test('of a whole country, with the names that people have, give none', { timeout: 60_000 }, () => {
    const random = randomOf(22);
    const partner = new WatchedPartner({ processes: 2 });
    for (let at = 0; at < 30_000; at += 1) {
      // A few hundred names are borne by one in some thousands each, the others by few.
      const name = random() < 0.08 ? `王${Math.floor(random() * 250)}` : `李${Math.floor(random() * 5_000_000)}`;
      const nowMs = START + at * SECOND_MS;
      partner.ask(masked(name, digits(random, 13_000_000, 7_000_000), birth(random)), nowMs);
      if (nowMs % MINUTE_MS === 0) partner.judge(nowMs);
    }
    expect(partner.raised).toEqual([]);
  });
});
