import { describe, expect, test } from 'vitest';
import { shrink, storyOf } from './shrink.ts';
import { type SimulationCounts, simulate } from './simulate.ts';

/** How long seeds are played: `SLUICE_SIM_SECONDS=60`, or longer. */
const SECONDS = Number(process.env.SLUICE_SIM_SECONDS ?? 60);
/** The first of them: `SLUICE_SIM_SEED=7`, or `random`. */
const FIRST = process.env.SLUICE_SIM_SEED ?? '1';
const SHRINK_SECONDS = Number(process.env.SLUICE_SIM_SHRINK_SECONDS ?? 30);
const STEPS = 300;
/** The last world is played to its end, and a failure is made short. */
const GRACE_SECONDS = 90;
const SHORT_STEPS = 60;

describe('the simulator', () => {
  test('does the same and comes to the same end when it plays the same seed again', { timeout: 90_000 }, async () => {
    const [first, second] = [
      await simulate('twice', { steps: SHORT_STEPS }),
      await simulate('twice', { steps: SHORT_STEPS }),
    ];
    expect(first.failure).toBeNull();
    expect(second.trail).toEqual(first.trail);
    expect(second.digest).toBe(first.digest);
    expect(first.counts).toMatchObject({ steps: SHORT_STEPS });
    process.stdout.write(`simulator: end of seed "twice" is ${first.digest}\n`);
  });

  test('money is neither lost nor made nor counted twice, whatever comes late, comes again, is cut off or killed', {
    timeout: (SECONDS + SHRINK_SECONDS + GRACE_SECONDS) * 1_000,
  }, async () => {
    const deadline = Date.now() + SECONDS * 1_000;
    const base = FIRST === 'random' ? Date.now() : Number(FIRST);
    const total: Record<string, number> = { seeds: 0 };
    for (let seed = base; seed === base || Date.now() < deadline; seed += 1) {
      const played = await simulate(String(seed), { steps: STEPS, isOver: () => Date.now() > deadline });
      if (played.failure !== null) throw new Error(storyOf(played, await shrink(played, SHRINK_SECONDS)));
      add(total, played.counts);
    }
    process.stdout.write(`simulator: from seed ${base}, ${JSON.stringify(total)}\n`);
    expect(total.seeds).toBeGreaterThan(0);
  });
});

function add(total: Record<string, number>, counts: SimulationCounts): void {
  total.seeds = (total.seeds ?? 0) + 1;
  for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
}
