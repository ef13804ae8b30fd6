import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS, isoOf, msOf } from '../../../../src/base/clock.ts';
import type { Appeal, AppealVerdict } from '../../../../src/screening/appeals/appeal.ts';
import {
  APPEAL_DUE_DAYS,
  APPEAL_LAPSE_DAYS,
  afterTime,
  answerAppeal,
  deadlinesOf,
  decidedIfAnswered,
  guardedBy,
  mayHelp,
  nextLookAt,
  pendingOf,
  withApplied,
} from '../../../../src/screening/appeals/appeal-rules.ts';
import type { Contributor } from '../../../../src/screening/lists/entry.ts';

const OPENED_MS = msOf('2026-03-02T04:00:00.000Z');
const CONTRIBUTORS: readonly Contributor[] = ['lender:riverbank', 'lender:quickcredit', 'operator'];

function appealOf(contributors: readonly Contributor[]): Appeal {
  return {
    id: 'apl_0',
    opener: 'operator',
    opened_by: 'mei',
    application_id: null,
    claim: 'wrong',
    tokens: [],
    entries: contributors.map((contributor, at) => ({
      id: `lst_${at}`,
      contributor,
      list: 'block',
      scope: 'funder:harbour',
      kind: 'phone',
      reason: 'overdue',
      group: null,
      known_in_plain: true,
      tokens: [],
    })),
    answers: {},
    status: 'open',
    suspended: true,
    ...deadlinesOf(OPENED_MS),
    escalated_at: null,
    decided_at: null,
    outcome: null,
    told: null,
  };
}

const given = (verdict: AppealVerdict) => ({ verdict, reason: 'why', correction: null, by: 'somebody' });

/** What the desk does after every step. */
function settled(appeal: Appeal, nowMs: number): Appeal {
  const applied = Object.keys(appeal.answers).reduce((one, who) => withApplied(one, who as Contributor), appeal);
  return decidedIfAnswered(applied, nowMs);
}

type Step =
  | { readonly kind: 'answer'; readonly who: number; readonly verdict: AppealVerdict }
  | { readonly kind: 'wait'; readonly days: number };
const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('answer' as const),
    who: fc.nat(2),
    verdict: fc.constantFrom<AppealVerdict>('withdraw', 'correct', 'uphold'),
  }),
  fc.record({ kind: fc.constant('wait' as const), days: fc.integer({ min: 1, max: 12 }) }),
);

describe('an appeal', () => {
  test('ends when all have answered or time is over, never before, and then stays as it is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.array(stepArbitrary, { maxLength: 12 }), (count, steps) => {
        const contributors = CONTRIBUTORS.slice(0, count);
        let appeal = settled(appealOf(contributors), OPENED_MS);
        let nowMs = OPENED_MS;
        for (const step of steps) {
          const before = appeal;
          if (step.kind === 'wait') {
            nowMs += step.days * DAY_MS;
            appeal = settled(afterTime(appeal, nowMs), nowMs);
          } else {
            const who = CONTRIBUTORS[step.who] ?? 'operator';
            const verdict = answerAppeal(appeal, who, given(step.verdict), nowMs);
            if (!contributors.includes(who)) expect(verdict.kind).toBe('not_theirs');
            else if (before.answers[who] === undefined) expect(verdict.kind).toBe('taken');
            else expect(['same', 'answered']).toContain(verdict.kind);
            if (verdict.kind === 'taken') appeal = settled(verdict.appeal, nowMs);
          }
          const elapsedDays = (nowMs - OPENED_MS) / DAY_MS;
          const isOver = pendingOf(appeal).length === 0;
          expect(appeal.status === 'decided').toBe(isOver);
          if (elapsedDays >= APPEAL_DUE_DAYS + APPEAL_LAPSE_DAYS && step.kind === 'wait') expect(isOver).toBe(true);
          if (!isOver && step.kind === 'wait') {
            expect(appeal.status).toBe(elapsedDays >= APPEAL_DUE_DAYS ? 'escalated' : 'open');
          }
          if (before.status === 'decided') expect(appeal).toBe(before);
          expect(guardedBy(appeal)).toHaveLength(pendingOf(appeal).length);
          expect((nextLookAt(appeal, nowMs) ?? nowMs + 1) > nowMs || step.kind === 'answer').toBe(true);
        }
      }),
    );
  });

  test('the same answer again is fine, another one is not', () => {
    const first = answerAppeal(appealOf(CONTRIBUTORS), 'operator', given('uphold'), OPENED_MS);
    if (first.kind !== 'taken') throw new Error(first.kind);
    expect(answerAppeal(first.appeal, 'operator', given('uphold'), OPENED_MS + 1).kind).toBe('same');
    expect(answerAppeal(first.appeal, 'operator', given('withdraw'), OPENED_MS + 1).kind).toBe('answered');
    const other = { ...given('uphold'), reason: 'something else' };
    expect(answerAppeal(first.appeal, 'operator', other, OPENED_MS + 1).kind).toBe('answered');
  });

  test.each<[AppealVerdict[], string, boolean]>([
    [['uphold', 'uphold'], 'upheld', false],
    [['withdraw', 'withdraw'], 'cleared', true],
    [['withdraw', 'uphold'], 'corrected', true],
    [['correct', 'correct'], 'corrected', true],
    [[], 'no_entries', false],
  ])('answers %j make it %s', (verdicts, outcome, helps) => {
    const contributors = CONTRIBUTORS.slice(0, verdicts.length);
    let appeal = appealOf(contributors);
    for (const [at, verdict] of verdicts.entries()) {
      const taken = answerAppeal(appeal, contributors[at] ?? 'operator', given(verdict), OPENED_MS);
      if (taken.kind === 'taken') appeal = taken.appeal;
    }
    appeal = settled(appeal, OPENED_MS);
    expect([appeal.outcome, mayHelp(appeal)]).toEqual([outcome, helps]);
  });

  test('silence is told of on the day that an answer was due', () => {
    const appeal = appealOf(CONTRIBUTORS);
    expect(afterTime(appeal, msOf(appeal.due_by) - 1)).toBe(appeal);
    const escalated = afterTime(appeal, msOf(appeal.due_by));
    expect(escalated).toMatchObject({ status: 'escalated', escalated_at: isoOf(OPENED_MS + 20 * DAY_MS) });
    const lapsed = settled(afterTime(escalated, msOf(appeal.lapses_at)), msOf(appeal.lapses_at));
    expect(lapsed).toMatchObject({ status: 'decided', outcome: 'cleared' });
  });
});
