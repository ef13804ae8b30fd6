import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AttributionFacts, decideAttribution, type Touch } from '../../../src/attribution/decide-attribution.ts';
import { DAY_MS, SECOND_MS } from '../../../src/base/clock.ts';
import { ARRIVAL, anyFacts, anyTouches, decide, touchOf, WINDOW } from '../../support/touches.ts';

const precheckOfB = { id: 'pre-b', partnerId: 'b', atMs: ARRIVAL - DAY_MS };
const FIRST = { ...WINDOW, first_or_last: 'first' } as const;

interface Row {
  readonly facts: Partial<AttributionFacts>;
  readonly partner: string | null;
  readonly via: string | null;
  readonly rule: string;
  readonly reason: string;
  /** In the order in which they are told. */
  readonly why: readonly (readonly [id: string, why: string, valid: boolean])[];
}

const rows: readonly (readonly [string, Row])[] = [
  [
    'a hand-off of B since a click of A: the last of the two wins, and the click says that it was older',
    {
      facts: {
        touches: [touchOf('a', 3 * DAY_MS), touchOf('b', DAY_MS, { kind: 'handoff' })],
        prechecks: [precheckOfB],
      },
      partner: 'b',
      via: 'handoff',
      rule: 'touch',
      reason: 'last_touch',
      why: [
        ['handoff-b', 'last_touch', true],
        ['click-a', 'older_touch', true],
        ['pre-b', 'precheck_is_not_a_touch', false],
      ],
    },
  ],
  [
    'where the partner of the latest valid touch goes by the first, the older one wins',
    {
      facts: { touches: [touchOf('a', 3 * DAY_MS), touchOf('b', DAY_MS, { window: FIRST })] },
      partner: 'a',
      via: 'click',
      rule: 'touch',
      reason: 'first_touch',
      why: [
        ['click-a', 'first_touch', true],
        ['click-b', 'newer_touch', true],
      ],
    },
  ],
  [
    'the model of a touch that does not count decides nothing',
    {
      facts: {
        touches: [touchOf('a', 3 * DAY_MS), touchOf('b', DAY_MS), touchOf('c', SECOND_MS, { window: FIRST })],
      },
      partner: 'b',
      via: 'click',
      rule: 'touch',
      reason: 'last_touch',
      why: [
        ['click-b', 'last_touch', true],
        ['click-a', 'older_touch', true],
        ['click-c', 'below_lookback', false],
      ],
    },
  ],
  [
    'a signed submission of B beats a click of A',
    {
      facts: { submission: { id: 'app-b', partnerId: 'b' }, touches: [touchOf('a', DAY_MS)] },
      partner: 'b',
      via: 'api',
      rule: 'submission',
      reason: 'submitted_by',
      why: [
        ['app-b', 'submitted_by', true],
        ['click-a', 'submitted_by', true],
      ],
    },
  ],
  [
    'of two live claims the one that was accepted first decides',
    {
      facts: {
        claims: [
          { applicationId: 'app-d', partnerId: 'd', atMs: ARRIVAL - DAY_MS },
          { applicationId: 'app-c', partnerId: 'c', atMs: ARRIVAL - 2 * DAY_MS },
        ],
        touches: [touchOf('a', DAY_MS)],
      },
      partner: 'c',
      via: 'lender',
      rule: 'claim',
      reason: 'existing_claim',
      why: [
        ['app-c', 'existing_claim', true],
        ['app-d', 'existing_claim', true],
        ['click-a', 'existing_claim', true],
      ],
    },
  ],
  [
    'a live claim that nobody earns from keeps a touch from earning',
    {
      facts: {
        claims: [{ applicationId: 'app-x', partnerId: null, atMs: ARRIVAL - DAY_MS }],
        touches: [touchOf('a', DAY_MS)],
      },
      partner: null,
      via: 'lender',
      rule: 'claim',
      reason: 'existing_claim',
      why: [
        ['app-x', 'existing_claim', true],
        ['click-a', 'existing_claim', true],
      ],
    },
  ],
  [
    'at one instant a hand-off comes before a click, then the id that sorts first, whichever model',
    {
      facts: {
        touches: [touchOf('a', DAY_MS), touchOf('b', DAY_MS), touchOf('c', DAY_MS, { kind: 'handoff', window: FIRST })],
      },
      partner: 'c',
      via: 'handoff',
      rule: 'touch',
      reason: 'first_touch',
      why: [
        ['handoff-c', 'first_touch', true],
        ['click-a', 'newer_touch', true],
        ['click-b', 'newer_touch', true],
      ],
    },
  ],
];

describe('who introduced an applicant', () => {
  test.each(rows)('%s', (_, { facts, partner, via, rule, reason, why }) => {
    const verdict = decide(facts);
    expect(verdict).toMatchObject({ partner_id: partner, via, rule, reason });
    expect(verdict.candidates.map((one) => [one.touch.id, one.why, one.valid])).toEqual(why);
  });

  test.each([
    ['just too young', 15 * SECOND_MS - 1, 'below_lookback'],
    ['exactly as young as may be', 15 * SECOND_MS, 'last_touch'],
    ['exactly as old as may be', 30 * DAY_MS, 'last_touch'],
    ['just too old', 30 * DAY_MS + 1, 'above_lookback'],
    ['a millisecond after the applicant', -1, 'later_than_arrival'],
  ])('a touch that is %s is judged so', (_, ageMs, why) => {
    expect(decide({ touches: [touchOf('a', ageMs)] }).candidates).toMatchObject([{ why, window: WINDOW }]);
  });

  test('a touch at the very instant of the arrival counts where no youngest age is asked for, one after it never', () => {
    const window = { ...WINDOW, min_seconds: 0 };
    expect(decide({ touches: [touchOf('a', 0, { window })] }).partner_id).toBe('a');
    expect(decide({ touches: [touchOf('a', -1, { window })] }).partner_id).toBeNull();
  });

  test.each(['bot_click', 'entry_refused', 'partner_suspended', 'partner_terminated'] as const)(
    'a touch that can never count says so before anything of its age: %s',
    (voided) => {
      const verdict = decide({ touches: [touchOf('a', SECOND_MS, { void: voided }), touchOf('b', DAY_MS)] });
      expect(verdict).toMatchObject({ partner_id: 'b', reason: 'last_touch' });
      expect(verdict.candidates.at(-1)).toMatchObject({ why: voided, valid: false });
    },
  );

  test('a touch of a partner that is gone is kept and does not count', () => {
    const verdict = decide({ touches: [touchOf('a', DAY_MS, { window: null })] });
    expect(verdict).toMatchObject({ partner_id: null, rule: 'direct', reason: 'direct' });
    expect(verdict.candidates).toMatchObject([{ partner_id: 'a', why: 'partner_gone' }]);
  });

  test('the winning click names its link and id', () => {
    const verdict = decide({ touches: [touchOf('a', DAY_MS)] });
    expect(verdict).toMatchObject({ link_code: 'a-link', click_id: 'click-a' });
  });
});

/** The touch that comes in its place when time runs backwards: as old as it was young. */
function mirrored(touch: Touch, newestMs: number, oldestMs: number): Touch {
  return { ...touch, atMs: newestMs + oldestMs - touch.atMs };
}

describe('whatever is known of somebody', () => {
  test('the same facts in any order give the same verdict', () => {
    const shuffled = anyFacts().chain((facts) =>
      fc.record({
        facts: fc.constant(facts),
        touches: fc.shuffledSubarray(facts.touches, { minLength: facts.touches.length }),
        claims: fc.shuffledSubarray(facts.claims, { minLength: facts.claims.length }),
        prechecks: fc.shuffledSubarray(facts.prechecks, { minLength: facts.prechecks.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ facts, ...orders }) => {
        expect(decideAttribution({ ...facts, ...orders })).toEqual(decideAttribution(facts));
      }),
    );
  });

  test('a touch that does not count changes neither winner nor model', () => {
    fc.assert(
      fc.property(anyFacts(), anyTouches(), (facts, more) => {
        const added = more.filter((touch) => decide({ touches: [touch] }).partner_id === null);
        const before = decideAttribution(facts);
        const after = decideAttribution({ ...facts, touches: [...facts.touches, ...added] });
        const { candidates: _, ...decided } = before;
        expect(after).toMatchObject(decided);
        expect(after.candidates).toHaveLength(before.candidates.length + added.length);
      }),
    );
  });

  test('the winner is a valid candidate, the first that is told, or nobody', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const verdict = decideAttribution(facts);
        const [first] = verdict.candidates;
        if (verdict.rule === 'direct') {
          expect(verdict.partner_id).toBeNull();
          expect(verdict.candidates.filter(({ valid }) => valid)).toEqual([]);
        } else {
          expect(first).toMatchObject({ valid: true, partner_id: verdict.partner_id, why: verdict.reason });
        }
        const { touches, claims, prechecks } = facts;
        const given = touches.length + claims.length + prechecks.length + ('submission' in facts ? 1 : 0);
        expect(verdict.candidates).toHaveLength(given);
      }),
    );
  });

  test('the fixed order holds: a claim, then a submission, then a touch, then nobody', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const { rule } = decideAttribution(facts);
        const hasTouch = facts.touches.some((touch) => decide({ touches: [touch] }).partner_id !== null);
        const expected =
          facts.claims.length > 0 ? 'claim' : 'submission' in facts ? 'submission' : hasTouch ? 'touch' : 'direct';
        expect(rule).toBe(expected);
      }),
    );
  });

  test('the first of touches is the last of them when time runs backwards', () => {
    fc.assert(
      fc.property(anyTouches({ voids: false }), (touches) => {
        const open = touches.map((touch) => ({ ...touch, window: { ...WINDOW, min_seconds: 0, max_days: 400 } }));
        const valid = open.filter(({ atMs }) => atMs <= ARRIVAL);
        const instants = valid.map(({ atMs }) => atMs);
        const [newest, oldest] = [Math.max(...instants), Math.min(...instants)];
        const turned = valid.map((touch) => mirrored(touch, newest, oldest));
        const first = decide({ touches: valid, model: 'first' });
        const last = decide({ touches: turned, model: 'last' });
        expect(last.candidates[0]?.touch).toEqual(first.candidates[0]?.touch);
      }),
    );
  });

  test('a window lets in what lies within it, both edges included, and nothing else', () => {
    const seconds = fc.integer({ min: 0, max: 86_400 });
    const days = fc.integer({ min: 1, max: 400 });
    const edge = fc.constantFrom(-1, 0, 1);
    fc.assert(
      fc.property(seconds, days, edge, fc.boolean(), (min, max, off, atOldest) => {
        fc.pre(min * SECOND_MS <= max * DAY_MS);
        const window = { ...WINDOW, min_seconds: min, max_days: max };
        const ageMs = (atOldest ? max * DAY_MS : min * SECOND_MS) + off;
        const isInside = ageMs >= min * SECOND_MS && ageMs <= max * DAY_MS && ageMs >= 0;
        expect(decide({ touches: [touchOf('a', ageMs, { window })] }).partner_id).toBe(isInside ? 'a' : null);
      }),
    );
  });
});
