import { setTimeout as delay } from 'node:timers/promises';
import { readApplications } from './bring-applicant.ts';
import type { NeededTime } from './story.ts';
import type { StoryRun } from './story-run.ts';
import type { TrialSetting } from './trial-setting.ts';

/** The sandbox clock, where the core goes by it. */
export interface TrialClock {
  /** Moves business time on; resolves when all that fell due at the gateway has happened. */
  advance(move: string): Promise<void>;
  /** By how much a move goes on at once, days: a core of somebody else's has to see every day. */
  readonly strideDays: number;
  /** Resolves when what a move has set off at the core has arrived. */
  quiet(): Promise<void>;
}

const POLL_MS = 250;
/** So often the clock is moved by a minute while nothing happens; then what is waited for needs real time. */
const NUDGES_MAX = 5;
const MONTH_DAYS = 31;
/** The first instalment may be due late, and what follows the last one takes some days. */
const TAIL_DAYS = 40;

/** Plays everything that needs no time, all applicants side by side. @param tick told how many are through */
export async function playNow(
  runs: readonly StoryRun[],
  setting: TrialSetting,
  clock: TrialClock | null,
  tick: (done: number) => void,
): Promise<void> {
  let nudges = 0;
  for (;;) {
    const moved = await lookAtAll(runs, setting);
    const left = runs.filter(({ phase }) => phase === 'now').length;
    tick(runs.length - left);
    if (left === 0) return;
    if (moved) nudges = 0;
    else if (clock !== null && nudges < NUDGES_MAX) {
      nudges += 1;
      await clock.advance('1m');
    } else await delay(POLL_MS);
  }
}

/**
 * Lets time pass until everything that waits for it should have come.
 * @param tick told how many days have gone by
 */
export async function playLater(
  runs: readonly StoryRun[],
  setting: TrialSetting,
  clock: TrialClock,
  tick: (days: number) => void,
): Promise<void> {
  const days = daysNeeded(runs, setting);
  for (let gone = 0; gone < days; ) {
    const stride = Math.min(clock.strideDays, days - gone);
    await clock.advance(`${stride}d`);
    await clock.quiet();
    gone += stride;
    tick(gone);
    await lookAtAll(runs, setting);
  }
  await lookUntilSeen(runs, setting);
  for (const run of runs) run.endLater();
}

/** Days that the stories which wait for time need. */
export function daysNeeded(runs: readonly StoryRun[], { wish }: TrialSetting): number {
  const term = wish.term_unit === 'month' ? wish.term * MONTH_DAYS : wish.term;
  const daysOf = (after: NeededTime | undefined): number => {
    if (after === 'term') return term + TAIL_DAYS;
    return after !== undefined && 'days' in after ? after.days : 1;
  };
  return Math.max(0, ...runs.filter(({ phase }) => phase === 'later').map(({ story }) => daysOf(story.later?.after)));
}

/** What the last day brought may still be on its way, as long as anything may be. */
async function lookUntilSeen(runs: readonly StoryRun[], setting: TrialSetting): Promise<void> {
  const until = Date.now() + setting.waitMs;
  while (runs.some(({ phase, laterMet }) => phase === 'later' && !laterMet) && Date.now() < until) {
    await delay(POLL_MS);
    await lookAtAll(runs, setting);
  }
}

/** @returns whether anybody went on */
async function lookAtAll(runs: readonly StoryRun[], setting: TrialSetting): Promise<boolean> {
  const byId = await readApplications(setting);
  const moved = await Promise.all(
    runs.map((run) => {
      if (run.phase === 'done' || run.phase === 'failed') {
        run.seen = byId.get(run.seen.id) ?? run.seen;
        return false;
      }
      return run.advance(byId.get(run.seen.id) ?? run.seen);
    }),
  );
  return moved.some(Boolean);
}
