import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../../src/base/clock.ts';
import type { Probe } from '../../../../src/screening/probe-watch/probe.ts';
import { normalOf, randomOf, WatchedPartner } from '../../../support/watched-partner.ts';

const START = Date.parse('2026-03-02T00:00:00Z');
const PARTNERS = 500;
const DAYS = 20;
/** Judgements a day. */
const JUDGEMENTS = 12;

/**
 * A partner as there are many: some dozens to some thousands of questions a day, in the forms it likes, about people of a country,
 * a province or a city, of whom a share of its own is known. Volume and share vary from day to day as business does: by a
 * third, and by a sixth.
 */
function livePartner(seed: number): { readonly asked: number; readonly kinds: readonly string[] } {
  const random = randomOf(seed);
  const processes = 1 + Math.floor(random() * 4);
  const partner = new WatchedPartner({ processes, seed });
  const volume = 20 * 40 ** random();
  const usual = 0.02 + random() * 0.6;
  const population = [3e6, 2e7, 1e8, 7e9][Math.floor(random() * 4)] ?? 7e9;
  const [plainShare, maskedShare] = [random(), random() * 0.3];
  partner.baseline = { told: Math.round(volume * 26), known: Math.round(volume * 26 * usual) };
  let total = 0;
  for (let day = 0; day < DAYS; day += 1) {
    const asked = Math.round(volume * Math.exp(normalOf(random) / 3));
    const known = Math.min(0.98, usual * Math.exp(normalOf(random) / 6));
    partner.applications = 2 + Math.round(asked * 0.003 * Math.exp(normalOf(random) / 2));
    for (let at = 0; at < asked; at += 1) {
      const nowMs = START + day * DAY_MS + (at / asked) * DAY_MS;
      partner.ask(
        questionOf(random, { population, plainShare, maskedShare, known }),
        nowMs,
        Math.floor(random() * processes),
      );
      if (at % Math.ceil(asked / JUDGEMENTS) === 0) partner.judge(nowMs);
    }
    total += asked;
  }
  return { asked: total, kinds: partner.raised.map(({ kind }) => kind) };
}

interface Habits {
  readonly population: number;
  readonly plainShare: number;
  readonly maskedShare: number;
  readonly known: number;
}

function questionOf(random: () => number, { population, plainShare, maskedShare, known }: Habits): Probe {
  const told = random() < known ? 'known' : 'new';
  const isAccepted = told === 'new' || random() < 0.2;
  const form = random();
  const phone = String(13_000_000_000 + Math.floor(random() * population));
  if (form < plainShare) return { form: 'plain', phone, person: undefined, told, isAccepted };
  if (form > plainShare + maskedShare) return { form: 'hashed', phone: undefined, person: undefined, told, isAccepted };
  const name = random() < 0.08 ? `王${Math.floor(random() * 250)}` : `李${Math.floor(random() * 5_000_000)}`;
  const idNumber = String(11_010_519_600_101 + Math.floor(random() * 4e9));
  return { form: 'masked', phone: undefined, person: { name, phone: phone.slice(0, 8), idNumber }, told, isAccepted };
}

describe('honest traffic at its normal variance', () => {
  test('raises less than one alarm in 10 000 partner-days', { timeout: 180_000 }, () => {
    let asked = 0;
    const alarms: string[] = [];
    for (let seed = 1; seed <= PARTNERS; seed += 1) {
      const lived = livePartner(seed);
      asked += lived.asked;
      alarms.push(...lived.kinds);
    }
    expect(PARTNERS * DAYS).toBe(10_000);
    expect(asked).toBeGreaterThan(1_500_000);
    expect(alarms).toEqual([]);
  });
});
