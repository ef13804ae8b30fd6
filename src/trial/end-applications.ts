import { perform } from './deeds.ts';
import type { StoryRun } from './story-run.ts';
import type { TrialSetting } from './trial-setting.ts';

const OVER: ReadonlySet<string> = new Set(['refused', 'credit_declined', 'cancelled', 'expired']);
/** Money is out, or on its way. */
const RUNNING: ReadonlySet<string> = new Set(['paying_out', 'active', 'overdue']);
/** Money was out, so that the credit was used and cannot be cancelled any more. */
const USED: ReadonlySet<string> = new Set(['settled', 'written_off', 'cancelled']);

/** Ends what the trial has begun: repays what runs, cancels the rest. @returns how many could not be ended */
export async function endApplications(runs: readonly StoryRun[], setting: TrialSetting): Promise<number> {
  let leftOpen = 0;
  for (const { story, person, seen } of runs) {
    const loan = seen.loans.at(-1);
    if (OVER.has(seen.status) || (loan !== undefined && USED.has(loan.status))) continue;
    const isRunning = loan !== undefined && RUNNING.has(loan.status);
    const refused = await perform(isRunning ? 'repay' : 'cancel', setting, { key: story.key, person, seen });
    if (refused !== null) leftOpen += 1;
  }
  return leftOpen;
}
