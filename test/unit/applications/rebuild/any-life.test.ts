import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Application } from '../../../../src/applications/model.ts';
import { findDifferences } from '../../../../src/applications/rebuild/find-differences.ts';
import { rebuildApplication } from '../../../../src/applications/rebuild/rebuild-application.ts';
import { DAY_MS } from '../../../../src/base/clock.ts';
import { sampleApplication } from '../../../support/sample-application.ts';
import {
  at,
  disbursed,
  granted,
  LOAN_ID,
  needsInput,
  overdue,
  paid,
  requested,
  START,
  wire,
} from '../lifecycle/story.ts';
import { dice } from './dice.ts';
import { expectLegalState, expectLegalStep } from './legal-state.ts';
import { Life } from './life.ts';

const begun = (): Life =>
  new Life(sampleApplication('ORDER-1', { created_at: at(0), accepted_at: at(0), updated_at: at(0) }), START);

/** A life that begins with a running loan: what comes later is met more often. */
const running = (): Life => {
  const life = begun();
  life.nowMs += 0.5 * DAY_MS;
  for (const raw of [granted(0.1), requested(0.15), disbursed(0.2)]) life.hear(raw);
  return life;
};

const lives = fc.record({
  isRunning: fc.boolean(),
  throws: fc.array(dice, { minLength: 1, maxLength: 60, size: 'max' }),
});

/** Plays lives and looks at each after every step. */
function play(numRuns: number, look: (life: Life, before: Application) => void): void {
  const property = fc.property(lives, ({ isRunning, throws }) => {
    const life = isRunning ? running() : begun();
    for (const thrown of throws) {
      const before = life.application;
      life.step(thrown);
      look(life, before);
    }
  });
  fc.assert(property, { numRuns });
}

describe('whatever lender, partner and clock do, in any order', () => {
  test('the application and its loans are in a state that is legal and follows from the one before', () => {
    play(80, ({ application }, before) => {
      expectLegalStep(before, application);
      expectLegalState(application);
    });
  });

  test('the log alone comes to the application as it is shown, after every step', () => {
    play(120, (life) => life.expectRebuilt());
  });
});

describe('the log tells', () => {
  const hear = (life: Life, ...raws: Parameters<Life['hear']>[0][]): Life => {
    life.nowMs = START + 200 * DAY_MS;
    for (const raw of raws) life.hear(raw);
    return life;
  };

  test('a word of the lender that was known already, and moves nothing but when the loan was heard of', () => {
    const life = hear(running(), overdue(1, 33, 2), paid(1, 34), wire('loan.cured', 35));
    expect(life.log.at(-1)).toMatchObject({ type: 'application.noted', data: {}, now: { loans: {} } });
    expect(life.rebuilt.loans[0]?.updated_at).toBe(at(35));
  });

  test('which parts of a late change of the credit count no more', () => {
    const life = hear(begun(), granted(0.1), wire('credit.updated', 3, { apr: '0.2' }));
    hear(life, wire('credit.updated', 2, { apr: '0.1', grade: 'B' }));
    expect(life.log.at(-1)?.data).toMatchObject({ apr: '0.1', grade: 'B', superseded: ['apr'] });
    expect(life.rebuilt.credit).toMatchObject({ apr: '0.2', grade: 'B' });
  });

  test('what a history of before has settled, so that nobody is asked for it any more', () => {
    const life = hear(begun(), needsInput(1), wire('application.in_review', 2));
    expect(life.log.at(-1)?.now).toMatchObject({ status: 'in_review', settled: { apply: at(2) } });
  });

  test('nothing that only the document holds: the partner’s words for the person are not in it', () => {
    const life = new Life(
      { ...begun().application, partner_user_ref: 'Zhang', return_url: 'https://a.example/zhang' },
      START,
    );
    expect(JSON.stringify(life.log)).not.toMatch(/zhang/i);
    expect(life.rebuilt).toMatchObject({ partner_user_ref: null, return_url: null });
    life.expectRebuilt();
  });

  test('nothing where its first event does not begin an application', () => {
    expect(rebuildApplication(running().log.slice(1))).toBeUndefined();
    expect(rebuildApplication([])).toBeUndefined();
  });
});

describe('a stored document that is not what its log comes to', () => {
  const stored = (change: (application: Application) => Application) => {
    const life = running();
    return findDifferences(change(life.application), life.rebuilt, life.nowMs).map(({ pointer, what }) => [
      pointer,
      what,
    ]);
  };

  test('is told of by the places at which it differs', () => {
    expect(stored((application) => ({ ...application, status: 'expired' }))).toEqual([['/status', 'differs']]);
    expect(
      stored((application) => ({
        ...application,
        loans: application.loans.map((loan) => ({ ...loan, schedule: [] })),
      })),
    ).toEqual([0, 1, 2].map((item) => [`/loans/0/schedule/${item}`, 'only_in_log']));
    expect(stored((application) => ({ ...application, trusted: true }))).toEqual([['/trusted', 'only_stored']]);
  });

  test('may be ahead of the log in days past due, as far as the calendar explains', () => {
    const life = running();
    const days = (count: number, day: number) => {
      const loans = life.application.loans.map((loan) => ({ ...loan, days_past_due: count }));
      return findDifferences({ ...life.application, loans }, life.rebuilt, START + day * DAY_MS);
    };
    expect(days(0, 40)).toEqual([]);
    expect(days(9, 40)).toEqual([]);
    expect(days(9, 33)).toMatchObject([{ pointer: '/loans/0/days_past_due', stored: 9, rebuilt: 0 }]);
  });
});

describe('a credit that ends', () => {
  const told = (...raws: Parameters<Life['hear']>[0][]): Life => {
    const life = running();
    life.nowMs = START + 200 * DAY_MS;
    for (const raw of raws) life.hear(raw);
    return life;
  };

  test('stays ended for a change of before that is heard of later', () => {
    const life = told(wire('credit.expired', 100), wire('credit.updated', 50, { status: 'active' }));
    expect(life.application).toMatchObject({ status: 'credit_granted', credit: { status: 'closed' } });
    expect(
      told(wire('credit.updated', 50, { status: 'active' }), wire('credit.expired', 100)).application.credit?.status,
    ).toBe('closed');
  });

  test('stays open where the lender has opened it again since, though that is heard of first', () => {
    const opened = wire('credit.updated', 120, { status: 'active' });
    expect(told(opened, wire('credit.expired', 100)).application.credit?.status).toBe('active');
    expect(told(wire('credit.expired', 100), opened).application.credit?.status).toBe('active');
  });

  test('ends the application with the drawdown that came to nothing', () => {
    const life = begun();
    life.nowMs = START + 10 * DAY_MS;
    const waiting = [granted(0.1), requested(1), wire('credit.expired', 2)];
    for (const raw of waiting) life.hear(raw);
    expect(life.application.status).toBe('credit_granted');
    life.hear(wire('loan.declined', 3, { reason: 'policy' }));
    expect(life.application.status).toBe('expired');
    expect(life.log.slice(-2).map(({ type }) => type)).toEqual(['loan.declined', 'application.expired']);
    life.expectRebuilt();
  });

  test('loans are shown in the order in which they began, whichever is heard of first', () => {
    const life = told(requested(5, { lender_ref: 'LN-5', amount: { amount: 1_000, currency: 'CNY' } }));
    life.hear(requested(3, { lender_ref: 'LN-3', amount: { amount: 1_000, currency: 'CNY' } }));
    expect(life.application.loans.map((loan) => loan.lender_ref)).toEqual(['LN-1', 'LN-3', 'LN-5']);
    expect(life.application.loans[0]?.id).toBe(LOAN_ID);
    life.expectRebuilt();
  });
});
