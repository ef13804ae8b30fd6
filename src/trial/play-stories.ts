import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { SECOND_MS } from '../base/clock.ts';
import type { SeenApplication } from './compare-state.ts';
import type { NeededTime } from './story.ts';
import type { StoryRun } from './story-run.ts';
import { expectAnswer } from './trial-gateway.ts';
import type { TrialSetting } from './trial-setting.ts';

const actionSchema = z.object({
  id: z.string(),
  type: z.string(),
  fields: z.array(z.string()).optional(),
  documents: z.array(z.string()).optional(),
  verifications: z.array(z.string()).optional(),
});
const loanSchema = z.object({
  id: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  next_action: actionSchema.nullable(),
});
export const applicationSchema = z.object({
  id: z.string(),
  partner_ref: z.string().nullable(),
  status: z.string(),
  reason: z.string().nullable(),
  next_action: actionSchema.nullable(),
  credit: z.object({ amount: z.object({ amount: z.int(), currency: z.string() }) }).nullable(),
  loans: z.array(loanSchema),
  created_at: z.string(),
});
const pageSchema = z.object({ data: z.array(applicationSchema), next_cursor: z.string().nullable() });

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

/** Plays everything that needs no time, all applicants side by side. */
export async function playNow(
  runs: readonly StoryRun[],
  setting: TrialSetting,
  clock: TrialClock | null,
): Promise<void> {
  let nudges = 0;
  for (;;) {
    const moved = await lookAtAll(runs, setting);
    if (!runs.some(({ phase }) => phase === 'now')) return;
    if (moved) nudges = 0;
    else if (clock !== null && nudges < NUDGES_MAX) {
      nudges += 1;
      await clock.advance('1m');
    } else await delay(POLL_MS);
  }
}

/**
 * Lets time pass until everything that waits for it should have come.
 * @param tick told how many days went by
 * @returns whole days by which the clock was moved
 */
export async function playLater(
  runs: readonly StoryRun[],
  setting: TrialSetting,
  clock: TrialClock,
  tick: (days: number) => void,
): Promise<number> {
  const days = daysNeeded(runs, setting);
  for (let gone = 0; gone < days; ) {
    const stride = Math.min(clock.strideDays, days - gone);
    await clock.advance(`${stride}d`);
    await clock.quiet();
    gone += stride;
    tick(stride);
    await lookAtAll(runs, setting);
  }
  await lookUntilSeen(runs, setting);
  for (const run of runs) run.endLater();
  return days;
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

/** All applications of the trial as they stand, by id. */
async function readApplications({ partner, mark }: TrialSetting): Promise<Map<string, SeenApplication>> {
  const path = `/v1/applications?partner_user_ref=${encodeURIComponent(mark)}&limit=200`;
  const { data } = expectAnswer('GET /v1/applications', await partner.get(path), [200], pageSchema);
  return new Map(data.map((one) => [one.id, one]));
}

/** How long a core's events may pause before it counts as quiet, ms. */
export const QUIET_MS = SECOND_MS;
