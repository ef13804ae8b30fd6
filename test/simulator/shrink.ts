import { type Played, simulate } from './simulate.ts';
import { Violation } from './violation.ts';

/**
 * Leaves out steps of a run that failed for as long as it still fails the same way, halves first, then ever smaller parts.
 * @param seconds gives up looking for a shorter one after so long
 */
export async function shrink(failed: Played, seconds: number): Promise<Played> {
  const steps = failed.failure?.step ?? 0;
  const deadline = Date.now() + seconds * 1_000;
  let best = failed;
  let without: ReadonlySet<number> = new Set();
  for (let size = Math.ceil(steps / 2); size >= 1 && Date.now() < deadline; size = Math.floor(size / 2)) {
    for (let from = 1; from < steps && Date.now() < deadline; from += size) {
      const part = Array.from({ length: Math.min(size, steps - from) }, (_, at) => from + at);
      if (part.every((step) => without.has(step))) continue;
      const wanted = new Set([...without, ...part]);
      const played = await simulate(failed.seed, { steps, without: wanted });
      if (kindOf(played) !== kindOf(failed)) continue;
      best = played;
      without = wanted;
    }
  }
  return best;
}

/** What a person needs to see it again. */
export function storyOf(played: Played, shrunk: Played): string {
  const { seed, failure } = played;
  const steps = shrunk.trail.map(({ step, text }) => `  ${step}: ${text}`);
  return [
    `seed ${seed} fails at step ${failure?.step}: ${failure?.error.message}`,
    `again: SLUICE_SIM_SEED=${seed} npx vitest run --config test/vitest.config.ts --project redis test/simulator`,
    `what is left of its steps when all is left out that it fails without (${steps.length}):`,
    ...steps,
    `${shrunk.failure?.error.stack}`,
  ].join('\n');
}

function kindOf({ failure }: Played): string | null {
  if (failure === null) return null;
  return failure.error instanceof Violation ? failure.error.invariant : failure.error.name;
}
