import fc from 'fast-check';
import { describe, test } from 'vitest';
import { sampleApplication } from '../../../support/sample-application.ts';
import { at, disbursed, granted, requested, START } from '../lifecycle/story.ts';
import { dice, Life } from './any-steps.ts';

const begun = (): Life =>
  new Life(sampleApplication('ORDER-1', { created_at: at(0), accepted_at: at(0), updated_at: at(0) }), START);

/** A life that begins with a running loan: what comes later is met more often. */
const running = (): Life => {
  const life = begun();
  life.nowMs += 60_000_000;
  for (const raw of [granted(0.1), requested(0.15), disbursed(0.2)]) life.hear(raw);
  return life;
};

const lives = fc.record({ isRunning: fc.boolean(), throws: fc.array(dice, { minLength: 1, maxLength: 40 }) });

describe('whatever lender, partner and clock do, in any order', () => {
  test('the log alone comes to the application as it is shown, after every step', () => {
    fc.assert(
      fc.property(lives, ({ isRunning, throws }) => {
        const life = isRunning ? running() : begun();
        life.expectRebuilt();
        for (const thrown of throws) {
          life.step(thrown);
          life.expectRebuilt();
        }
      }),
      { numRuns: 400 },
    );
  });
});
