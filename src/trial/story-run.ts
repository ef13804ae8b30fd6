import { SECOND_MS } from '../base/clock.ts';
import type { Person } from '../demo/people.ts';
import { compareState, describeExpected, describeState, type SeenApplication } from './compare-state.ts';
import { perform } from './deeds.ts';
import type { Expected, NeededTime, Story } from './story.ts';
import type { Finding, TrialSetting } from './trial-setting.ts';

/** Where a story is: `now` goes by itself, `later` waits for time to pass. */
export type RunPhase = 'now' | 'later' | 'done' | 'failed';

/** The event that brings about what is waited for. */
const TOLD_BY: Readonly<Record<string, string>> = {
  in_review: 'application.in_review',
  credit_granted: 'credit.granted',
  credit_declined: 'credit.declined',
  cancelled: 'application.cancelled',
};
const LOAN_TOLD_BY: Readonly<Record<string, string>> = {
  active: 'loan.disbursed',
  payout_failed: 'loan.payout_failed',
  declined: 'loan.declined',
  settled: 'loan.settled',
  overdue: 'loan.overdue',
  cancelled: 'loan.cancelled',
};

/** One applicant on the way through a story. */
export class StoryRun {
  readonly story: Story;
  readonly person: Person;
  readonly #setting: TrialSetting;
  /** Whether the sandbox clock is moved, so that nothing has to be left out. */
  readonly #hasClock: boolean;
  seen: SeenApplication;
  phase: RunPhase = 'now';
  /** What is wrong, once it failed. */
  finding: Finding | null = null;
  /** What was left out because it needs time; null = nothing. */
  untried: string | null = null;
  /** Whether what time brings was waited for, and came. */
  laterMet = false;
  #step = 0;
  #since = Date.now();
  #firstAmount: number | null = null;

  constructor(story: Story, person: Person, seen: SeenApplication, setting: TrialSetting, hasClock: boolean) {
    this.story = story;
    this.person = person;
    this.seen = seen;
    this.#setting = setting;
    this.#hasClock = hasClock;
  }

  /** Takes in how the application stands and goes on as far as it can. @returns whether it went on */
  async advance(seen: SeenApplication): Promise<boolean> {
    this.seen = seen;
    this.#firstAmount ??= seen.credit?.amount.amount ?? null;
    if (this.phase === 'later') return this.#lookLater();
    let moved = false;
    while (this.phase === 'now') {
      const step = this.story.steps[this.#step];
      if (step === undefined) {
        this.#endNow();
      } else if ('do' in step) {
        const finding = await perform(step.do, this.#setting, { key: this.story.key, person: this.person, seen });
        if (finding) this.#fail(finding);
        else this.#next();
        // What it changed is seen the next time.
        return true;
      } else if (!this.#wait(step.wait)) return moved;
      moved = true;
    }
    return moved;
  }

  /** Time is up: what has not come by now is missing. */
  endLater(): void {
    const { later } = this.story;
    if (this.phase !== 'later' || later === undefined) return;
    if (this.laterMet) this.phase = 'done';
    else
      this.#fail({
        found: `${describeState(this.seen)} in the end; expected: ${describeExpected(later)}`,
        fix: toldBy(later),
      });
  }

  /** @returns whether the wait is over, one way or the other */
  #wait(expected: Expected): boolean {
    const needed = this.#hasClock ? 0 : realMs(expected.after);
    const { waitMs } = this.#setting;
    if (needed > waitMs) {
      this.untried = `${describeExpected(expected)}: needs time, not tried`;
      this.phase = 'done';
      return true;
    }
    const comparison = compareState(expected, this.seen, this.#firstAmount);
    if (comparison.kind === 'met') {
      this.#next();
      return true;
    }
    if (comparison.kind === 'wrong') {
      const fix = this.seen.status === 'refused' ? REFUSED_FIX : toldBy(expected);
      this.#fail({ found: `${comparison.found}; expected: ${describeExpected(expected)}`, fix });
      return true;
    }
    const limitMs = waitMs + needed + (this.story.extraMs ?? 0);
    const waitedMs = Date.now() - this.#since;
    if (waitedMs <= limitMs) return false;
    const found = `${describeState(this.seen)} after ${Math.round(waitedMs / SECOND_MS)} s; expected: ${describeExpected(expected)}`;
    this.#fail({ found, fix: toldBy(expected) });
    return true;
  }

  #endNow(): void {
    const { later } = this.story;
    if (later === undefined) this.phase = 'done';
    else if (this.#hasClock) this.phase = 'later';
    else {
      this.untried = `${describeExpected(later)}: needs time, not tried`;
      this.phase = 'done';
    }
  }

  #lookLater(): boolean {
    const { later } = this.story;
    if (later === undefined || this.laterMet) return false;
    const comparison = compareState(later, this.seen, this.#firstAmount);
    if (comparison.kind === 'wrong') {
      this.#fail({ found: `${comparison.found}; expected: ${describeExpected(later)}`, fix: toldBy(later) });
    }
    this.laterMet = comparison.kind === 'met';
    return comparison.kind !== 'not_yet';
  }

  #next(): void {
    this.#step += 1;
    this.#since = Date.now();
  }

  #fail(finding: Finding): void {
    this.finding = finding;
    this.phase = 'failed';
  }
}

const REFUSED_FIX =
  'Refused before it reached the core: run with another --seed, or look at the reason in GET /admin/v1/applications/{id}.';

function realMs(needed: NeededTime | undefined): number {
  if (needed === undefined) return 0;
  return typeof needed === 'object' && 'minutes' in needed ? needed.minutes * 60 * SECOND_MS : Number.POSITIVE_INFINITY;
}

function toldBy({ application = [], loan = [], asks, raised }: Expected): string {
  const types = [
    ...application.flatMap((status) => TOLD_BY[status] ?? []),
    ...loan.flatMap((status) => LOAN_TOLD_BY[status] ?? []),
    ...(asks === undefined ? [] : ['action.required']),
    ...(raised === undefined ? [] : ['credit.updated']),
  ];
  return `Post ${[...new Set(types)].join(' or ')} to /lender/v1/events for this ending; see the rows about events.`;
}
