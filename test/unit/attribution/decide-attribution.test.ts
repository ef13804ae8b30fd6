import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AttributionFacts, decideAttribution, type Touch } from '../../../src/attribution/decide-attribution.ts';
import { DAY_MS, SECOND_MS } from '../../../src/base/clock.ts';

const NOW = Date.parse('2026-03-02T04:00:00.000Z');

function touch(partnerId: string, ageMs: number, kind: Touch['kind'] = 'click', id = `${kind}-${partnerId}`): Touch {
  const window = { minAgeSeconds: 15, maxAgeDays: 30 };
  return { kind, id, partnerId, linkCode: kind === 'click' ? `${partnerId}-link` : null, atMs: NOW - ageMs, ...window };
}

function decide(facts: Partial<AttributionFacts>) {
  return decideAttribution({ touches: [], firstOrLast: 'last', decidedAtMs: NOW, ...facts });
}

const precheckOfB = { id: 'pre-b', partnerId: 'b', atMs: NOW - DAY_MS };

interface Row {
  readonly facts: Partial<AttributionFacts>;
  readonly partner: string | null;
  readonly via: string | null;
  readonly reason: string;
  readonly why: Readonly<Record<string, string>>;
}

const rows: readonly (readonly [string, Row])[] = [
  [
    'the app returns a click of A, 3 days old, and B only prechecked: A, and B is listed as no touch',
    {
      facts: { touches: [touch('a', 3 * DAY_MS)], prechecks: [precheckOfB] },
      partner: 'a',
      via: 'click',
      reason: 'last_touch',
      why: { 'click-a': 'last_touch', 'pre-b': 'precheck_is_not_a_touch' },
    },
  ],
  [
    'as before, and a hand-off of B was redeemed yesterday: B, the last valid touch',
    {
      facts: {
        touches: [touch('a', 3 * DAY_MS), touch('b', DAY_MS, 'handoff')],
        prechecks: [precheckOfB],
      },
      partner: 'b',
      via: 'handoff',
      reason: 'last_touch',
      why: { 'handoff-b': 'last_touch', 'click-a': 'older_touch', 'pre-b': 'precheck_is_not_a_touch' },
    },
  ],
  [
    'no id comes back, and a click of A is bound to the person: A',
    {
      facts: { touches: [touch('a', DAY_MS)] },
      partner: 'a',
      via: 'click',
      reason: 'last_touch',
      why: { 'click-a': 'last_touch' },
    },
  ],
  [
    'nothing is bound and B holds a reservation: direct, B is listed with why',
    {
      facts: { prechecks: [precheckOfB] },
      partner: null,
      via: null,
      reason: 'direct',
      why: { 'pre-b': 'precheck_is_not_a_touch' },
    },
  ],
  [
    'C has a live claim: C, by existing claim',
    {
      facts: {
        claim: { applicationId: 'app-c', partnerId: 'c', atMs: NOW - 2 * DAY_MS },
        touches: [touch('a', DAY_MS)],
      },
      partner: 'c',
      via: 'lender',
      reason: 'existing_claim',
      why: { 'app-c': 'existing_claim', 'click-a': 'existing_claim' },
    },
  ],
  [
    'a click of A is 10 s old where 15 are asked for: direct, the click is below its window',
    {
      facts: { touches: [touch('a', 10 * SECOND_MS)] },
      partner: null,
      via: null,
      reason: 'direct',
      why: { 'click-a': 'below_lookback' },
    },
  ],
  [
    'a click of A is 31 days old where 30 are the most: direct, the click is above its window',
    {
      facts: { touches: [touch('a', 31 * DAY_MS)] },
      partner: null,
      via: null,
      reason: 'direct',
      why: { 'click-a': 'above_lookback' },
    },
  ],
  [
    'a signed submission of B beats a click of A',
    {
      facts: { submission: { id: 'app-b', partnerId: 'b' }, touches: [touch('a', DAY_MS)] },
      partner: 'b',
      via: 'api',
      reason: 'submitted_by',
      why: { 'app-b': 'submitted_by', 'click-a': 'submitted_by' },
    },
  ],
  [
    'a live claim that nobody earns from keeps a touch from earning',
    {
      facts: {
        claim: { applicationId: 'app-x', partnerId: null, atMs: NOW - DAY_MS },
        touches: [touch('a', DAY_MS)],
      },
      partner: null,
      via: 'lender',
      reason: 'existing_claim',
      why: { 'app-x': 'existing_claim', 'click-a': 'existing_claim' },
    },
  ],
  [
    'where the first touch wins, the older click of A beats the newer one of B',
    {
      facts: { touches: [touch('a', 3 * DAY_MS), touch('b', DAY_MS)], firstOrLast: 'first' },
      partner: 'a',
      via: 'click',
      reason: 'first_touch',
      why: { 'click-a': 'first_touch', 'click-b': 'newer_touch' },
    },
  ],
];

describe('who introduced an applicant', () => {
  test.each(rows)('%s', (_, { facts, partner, via, reason, why }) => {
    const verdict = decide(facts);
    expect(verdict).toMatchObject({ partner_id: partner, via, reason });
    expect(Object.fromEntries(verdict.candidates.map((one) => [one.touch.id, one.why]))).toEqual(why);
    expect(verdict.candidates.filter((one) => one.valid)).toHaveLength(reason === 'direct' ? 0 : 1);
  });

  test('a touch exactly at either edge of its window counts', () => {
    expect(decide({ touches: [touch('a', 15 * SECOND_MS)] }).partner_id).toBe('a');
    expect(decide({ touches: [touch('a', 30 * DAY_MS)] }).partner_id).toBe('a');
  });

  test('the winning click names its link and id', () => {
    const verdict = decide({ touches: [touch('a', DAY_MS)] });
    expect(verdict).toMatchObject({ link_code: 'a-link', click_id: 'click-a' });
  });

  test('the same touches in any order give the same verdict', () => {
    const anyTouch = fc.record({
      partner: fc.constantFrom('a', 'b', 'c'),
      ageMs: fc.integer({ min: 0, max: 40 * DAY_MS }),
      kind: fc.constantFrom('click' as const, 'handoff' as const),
      id: fc.uuid(),
    });
    const touches = fc.uniqueArray(anyTouch, { selector: (one) => one.id, maxLength: 6 });
    fc.assert(
      fc.property(touches, fc.constantFrom('first' as const, 'last' as const), fc.nat(), (drawn, firstOrLast, turn) => {
        const given = drawn.map(({ partner, ageMs, kind, id }) => touch(partner, ageMs, kind, id));
        const at = given.length === 0 ? 0 : turn % given.length;
        const turned = [...given.slice(at), ...given.slice(0, at)];
        const verdict = decide({ touches: given, firstOrLast });
        expect(decide({ touches: turned, firstOrLast })).toEqual(verdict);
        expect(decide({ touches: [...given].reverse(), firstOrLast })).toEqual(verdict);
      }),
    );
  });
});
