import fc from 'fast-check';
import { test } from 'vitest';
import { sampleApplication } from '../../../support/sample-application.ts';
import { at, disbursed, granted, requested, START } from '../lifecycle/story.ts';
import { dice, Life } from './any-steps.ts';
import { expectLegalState, expectLegalStep } from './legal-state.ts';

const begun = (): Life =>
  new Life(sampleApplication('ORDER-1', { created_at: at(0), accepted_at: at(0), updated_at: at(0) }), START);
test('many', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(dice, { minLength: 1, maxLength: 60, size: 'max' }), (run, throws) => {
      const life = begun();
      if (run) {
        life.nowMs += 60_000_000;
        for (const raw of [granted(0.1), requested(0.15), disbursed(0.2)]) life.hear(raw);
      }
      for (const t of throws) {
        const before = life.application;
        life.step(t);
        expectLegalStep(before, life.application);
        expectLegalState(life.application);
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 3000) },
  );
}, 600_000);
