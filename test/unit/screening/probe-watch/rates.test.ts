import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normaliseSubject } from '../../../../src/identity/normalise-subject.ts';
import type { Subject } from '../../../../src/identity/subject.ts';
import { type Decision, type RefuseReason, refusal } from '../../../../src/screening/decision.ts';
import { detectHashOnly } from '../../../../src/screening/probe-watch/detect-hash-only.ts';
import { detectHitRate, zScore } from '../../../../src/screening/probe-watch/detect-hit-rate.ts';
import { probeOf } from '../../../../src/screening/probe-watch/probe.ts';
import { type Counts, noCounts, windowOf } from '../../../../src/screening/probe-watch/tally.ts';
import { baselineOf } from '../../../../src/screening/probe-watch/watch-store.ts';

const windowWith = (counts: Partial<Counts>) => windowOf([{ ...noCounts(), ...counts }]);
const PAST = { told: 50_000, known: 15_000 };
const rate = (told: number, known: number, past = PAST, isOn = false) =>
  detectHitRate('24h', windowWith({ told, known }), past, isOn);

describe('the hit rate', () => {
  test('z is the distance from the usual share in standard errors', () => {
    // (0.4 − 0.3) / √(0.3 · 0.7 · (1/1000 + 1/50000))
    expect(zScore(0.4, 1_000, 0.3, 50_000)).toBeCloseTo(6.833, 3);
  });

  test('alarms when numbers out of nowhere find nobody, and when a list of customers finds only them', () => {
    expect(rate(2_000, 20)).toMatchObject({
      kind: 'hit_rate',
      evidence: { known_share: 0.01, usual_known_share: 0.3 },
    });
    expect(rate(2_000, 1_800)).toMatchObject({ evidence: { known_share: 0.9 } });
  });

  test('is not judged on a small sample, nor without a past', () => {
    expect(rate(499, 0)).toBeUndefined();
    expect(rate(2_000, 0, { told: 4_999, known: 2_500 })).toBeUndefined();
  });

  test('may go up and down with campaigns', () => {
    expect(rate(20_000, 20_000 * 0.45)).toBeUndefined();
    expect(rate(20_000, 20_000 * 0.2)).toBeUndefined();
    expect(rate(20_000, 20_000 * 0.03, { told: 50_000, known: 500 })).toBeUndefined();
  });

  test('stays on until it is half-way back', () => {
    expect(rate(2_000, 2_000 * 0.17)).toBeUndefined();
    expect(rate(2_000, 2_000 * 0.17, PAST, true)).toBeDefined();
    expect(rate(2_000, 2_000 * 0.25, PAST, true)).toBeUndefined();
  });

  test('never alarms on a share that is the usual one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 100 }), (known, times) => {
        expect(rate(10_000 * times, known * times, { told: 10_000, known })).toBeUndefined();
      }),
    );
  });

  test('the past ends before the window begins, and is forgotten after a month', () => {
    const days = {
      'told:2026-03-02': '1',
      'told:2026-03-01': '10',
      'told:2026-02-28': '100',
      'known:2026-02-28': '7',
      'told:2026-01-01': '1000',
    };
    expect(baselineOf(days, Date.parse('2026-03-02T01:00:00Z'))).toEqual({
      baseline: { told: 100, known: 7 },
      outdated: ['told:2026-01-01'],
    });
  });
});

describe('hash-only questions', () => {
  const judged = (counts: Partial<Counts>, applications: number) =>
    detectHashOnly('24h', windowWith(counts), applications, false);

  test('give alarm when next to nobody comes, or next to nobody is accepted', () => {
    const accepted = { hashed: 20_000, hashed_told: 20_000, hashed_accepted: 15_000 };
    expect(judged(accepted, 1)).toMatchObject({ kind: 'hash_only', evidence: { applications: 1 } });
    expect(judged({ ...accepted, hashed_accepted: 50 }, 500)).toMatchObject({ evidence: { accepted_share: 0.0025 } });
  });

  test('give none while people come, nor for a few', () => {
    expect(judged({ hashed: 20_000, hashed_told: 20_000, hashed_accepted: 15_000 }, 40)).toBeUndefined();
    expect(judged({ hashed: 4_000, hashed_told: 4_000, hashed_accepted: 0 }, 0)).toBeUndefined();
  });
});

describe('what is watched of a question', () => {
  const accepted: Decision = { decision: 'accept', reason: 'new', customer: 'new' };
  const probe = (subject: Subject, ...decisions: Decision[]) => {
    const read = normaliseSubject(subject);
    if (!read.ok) throw new Error('no subject');
    return probeOf(
      read.subject,
      decisions.map((decision) => ({ decision })),
    );
  };
  const md5 = { md5: '7945bd83237335e5376ff44d62e4f0ae' };

  test('its most telling form', () => {
    expect(probe({ phone: '13800138000', id_number: md5 })).toMatchObject({ form: 'plain', phone: '13800138000' });
    expect(probe({ phone: { masked: '13800138***' }, id_number: md5 })).toMatchObject({
      form: 'masked',
      phone: undefined,
    });
    expect(probe({ phone: md5, name: '张三' }).form).toBe('hashed');
    expect(probe({ phone_id: md5 }).form).toBe('hashed');
    expect(probe({ phone: '+4915123456789' })).toMatchObject({ form: 'plain', phone: undefined });
  });

  test('a masked person by what is shown', () => {
    const subject: Subject = {
      name: '张三',
      phone: { masked: '138001380**' },
      id_number: { masked: '11010519491231****' },
    };
    expect(probe(subject).person).toEqual({ name: '张三', phone: '13800138', idNumber: '11010519491231' });
  });

  test.each<[RefuseReason, 'known' | undefined]>([
    ['existing_customer', 'known'],
    ['in_progress', 'known'],
    ['other_channel', 'known'],
    ['recently_refused', 'known'],
    ['blocked', 'known'],
    ['closed', undefined],
    ['capped', undefined],
    ['ineligible', undefined],
  ])('%s tells %s', (reason, told) => {
    expect(probe({ phone: md5 }, refusal(reason)).told).toBe(told);
  });

  test('one product that knows the person is enough', () => {
    expect(probe({ phone: md5 }, accepted, refusal('existing_customer'), refusal('closed'))).toMatchObject({
      told: 'known',
      isAccepted: true,
    });
    expect(probe({ phone: md5 }, refusal('closed'), accepted).told).toBe('new');
  });
});
