import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideAttribution } from '../../../src/attribution/decide-attribution.ts';
import { simulateAttribution } from '../../../src/attribution/simulate-attribution.ts';
import { DAY_MS, SECOND_MS } from '../../../src/base/clock.ts';
import { ARRIVAL, anyFacts, decide, touchOf } from '../../support/touches.ts';

const stored = decide({
  touches: [touchOf('a', 20 * DAY_MS), touchOf('b', 2 * DAY_MS), touchOf('c', 10 * SECOND_MS)],
});

describe('what other rules would have decided', () => {
  test('the first of the valid touches, where the last has won', () => {
    expect(stored.partner_id).toBe('b');
    expect(simulateAttribution(stored, { model: 'first' })).toMatchObject({ partner_id: 'a', reason: 'first_touch' });
  });

  test('other windows, wider and narrower', () => {
    expect(simulateAttribution(stored, { minSeconds: 5 }).partner_id).toBe('c');
    expect(simulateAttribution(stored, { maxDays: 1 })).toMatchObject({ partner_id: null, reason: 'direct' });
  });

  test('another instant: what came later does not count', () => {
    const asOfMs = ARRIVAL - 10 * DAY_MS;
    const simulated = simulateAttribution(stored, { asOfMs });
    expect(simulated.partner_id).toBe('a');
    expect(simulated.candidates.map(({ why }) => why)).toEqual([
      'last_touch',
      'later_than_arrival',
      'later_than_arrival',
    ]);
  });

  test('without other rules it is the verdict that stands', () => {
    fc.assert(
      fc.property(anyFacts(), (facts) => {
        const verdict = decideAttribution(facts);
        expect(simulateAttribution(verdict, {})).toEqual(verdict);
      }),
    );
  });

  test('from what is stored it decides as from the facts themselves', () => {
    const days = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(anyFacts(), fc.constantFrom('first', 'last'), days, (facts, model, maxDays) => {
        const touches = facts.touches.map((touch) => ({
          ...touch,
          window: touch.window && { ...touch.window, max_days: maxDays },
        }));
        const simulated = simulateAttribution(decideAttribution(facts), { model, maxDays });
        expect(simulated).toEqual(decideAttribution({ ...facts, touches, model }));
      }),
    );
  });

  test('what can never count counts under no rules', () => {
    const verdict = decide({ touches: [touchOf('a', DAY_MS, { void: 'bot_click' })] });
    expect(simulateAttribution(verdict, { model: 'first', minSeconds: 0, maxDays: 400 }).partner_id).toBeNull();
  });
});
